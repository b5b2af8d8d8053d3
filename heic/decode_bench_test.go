package heic_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
)

// BenchmarkDecode makes the pixels of the file of BenchmarkVerify, at several scales.
func BenchmarkDecode(b *testing.B) {
	var file []byte
	if name := os.Getenv("IMGVET_HEIC"); name != "" {
		var err error
		file, err = os.ReadFile(name)
		require.NoError(b, err)
	} else {
		file = gridOfLargeTiles(b, 512)
	}
	for _, scale := range []int{1, 4} {
		b.Run(fmt.Sprintf("1-%d", scale), func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				_, err := heic.DecodeReduced(b.Context(), file, heic.Limits{}, scale)
				require.NoError(b, err)
			}
		})
	}
}
