package recon

// references are the neighbouring samples that a block is predicted from: p[-1][y]
// and p[x][-1] of 8.4.4.2, with p[-1][-1] at index 0 of both.
type references struct {
	left, above         [2*32 + 1]uint16
	softLeft, softAbove [2*32 + 1]uint16 // filtered
	line                [3*32 + 1]uint16 // ref of 8.4.4.2.6
	turned              [32 * 32]uint16
}

const (
	modePlanar     = 0
	modeDC         = 1
	modeHorizontal = 10
	modeVertical   = 26
)

// zOrder is the place of 4x4 luma samples in the order of coding (6.5.2), in a CTB,
// by row and column.
var zOrder = makeZOrder()

func makeZOrder() (t [16][16]uint8) {
	for y := range 16 {
		for x := range 16 {
			z := 0
			for b := range 4 {
				z |= x>>b&1<<(2*b) | y>>b&1<<(2*b+1)
			}
			t[y][x] = uint8(z)
		}
	}
	return t
}

// gather fills left and above for the block of n by n samples at x, y of component
// c: 8.4.4.2.2.
func (p *Picture) gather(c, x, y, n int) {
	l := &p.planes[c]
	xl, yl := x<<l.subX, y<<l.subY
	mask := p.side - 1
	ux, uy := xl&mask>>2, yl&mask>>2
	atLeft, atTop := ux == 0, uy == 0
	hasLeft, hasUp := !atLeft || p.around.Left, !atTop || p.around.Up
	corner := true
	switch {
	case atLeft && atTop:
		corner = p.around.UpLeft
	case atLeft:
		corner = p.around.Left
	case atTop:
		corner = p.around.Up
	}
	z := zOrder[uy&15][ux&15]
	right, below := 0, 0 // samples that are there above the right, and below the left
	if free := l.w - x - n; free > 0 {
		ur := ux + n<<l.subX>>2
		inCTB := ur < p.side>>2
		if atTop && (inCTB && p.around.Up || !inCTB && p.around.UpRight) ||
			!atTop && inCTB && zOrder[(uy-1)&15][ur&15] < z {
			right = min(n, free)
		}
	}
	if free := l.h - y - n; free > 0 {
		ub := uy + n<<l.subY>>2
		if ub < p.side>>2 && (atLeft && p.around.Left || !atLeft && zOrder[ub&15][(ux-1)&15] < z) {
			below = min(n, free)
		}
	}
	p.copyReferences(c, x, y, n, atTop, hasLeft, hasUp, corner, right, below)
	if !(hasLeft && hasUp && corner && right == n && below == n) {
		p.substitute(l.depth, n, hasLeft, hasUp, corner, right, below)
	}
}

// copyReferences copies the samples that are there.
func (p *Picture) copyReferences(c, x, y, n int, atTop, hasLeft, hasUp, corner bool, right, below int) {
	l := &p.planes[c]
	base := p.lineAt(l, y) + x
	// The row above the CTB may have been filtered: take the copy.
	var above []uint16 // from x-1 on
	switch {
	case !hasUp && !corner && right == 0:
	case atTop:
		above = l.bottom[(y>>(l.log2H&7)-1)&1][max(x-1, 0):]
	default:
		above = l.pix[base-l.stride-min(x, 1):]
	}
	if corner {
		p.above[0] = above0(above, l, base, x, atTop)
		p.left[0] = p.above[0]
	}
	if x > 0 && above != nil {
		above = above[1:]
	}
	if hasUp {
		copy(p.above[1:n+1], above[:n])
	}
	if right > 0 {
		copy(p.above[n+1:n+1+right], above[n:n+right])
	}
	if hasLeft {
		col := l.pix[base-1:]
		left := p.left[1 : 1+n+below]
		for i := range left {
			left[i] = col[i*l.stride]
		}
	}
}

// above0 returns p[-1][-1].
func above0(above []uint16, l *plane, base, x int, atTop bool) uint16 {
	if above != nil {
		return above[0]
	}
	return l.pix[base-l.stride-1]
}

// substitute is the substitution process (8.4.4.2.2): what is not there takes the
// value of what comes before it, from below on the left to the right above.
func (p *Picture) substitute(depth, n int, hasLeft, hasUp, corner bool, right, below int) {
	fill := func(s []uint16, v uint16) {
		for i := range s {
			s[i] = v
		}
	}
	var first uint16 // the first that is there
	switch {
	case below > 0:
		first = p.left[n+below]
	case hasLeft:
		first = p.left[n]
	case corner:
		first = p.left[0]
	case hasUp:
		first = p.above[1]
	case right > 0:
		first = p.above[n+1]
	default:
		first = 1 << (depth - 1)
	}
	fill(p.left[n+1+below:2*n+1], first)
	if !hasLeft {
		fill(p.left[1:n+1], first)
	}
	if !corner {
		p.left[0] = p.left[1]
		p.above[0] = p.left[1]
	}
	if !hasUp {
		fill(p.above[1:n+1], p.above[0])
	}
	fill(p.above[n+1+right:2*n+1], p.above[n+right])
}

// soften is the filtering process of neighbouring samples (8.4.4.2.3) for a block
// of n by n samples.
func (p *Picture) soften(n int, strong bool) {
	left, above := p.left[:2*n+1], p.above[:2*n+1]
	softLeft, softAbove := p.softLeft[:2*n+1], p.softAbove[:2*n+1]
	last := 2 * n
	if strong {
		from, toLeft, toAbove := int(left[0]), int(left[last]), int(above[last])
		for i := range softLeft {
			softLeft[i] = uint16(((64-i)*from + i*toLeft + 32) >> 6)
			softAbove[i] = uint16(((64-i)*from + i*toAbove + 32) >> 6)
		}
		return
	}
	softLeft[0] = uint16((int(left[1]) + 2*int(left[0]) + int(above[1]) + 2) >> 2)
	softAbove[0] = softLeft[0]
	smooth(softLeft, left)
	smooth(softAbove, above)
}

// smooth filters all but the first and the last sample.
func smooth(dst, src []uint16) {
	dst = dst[:len(src)]
	a, b := int(src[0]), int(src[1])
	for i := 2; i < len(src); i++ {
		c := int(src[i])
		dst[i-1] = uint16((a + 2*b + c + 2) >> 2)
		a, b = b, c
	}
	dst[len(src)-1] = uint16(b)
}
