package bmp_test

import (
	"context"
	"encoding/binary"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/pixels/bmp"
	"github.com/imgvet/imgvet/internal/pixels/box"
	"github.com/imgvet/imgvet/internal/pixels/box/boxtest"
)

// TestReduced holds that a small picture is made of means of the pixels of the full one.
func TestReduced(t *testing.T) {
	for name, b := range files(t) {
		full, err := bmp.Decode(t.Context(), b, 1)
		require.NoError(t, err, name)
		for _, scale := range []int{2, 3, 7, 16, 37, box.MaxScale} {
			got, err := bmp.Decode(t.Context(), b, scale)
			require.NoError(t, err, name)
			require.Equal(t, boxtest.Means(full, scale), got, "%s by %d", name, scale)
		}
	}
}

func TestScaleOutOfRange(t *testing.T) {
	for _, b := range files(t) {
		for _, scale := range []int{-1, 0, box.MaxScale + 1} {
			_, err := bmp.Decode(t.Context(), b, scale)
			require.Error(t, err)
		}
		return
	}
}

// file makes a BMP of that size and depth, its rows zero.
func file(w, h, bits int, data []byte, compression uint32) []byte {
	palette := 0
	if bits <= 8 {
		palette = 4 << bits
	}
	b := make([]byte, 54+palette, 54+palette+len(data))
	copy(b, "BM")
	le := binary.LittleEndian
	le.PutUint32(b[10:], uint32(len(b)))
	le.PutUint32(b[14:], 40)
	le.PutUint32(b[18:], uint32(w))
	le.PutUint32(b[22:], uint32(h))
	le.PutUint16(b[26:], 1)
	le.PutUint16(b[28:], uint16(bits))
	le.PutUint32(b[30:], compression)
	return append(b, data...)
}

// TestReducedTakesLittleMemory: what a small picture of many megapixels takes does not
// grow with them, whether the pixels are there, coded, or all in one row.
func TestReducedTakesLittleMemory(t *testing.T) {
	for name, c := range map[string]struct {
		b     []byte
		scale int
	}{
		"48 MP, a bit each":    {file(8000, 6000, 1, make([]byte, 1000*6000), 0), 16},
		"24 bits":              {file(2000, 1500, 24, make([]byte, 6000*1500), 0), 4},
		"200 MP of run-length": {file(20000, 10000, 8, []byte{0, 1}, 1), 40},
		"one row":              {file(65535, 1, 24, make([]byte, 3*65536), 0), box.MaxScale},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		img, err := bmp.Decode(t.Context(), c.b, c.scale)
		runtime.ReadMemStats(&after)
		require.NoError(t, err, name)
		size := img.Bounds().Size()
		// Four bytes a pixel, sixteen for those of a row, the palette and a line.
		limit := 4*size.X*size.Y + 16*size.X + 64<<10
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(limit), "%s: %v", name, size)
	}
}

func TestDoneContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, b := range files(t) {
		for _, scale := range []int{1, 2} {
			_, err := bmp.Decode(ctx, b, scale)
			require.ErrorIs(t, err, context.Canceled, name)
		}
	}
}
