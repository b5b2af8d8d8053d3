package hevc

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkPicture verifies the vectors, and the file that IMGVET_HEIC names.
func BenchmarkPicture(b *testing.B) {
	list := vectors(b)
	if name := os.Getenv("IMGVET_HEIC"); name != "" {
		file, err := os.ReadFile(name)
		require.NoError(b, err)
		items, err := codedItems(file)
		require.NoError(b, err)
		for _, it := range items {
			list = append(list, vector{filepath.Base(name), it})
		}
	}
	for _, v := range list {
		b.Run(v.name, func(b *testing.B) {
			sets, err := ParseParameterSets(slices.Values(v.sets))
			require.NoError(b, err)
			b.SetBytes(int64(total(v.units)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := sets.Picture(context.Background(), slices.Values(v.units), anySize); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
