package dib

import "github.com/imgvet/imgvet/internal/verify"

// Escapes of the run-length codes: the byte after a zero.
const (
	EndOfLine   = 0
	EndOfBitmap = 1
	Delta       = 2 // two bytes follow: pixels to the right, rows on
	// 3 to 255: that many pixels follow as they are, padded to 16 bits
)

// AbsoluteSize returns how many bytes n literal pixels take.
func (h *Header) AbsoluteSize(n int) int {
	if h.Compression == RLE4 {
		n = (n + 1) / 2
	}
	return (n + 1) &^ 1
}

// WalkRLE walks the run-length codes to their end of bitmap, as they arrive. It returns the offset
// after it, and whether pixels were left out. Each code takes two bytes of the file, and the same time
// however many pixels it paints.
//
// It accepts what Chromium and Firefox both show. A run may pass the end of its row, and is cut
// there (a warning); literal pixels and deltas may not. After the last row the end of bitmap
// must follow. Rows and the bitmap may end early: the pixels left out are transparent, or have
// the palette's first colour.
func (h *Header) WalkRLE(in *verify.Input, info *verify.Info) (end int64, holes bool, err error) {
	var (
		b             = in.Bytes()
		x, y          int
		width, height = h.Width, h.Height
		long          = -1 // first run past the end of its row
		i             = h.Data
		indices       = h.rleIndices()
	)
	for {
		if len(b)-i < 2 {
			in.Reach(i + 2)
			b = in.Bytes()
		}
		if len(b)-i < 2 && h.Lenient && !holes && (y >= height || y == height-1 && x == width) {
			// No pixel is missing. Chromium shows it.
			info.Warn(verify.MissingEnd, int64(len(b)), "no end of bitmap")
			return int64(len(b)), false, nil
		}
		if len(b)-i < 2 {
			return 0, false, verify.Faultf(verify.Truncated, len(b), "no end of bitmap")
		}
		n, code := int(b[i]), int(b[i+1])
		if y >= height && (n != 0 || code != EndOfBitmap) {
			return 0, false, verify.Faultf(verify.Malformed, i, "run-length codes after the last row")
		}
		if n != 0 {
			indices.run(i+1, n, b[i+1])
			if x += n; x > width {
				if long < 0 {
					long = i
				}
				x = width
			}
			i += 2
			continue
		}
		switch code {
		case EndOfLine:
			holes = holes || x < width
			x, y = 0, y+1
		case EndOfBitmap:
			if y < height-1 || y == height-1 && x < width {
				holes = true
			}
			if indices.bad >= 0 {
				info.Warn(verify.PaletteIndex, int64(indices.bad), indexWarning)
			}
			if long >= 0 {
				info.Warn(verify.SizeDisagrees, int64(long), "a run passes the end of its row")
			}
			if holes {
				info.Warn(verify.SizeDisagrees, int64(h.Data), "the run-length codes leave pixels out")
			}
			return int64(i + 2), holes, nil
		case Delta:
			if len(b)-i < 4 {
				in.Reach(i + 4)
				b = in.Bytes()
			}
			if len(b)-i < 4 {
				return 0, false, verify.Faultf(verify.Truncated, len(b), "cut in a delta")
			}
			dx, dy := int(b[i+2]), int(b[i+3])
			if x += dx; x > width || y+dy >= height {
				return 0, false, verify.Faultf(verify.Malformed, i, "delta out of the picture")
			}
			y += dy
			holes = holes || dx|dy != 0
			i += 2
		default:
			if x += code; x > width {
				return 0, false, verify.Faultf(verify.Malformed, i, "literal pixels past the end of the row")
			}
			size := h.AbsoluteSize(code)
			if len(b)-i-2 < size {
				in.Reach(i + 2 + size)
				b = in.Bytes()
			}
			if len(b)-i-2 < size {
				return 0, false, verify.Faultf(verify.Truncated, len(b), "literal pixels: %d bytes needed, %d left", size, len(b)-i-2)
			}
			indices.literal(i+2, code, b[i+2:i+2+size])
			i += size
		}
		i += 2
	}
}
