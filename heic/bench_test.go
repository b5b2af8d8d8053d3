package heic_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
)

// BenchmarkVerify verifies a grid of 24 tiles of 512x512 pixels, which is how
// phones store 6 megapixels, or the file that IMGVET_HEIC names, with some tiles
// at a time.
func BenchmarkVerify(b *testing.B) {
	var file []byte
	if name := os.Getenv("IMGVET_HEIC"); name != "" {
		var err error
		file, err = os.ReadFile(name)
		require.NoError(b, err)
	} else {
		file = gridOfLargeTiles(b, 512)
	}
	for _, n := range []int{1, 2, -2, 4} {
		b.Run(fmt.Sprintf("%d-at-a-time", n), func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				_, err := heic.Verify(file, heic.Limits{Parallel: n})
				require.NoError(b, err)
			}
		})
	}
}

// gridOfLargeTiles is a grid of 4x6 tiles that heif-enc made of one picture.
func gridOfLargeTiles(tb testing.TB, side int) []byte {
	return gridOfTiles(heifEnc(tb, noise(side, side), "-q", "30"), 4, 6, side)
}

// gridOfTiles is a grid of copies of a picture that heif-enc made.
func gridOfTiles(b []byte, rows, cols, side int) []byte {
	conf := bytes.Index(b, []byte("hvcC")) - 4
	g := gridOf(byte(rows), byte(cols), uint64(cols*side), uint64(rows*side))
	g.props[0] = b[conf : conf+int(binary.BigEndian.Uint32(b[conf:]))]
	g.props[1] = ispe(uint64(side), uint64(side))
	for i := range rows * cols {
		g.items[i].data = b[bytes.Index(b, []byte("mdat"))+4:] // which holds nothing else
	}
	return g.bytes()
}
