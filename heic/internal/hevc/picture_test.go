package hevc

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/stretchr/testify/require"
)

var anySize = verify.Limits{MaxPixels: 1 << 32}

// verifyItem is what the container does with an item.
func verifyItem(it codedItem) (Picture, error) {
	sets, err := ParseParameterSets(slices.Values(it.sets))
	if err != nil {
		return Picture{}, err
	}
	return sets.Picture(slices.Values(it.units), anySize)
}

func TestRealFiles(t *testing.T) {
	for _, name := range []string{
		"jdeng/goheif@*/testdata/camel.heic",
		"gen2brain/heic@*/testdata/test.heic",
		"gen2brain/heic@*/testdata/test8.heic",
		"gen2brain/heic@*/testdata/test12.heic",
		"gen2brain/heic@*/testdata/gray.heic",
	} {
		t.Run(name, func(t *testing.T) {
			items, err := codedItems(moduleFile(t, name))
			require.NoError(t, err)
			require.NotEmpty(t, items)
			for i, it := range items {
				_, err := verifyItem(it)
				require.NoError(t, err, "item %d of %d", i, len(items))
			}
		})
	}
}

// TestFiles verifies the HEIC files of a folder, for runs over many that are not
// kept here.
func TestFiles(t *testing.T) {
	dir := os.Getenv("IMGVET_HEIC_DIR")
	if dir == "" {
		t.Skip("SKIPPED: IMGVET_HEIC_DIR names no folder")
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.heic"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		items, err := codedItems(b)
		require.NoError(t, err, name)
		for i, it := range items {
			if _, err := verifyItem(it); err != nil {
				t.Errorf("%s: item %d of %d: %v", filepath.Base(name), i, len(items), err)
			}
		}
	}
	t.Logf("%d files", len(names))
}
