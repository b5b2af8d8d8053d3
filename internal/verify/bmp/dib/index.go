package dib

import "github.com/imgvet/imgvet/internal/verify"

// indexWarning is given once a picture. Browsers show such pixels black; [MS-WMF] 2.2.2.9 leaves
// them undefined.
const indexWarning = "a pixel numbers a colour that the palette lacks"

// CheckIndices warns of the first pixel whose index is past the palette's end. It looks at
// pixels only if the palette is shorter than the bits allow. It skips run-length codes: WalkRLE
// checks those.
func (h *Header) CheckIndices(in *verify.Input, info *verify.Info) {
	colours := h.colours()
	if h.IsRLE() || colours >= 1<<h.Bits || h.Bits > 8 {
		return
	}
	if !in.Spend(h.RowSize*int64(h.Height), verify.WeightBMP, h.Data) {
		return
	}
	perByte := 8 / h.Bits
	inside, last := h.goodBytes(colours, perByte), h.goodBytes(colours, (h.Width-1)%perByte+1)
	size := (h.Width-1)/perByte + 1 // bytes of a row that hold pixels
	for y := range h.Height {
		at := h.Data + y*int(h.RowSize)
		if !in.Reach(at + size) {
			return
		}
		row := in.Bytes()[at : at+size]
		for i, v := range row[:size-1] {
			if !inside[v] {
				info.Warn(verify.PaletteIndex, int64(at+i), indexWarning)
				return
			}
		}
		if !last[row[size-1]] {
			info.Warn(verify.PaletteIndex, int64(at+size-1), indexWarning)
			return
		}
	}
}

// colours returns how many colours the palette has, 0 if there is none.
func (h *Header) colours() int {
	if h.Palette == nil {
		return 0
	}
	return len(h.Palette) / h.PaletteStep
}

// goodBytes reports for each byte value whether its first n pixels are valid palette indices.
// The first pixel is in the highest bits.
func (h *Header) goodBytes(colours, n int) (good [256]bool) {
	for v := range good {
		good[v] = true
		for i := range n {
			if v>>(8-h.Bits*(i+1))&(1<<h.Bits-1) >= colours {
				good[v] = false
			}
		}
	}
	return good
}

// rleIndices checks the palette indices of pixels that run-length codes paint.
type rleIndices struct {
	colours, bits int
	bad           int // offset of the first index past the palette, -1 if there is none
}

func (h *Header) rleIndices() rleIndices {
	return rleIndices{colours: h.colours(), bits: h.Bits, bad: -1}
}

// run checks byte v, at offset at, which is repeated for n pixels. In RLE4 a run of one pixel
// paints only the high half.
func (r *rleIndices) run(at, n int, v byte) {
	if r.bad >= 0 || r.colours >= 1<<r.bits {
		return
	}
	r.look(at, min(n, 8/r.bits), v)
}

// literal checks n pixels of b, which is at offset at.
func (r *rleIndices) literal(at, n int, b []byte) {
	if r.bad >= 0 || r.colours >= 1<<r.bits {
		return
	}
	perByte := 8 / r.bits
	for i := 0; n > 0; i, n = i+1, n-perByte {
		r.look(at+i, min(n, perByte), b[i])
	}
}

func (r *rleIndices) look(at, n int, v byte) {
	high, low := int(v)>>(8-r.bits), int(v)&(1<<r.bits-1)
	if r.bad < 0 && (high >= r.colours || n > 1 && low >= r.colours) {
		r.bad = at
	}
}
