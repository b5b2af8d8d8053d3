package png_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/pixels/png"
	"github.com/imgvet/imgvet/internal/testenv"
)

// blank makes a file of zeros.
func blank(t *testing.T, w, h int, depth, colour, interlace byte, bits int) []byte {
	file := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(name string, data []byte) {
		file = binary.BigEndian.AppendUint32(file, uint32(len(data)))
		from := len(file)
		file = append(append(file, name...), data...)
		file = binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(file[from:]))
	}
	header := binary.BigEndian.AppendUint32(nil, uint32(w))
	header = binary.BigEndian.AppendUint32(header, uint32(h))
	chunk("IHDR", append(header, depth, colour, 0, 0, interlace))
	if colour == 3 {
		chunk("PLTE", make([]byte, 3*256))
	}
	var data bytes.Buffer
	z := zlib.NewWriter(&data)
	rows := func(w, h int) {
		row := make([]byte, 1+(w*bits+7)/8)
		for range h {
			_, err := z.Write(row)
			require.NoError(t, err)
		}
	}
	if interlace == 0 {
		rows(w, h)
	} else { // w and h are multiples of 8
		for _, by := range [7][2]int{{8, 8}, {8, 8}, {4, 8}, {4, 4}, {2, 4}, {2, 2}, {1, 2}} {
			rows(w/by[0], h/by[1])
		}
	}
	require.NoError(t, z.Close())
	chunk("IDAT", data.Bytes())
	chunk("IEND", nil)
	return file
}

// TestReducedTakesLittleMemory: what a face check asks for of 12 megapixels takes less than
// 8 MB, garbage included, whatever the layout.
func TestReducedTakesLittleMemory(t *testing.T) {
	testenv.OneGoroutine(t)
	const w, h, scale = 4000, 3000, 5 // a longer side of 800, at least 768
	for _, c := range []struct {
		name                     string
		depth, colour, interlace byte
		bits                     int
	}{
		{"gray", 8, 0, 0, 8}, {"RGB", 8, 2, 0, 24}, {"RGBA", 8, 6, 0, 32}, {"palette", 8, 3, 0, 8},
		{"16 bits", 16, 2, 0, 48}, {"interlaced", 8, 2, 1, 24}, {"interlaced, 16 bits", 16, 6, 1, 64},
	} {
		b := blank(t, w, h, c.depth, c.colour, c.interlace, c.bits)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		img, err := png.Decode(t.Context(), b, scale)
		runtime.ReadMemStats(&after)
		require.NoError(t, err, c.name)
		require.Equal(t, w/scale, img.Bounds().Dx(), c.name)
		n := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s: %d KiB", c.name, n>>10)
		require.Less(t, n, uint64(8_000_000), c.name)
	}
}
