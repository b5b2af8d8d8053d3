package bmp_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/bmp"
	"github.com/imgvet/imgvet/internal/verify/bmp/bmptest"
)

// TestPaletteIndex removes the last colours from palettes: the warning must point at the first
// pixel that used one.
func TestPaletteIndex(t *testing.T) {
	check := func(name string, f bmptest.File, full, left int) {
		t.Helper()
		f.Indexed(full)
		whole := len(f.Pixels)
		if f.Compression != 0 {
			f.RunLengths(full)
		}
		f.Palette, f.ClrUsed = f.Palette[:left], uint32(left)
		b := f.Bytes()
		info, err := bmp.Verify(b, limits)
		require.NoError(t, err, name)
		x, y, found := firstOutside(f, full, left)
		if !found {
			require.Empty(t, info.Warnings, name)
			return
		}
		require.Len(t, info.Warnings, 1, name)
		w := info.Warnings[0]
		require.Equal(t, verify.PaletteIndex, w.Reason, name)
		if f.Compression == 0 {
			pixels := len(b) - whole
			require.Equal(t, int64(pixels+y*(whole/f.Height)+x*f.Bits/8), w.Offset, name)
			return
		}
		v := int(b[w.Offset])
		require.True(t, v>>(8-f.Bits) >= left || v&(1<<f.Bits-1) >= left, "%s: byte %#x", name, v)
	}
	for _, bits := range []int{1, 2, 4, 8} {
		for left := 1; left <= 1<<bits; left += 1 + left/20 {
			for width := 9; width <= 17; width++ {
				f := bmptest.File{HeaderSize: 40, Width: width, Height: 11, Bits: bits}
				check(fmt.Sprintf("%d bits, %d colours, %d wide", bits, left, width), f, 1<<bits, left)
				if bits >= 4 {
					f.Compression = uint32(3 - bits/4)
					check(fmt.Sprintf("rle%d, %d colours, %d wide", bits, left, width), f, 1<<bits, left)
				}
			}
		}
	}
}

// firstOutside finds the first pixel of f, in the order of the file, that is past
// the palette of left colours.
func firstOutside(f bmptest.File, full, left int) (x, row int, found bool) {
	for row := range f.Height {
		for x := range f.Width {
			if int(bmptest.Index(x, f.Height-1-row, full)) >= left {
				return x, row, true
			}
		}
	}
	return 0, 0, false
}

// TestPaletteIndexPadding: the bits after the last pixel of a row are not indices.
func TestPaletteIndexPadding(t *testing.T) {
	for _, bits := range []int{1, 2, 4} {
		f := bmptest.File{HeaderSize: 40, Width: 8/bits + 1, Height: 2, Bits: bits, ClrUsed: 1}
		f.Indexed(1)
		for i := range f.Pixels {
			if i%4 == 1 {
				f.Pixels[i] = 1<<(8-bits) - 1
			}
			if i%4 > 1 {
				f.Pixels[i] = 0xff
			}
		}
		info, err := bmp.Verify(f.Bytes(), limits)
		require.NoError(t, err)
		require.Empty(t, info.Warnings)
		f.Pixels[1] |= 0x80
		info, err = bmp.Verify(f.Bytes(), limits)
		require.NoError(t, err)
		require.Len(t, info.Warnings, 1)
	}
}
