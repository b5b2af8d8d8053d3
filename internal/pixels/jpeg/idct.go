package jpeg

// Constants of the inverse transform, with 13 fraction bits. C. Loeffler, A. Ligtenberg, G.
// Moschytz, "Practical Fast 1-D DCT Algorithms with 11 Multiplications", ICASSP 1989, figure 1,
// in the form with shared rotations.
const (
	fixBits = 13
	// Values between the two passes have midBits fraction bits.
	midBits = 2

	fix0298 = 2446  // sqrt(2) * (-cos1 + cos3 + cos5 - cos7), where cosK is cos(K*pi/16)
	fix0390 = 3196  // sqrt(2) * (cos3 - cos5)
	fix0541 = 4433  // sqrt(2) * cos6
	fix0765 = 6270  // sqrt(2) * (cos2 - cos6)
	fix0899 = 7373  // sqrt(2) * (cos3 - cos7)
	fix1175 = 9633  // sqrt(2) * cos3
	fix1306 = 10703 // sqrt(2) * cos2
	fix1501 = 12299 // sqrt(2) * (cos1 + cos3 - cos5 - cos7)
	fix1847 = 15137 // sqrt(2) * (cos2 + cos6)
	fix1961 = 16069 // sqrt(2) * (cos3 + cos5)
	fix2053 = 16819 // sqrt(2) * (cos1 + cos3 - cos5 + cos7)
	fix2562 = 20995 // sqrt(2) * (cos1 + cos3)
	fix3072 = 25172 // sqrt(2) * (cos1 + cos3 + cos5 - cos7)
)

// put writes the samples of a reduced block to p at x, y. If flat is set, only the block's first
// coefficient is nonzero.
func (d *decoder) put(p *plane, x, y int, b *block, flat bool) {
	at := y*d.side*p.stride + x*d.side
	dst := p.pix[at : at+(d.side-1)*p.stride+d.side]
	if flat || d.side == 1 {
		v := sample(int64(b[0]), 3+d.shift)
		for y := range d.side {
			row := dst[y*p.stride:][:d.side]
			for x := range row {
				row[x] = v
			}
		}
		return
	}
	switch d.side {
	case 8:
		idct8(b, dst, p.stride, d.shift)
	case 4:
		idct4(b, dst, p.stride, d.shift)
	case 2:
		idct2(b, dst, p.stride, d.shift)
	}
}

// sample returns v, which has shift fraction bits, as a sample: rounded, moved up by half of the
// range, and clamped.
func sample(v int64, shift uint) byte {
	v = (v+1<<(shift-1))>>shift + 128
	if uint64(v) > 255 {
		return byte(^v >> 63) // 0 if v is negative, else 255
	}
	return byte(v)
}

// idct2 is the transform of 2x2 points.
func idct2(b *block, dst []byte, stride int, shift uint) {
	b0, b1, b2, b3 := int64(b[0]), int64(b[1]), int64(b[2]), int64(b[3])
	shift += 3
	dst[0], dst[1] = sample(b0+b1+b2+b3, shift), sample(b0-b1+b2-b3, shift)
	dst = dst[stride:]
	dst[0], dst[1] = sample(b0+b1-b2-b3, shift), sample(b0-b1-b2+b3, shift)
}

// dct4 is the inverse transform of four points, times two, with fixBits more fraction bits.
func dct4(x0, x1, x2, x3 int64) (y0, y1, y2, y3 int64) {
	e0, e1 := (x0+x2)<<fixBits, (x0-x2)<<fixBits
	o0, o1 := x1*fix1306+x3*fix0541, x1*fix0541-x3*fix1306
	return e0 + o0, e1 + o1, e1 - o1, e0 - o0
}

// idct4 is the transform of 4x4 points.
func idct4(b *block, dst []byte, stride int, shift uint) {
	const down, half = fixBits - midBits, 1 << (fixBits - midBits - 1)
	var mid [16]int64
	for i := range 4 {
		y0, y1, y2, y3 := dct4(int64(b[i]), int64(b[4+i]), int64(b[8+i]), int64(b[12+i]))
		mid[i], mid[4+i], mid[8+i], mid[12+i] = (y0+half)>>down, (y1+half)>>down, (y2+half)>>down, (y3+half)>>down
	}
	shift += fixBits + midBits + 3
	for i := range 4 {
		y0, y1, y2, y3 := dct4(mid[4*i], mid[4*i+1], mid[4*i+2], mid[4*i+3])
		row := dst[i*stride:][:4]
		row[0], row[1], row[2], row[3] = sample(y0, shift), sample(y1, shift), sample(y2, shift), sample(y3, shift)
	}
}

// dct8 is the inverse transform of eight points, times sqrt(8), with fixBits more fraction bits.
func dct8(x0, x1, x2, x3, x4, x5, x6, x7 int64) (y0, y1, y2, y3, y4, y5, y6, y7 int64) {
	// The even half.
	z1 := (x2 + x6) * fix0541
	t2, t3 := z1-x6*fix1847, z1+x2*fix0765
	t0, t1 := (x0+x4)<<fixBits, (x0-x4)<<fixBits
	e0, e3, e1, e2 := t0+t3, t0-t3, t1+t2, t1-t2
	// The odd half.
	z5 := (x7 + x3 + x5 + x1) * fix1175
	z1, z2 := (x7+x1)*-fix0899, (x5+x3)*-fix2562
	z3, z4 := (x7+x3)*-fix1961+z5, (x5+x1)*-fix0390+z5
	o3, o2 := x7*fix0298+z1+z3, x5*fix2053+z2+z4
	o1, o0 := x3*fix3072+z2+z3, x1*fix1501+z1+z4
	return e0 + o0, e1 + o1, e2 + o2, e3 + o3, e3 - o3, e2 - o2, e1 - o1, e0 - o0
}

// idct8 is the transform of 8x8 points: T.81 A.3.3.
func idct8(b *block, dst []byte, stride int, shift uint) {
	const down, half = fixBits - midBits, 1 << (fixBits - midBits - 1)
	var mid [64]int64
	for i := range 8 {
		if b[8+i]|b[16+i]|b[24+i]|b[32+i]|b[40+i]|b[48+i]|b[56+i] == 0 {
			v := int64(b[i]) << midBits
			for j := i; j < 64; j += 8 {
				mid[j] = v
			}
			continue
		}
		y0, y1, y2, y3, y4, y5, y6, y7 := dct8(int64(b[i]), int64(b[8+i]), int64(b[16+i]), int64(b[24+i]),
			int64(b[32+i]), int64(b[40+i]), int64(b[48+i]), int64(b[56+i]))
		mid[i], mid[8+i], mid[16+i], mid[24+i] = (y0+half)>>down, (y1+half)>>down, (y2+half)>>down, (y3+half)>>down
		mid[32+i], mid[40+i], mid[48+i], mid[56+i] = (y4+half)>>down, (y5+half)>>down, (y6+half)>>down, (y7+half)>>down
	}
	shift += fixBits + midBits + 3
	for i := range 8 {
		m := mid[8*i : 8*i+8 : 8*i+8]
		y0, y1, y2, y3, y4, y5, y6, y7 := dct8(m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7])
		row := dst[i*stride:][:8]
		row[0], row[1], row[2], row[3] = sample(y0, shift), sample(y1, shift), sample(y2, shift), sample(y3, shift)
		row[4], row[5], row[6], row[7] = sample(y4, shift), sample(y5, shift), sample(y6, shift), sample(y7, shift)
	}
}
