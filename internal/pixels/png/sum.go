package png

import (
	"encoding/binary"

	"github.com/imgvet/imgvet/internal/verify/png"
)

// adder returns the function that adds a row of p to the sums of squares of this scale, four sums
// a square, without an intermediate row. It returns nil for the layouts that are rare.
func adder(p *png.Picture) func(sums []uint32, src []byte, scale int) {
	switch {
	case p.Depth != 8:
		return nil
	case p.Colour == png.Truecolour && p.Transparency == nil:
		return addRGB
	case p.Colour == png.TruecolorAlpha:
		return addRGBA
	case p.Colour == png.Indexed:
		return addIndexed(p)
	}
	return nil
}

func addRGB(sums []uint32, p []byte, scale int) {
	for len(p) > 0 {
		square := p[:min(len(p), 3*scale)]
		p = p[len(square):]
		s := sums[:4:4]
		sums = sums[4:]
		a, b, c := s[0], s[1], s[2]
		for ; len(square) >= 3; square = square[3:] {
			a += uint32(square[0])
			b += uint32(square[1])
			c += uint32(square[2])
		}
		s[0], s[1], s[2] = a, b, c
	}
}

// lanes holds the four bytes of a pixel, or sums of them, in 16 bits each.
type lanes uint64

// maxLanes is how many pixels lanes can hold the sum of.
const maxLanes = 256

func spread(pixel uint32) lanes {
	const low = 0x00ff00ff
	return lanes(pixel&low) | lanes(pixel>>8&low)<<32
}

// addTo adds the sums to those of a square.
func (l lanes) addTo(s []uint32) {
	_ = s[3]
	s[0] += uint32(l & 0xffff)
	s[1] += uint32(l >> 32 & 0xffff)
	s[2] += uint32(l >> 16 & 0xffff)
	s[3] += uint32(l >> 48)
}

func addRGBA(sums []uint32, p []byte, scale int) {
	for len(p) >= 4 {
		square := p[:min(len(p), 4*scale)]
		p = p[len(square):]
		for len(square) >= 4 {
			part := square[:min(len(square), 4*maxLanes)]
			square = square[len(part):]
			var l lanes
			for ; len(part) >= 4; part = part[4:] {
				v := binary.LittleEndian.Uint32(part)
				if v < 0xff<<24 { // the row itself must stay, for the filter of the next one
					c := [4]byte(part)
					weight(c[:])
					v = binary.LittleEndian.Uint32(c[:])
				}
				l += spread(v)
			}
			l.addTo(sums)
		}
		sums = sums[4:]
	}
}

func addIndexed(p *png.Picture) func(sums []uint32, src []byte, scale int) {
	var colours [256]lanes
	for i, c := range weighted(p) {
		colours[i] = spread(binary.LittleEndian.Uint32(c[:]))
	}
	return func(sums []uint32, src []byte, scale int) {
		for len(src) > 0 {
			square := src[:min(len(src), scale)]
			src = src[len(square):]
			for len(square) > 0 {
				part := square[:min(len(square), maxLanes)]
				square = square[len(part):]
				var l lanes
				for _, i := range part {
					l += colours[i]
				}
				l.addTo(sums)
			}
			sums = sums[4:]
		}
	}
}
