package imgvet_test

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/imgvet/imgvet"

// The layers, bottom first. A package may import what stands above it in this
// list, and nothing below: "nothing points back up".
var layers = [][]string{
	{"internal/verify", "internal/exif", "internal/form", "internal/testenv", "internal/cputime"},
	{"internal/cursor"},
	{"detect", "internal/verify/", "heic/internal/"},
	{"heic", "internal/pixels"},
	{"validate"},
	{"face", "fuzz", "middleware", "web"},
	{"cmd/", "bench"},
}

// layer returns the height of a package of ours, -1 if it stands in no layer.
func layer(path string) int {
	rel := strings.TrimPrefix(path, module+"/")
	best, at := -1, -1
	for i, names := range layers {
		for _, name := range names {
			inside := rel == name || strings.HasSuffix(name, "/") && strings.HasPrefix(rel, name) || strings.HasPrefix(rel, name+"/")
			if inside && len(name) > best {
				best, at = len(name), i
			}
		}
	}
	return at
}

// TestImports holds the architecture: the order of the layers, net/http only
// where requests are handled, and cgo's decoder only in heic.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	require.NoError(t, err)
	mayServe := []string{"middleware", "fuzz", "cmd", "bench"}
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&pkg); err == io.EOF {
			break
		} else {
			require.NoError(t, err)
		}
		if pkg.ImportPath == module {
			require.Empty(t, pkg.Imports, "the signpost imports nothing")
			continue
		}
		seen++
		from := layer(pkg.ImportPath)
		require.GreaterOrEqual(t, from, 0, "%s stands in no layer: add it to the list", pkg.ImportPath)
		top, _, _ := strings.Cut(strings.TrimPrefix(pkg.ImportPath, module+"/"), "/")
		for _, imp := range pkg.Imports {
			if imp == "net/http" {
				require.True(t, slices.Contains(mayServe, top), "%s imports net/http", pkg.ImportPath)
			}
			if strings.HasPrefix(imp, "github.com/jdeng/goheif") {
				require.Contains(t, []string{"heic", "bench"}, top, "%s imports goheif", pkg.ImportPath)
			}
			if strings.HasPrefix(imp, module+"/") {
				require.LessOrEqual(t, layer(imp), from, "%s imports %s, which is above it", pkg.ImportPath, imp)
			}
		}
	}
	require.Greater(t, seen, 8, "go list saw the packages")
}
