package heic_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// good is a whole HEIC file.
type good struct {
	name string
	b    []byte
}

// builtFiles are good files made in code: each way a container can hold a picture.
func builtFiles() []good {
	cutUp := single()
	cutUp.items[0].extents = 3
	wide := gridOf(2, 3, 190, 128)
	wide.wideLoc = true
	return []good{
		{"single", single().bytes()},
		{"three extents", cutUp.bytes()},
		{"grid", gridOf(2, 3, 190, 128).bytes()},
		{"grid, iloc version 2", wide.bytes()},
		{"overlay", overlayOf(80, 120).bytes()},
		{"identity", identityOf(irot(1)).bytes()},
		{"clap", single(clap(50, 1, 40, 1, 0, 1, 0, 1)).bytes()},
		{"item built of an item", builtOfItem().bytes()},
		{"thumbnail and Exif", withThumbnail().bytes()},
		{"sequence", newMovie().bytes()},
	}
}

// builtOfItem takes its bytes out of another item (construction method 2).
func builtOfItem() *heif {
	h := single()
	h.items[0].extents = 2
	h.items = append(h.items, heifItem{typ: "hvc1", props: []byte{0x81, 2}, built: len(h.items[0].data)})
	h.primary = 2
	h.ref("iloc", 2, 1)
	return h
}

func withThumbnail() *heif {
	h := gridOf(1, 2, 128, 64)
	h.items = append(h.items,
		heifItem{typ: "hvc1", data: unhex(tileStream), props: []byte{0x81, 2}},
		heifItem{typ: "Exif", data: cat(be(4, 0), []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x00"))})
	h.ref("thmb", 4, 3)
	h.ref("cdsc", 5, 3)
	return h
}

// goodFiles are all good files at hand: made in code, in testdata, and that of
// goheif's tests, if its module is there.
func goodFiles(t testing.TB) []good {
	t.Helper()
	files := builtFiles()
	for _, pattern := range []string{
		filepath.Join("..", "testdata", "good", "heic", "*.heic"),
		filepath.Join(moduleDir(t, "github.com/jdeng/goheif"), "testdata", "*.heic"),
	} {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range names {
			b, err := os.ReadFile(name)
			require.NoError(t, err)
			files = append(files, good{filepath.Base(name), b})
		}
	}
	return files
}

// moduleDir returns the directory of a module that go.mod names.
func moduleDir(t testing.TB, module string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Logf("no sources of %s: %v", module, err)
		return "missing"
	}
	return strings.TrimSpace(string(out))
}
