package main

import (
	"context"
	"encoding/hex"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/validate"
)

// TestSet checks that the list is whole: each picture once, of a package that is
// fetched, in a category of the tables, with faces where that has some.
func TestSet(t *testing.T) {
	set, err := readSet()
	require.NoError(t, err)
	seen := map[string]string{}
	counts := map[bool]int{}
	for _, p := range set {
		sum, err := hex.DecodeString(p.sum)
		require.NoError(t, err)
		require.Len(t, sum, 32)
		require.Contains(t, []string{"first", "second"}, p.set, p.name())
		require.True(t, filepath.IsLocal(filepath.FromSlash(p.path)), p.name())
		require.Empty(t, seen[p.sum], "%s is there twice", p.name())
		seen[p.sum] = p.name()
		in := 0
		for _, g := range append(append([]group{}, withFaces...), without...) {
			if g.has(result{picture: p}) {
				in++
			}
		}
		require.Equal(t, 1, in, "%s is of category %s", p.name(), p.category)
		require.Equal(t, p.faces > 0, !strings.Contains("none animal drawing", p.category), p.name())
		counts[p.faces > 0]++
	}
	require.GreaterOrEqual(t, counts[true], 400)
	require.GreaterOrEqual(t, counts[false], counts[true])
}

// TestReadRefusesAnotherFile checks that only the file that was labelled is measured.
func TestReadRefusesAnotherFile(t *testing.T) {
	dir := t.TempDir()
	p := picture{pack: "p", path: "a.png", sum: strings.Repeat("00", 32)}
	_, err := p.read(dir)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "p"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "p", "a.png"), []byte("other"), 0o644))
	_, err = p.read(dir)
	require.ErrorContains(t, err, "not the file that was labelled")
}

// TestVariants checks that each variant is made, and differs from the portrait.
func TestVariants(t *testing.T) {
	src := image.NewRGBA(image.Rect(0, 0, 160, 120))
	for i := range src.Pix {
		src.Pix[i] = byte(i*7 + i/640)
	}
	src = toRGBA(src)
	f := &validate.Face{
		Bounds:    image.Rect(40, 20, 120, 100),
		Landmarks: []image.Point{{60, 45}, {100, 45}, {80, 60}, {80, 80}, {45, 50}, {115, 50}},
	}
	scene := image.NewGray(image.Rect(0, 0, 400, 300))
	before := append([]byte(nil), src.Pix...)
	for _, v := range variants {
		out := v.make(src, f, scene)
		require.NotNil(t, out, v.name)
		require.NotEqual(t, before, out.Pix, v.name)
		require.Equal(t, before, src.Pix, "%s changed the portrait", v.name)
	}
	require.Nil(t, masked(src, nil, nil), "no face to cover")
}

// TestDecode checks that the pixels are those that the face hook gets.
func TestDecode(t *testing.T) {
	b, err := os.ReadFile("../testdata/reference/mona-lisa.png")
	require.NoError(t, err)
	img, err := decode(context.Background(), b)
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 192, 192), img.Bounds())
	_, err = decode(context.Background(), b[:1000])
	require.Error(t, err)
}
