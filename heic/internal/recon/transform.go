package recon

// inverseDST is the transformation of 4x4 luma blocks (8.6.4.2, trType 1), in
// place, with the shift that ends it.
func inverseDST(res []int16, shift int) {
	b := (*[16]int16)(res)
	for x := range 4 {
		b[x], b[x+4], b[x+8], b[x+12] = dst4(int32(b[x]), int32(b[x+4]), int32(b[x+8]), int32(b[x+12]), 7)
	}
	for y := 0; y < 16; y += 4 {
		b[y], b[y+1], b[y+2], b[y+3] = dst4(int32(b[y]), int32(b[y+1]), int32(b[y+2]), int32(b[y+3]), uint(shift))
	}
}

// dst4 multiplies with the transposed matrix of equation 8-xx: 29 55 74 84, 74 74 0
// -74, 84 -29 -74 55, 55 -84 74 -29.
func dst4(a, b, c, d int32, shift uint) (int16, int16, int16, int16) {
	round := int32(1) << (shift - 1)
	ac, cd, ad := a+c, c+d, a-d
	b *= 74
	return clip16((29*ac + 55*cd + b + round) >> shift),
		clip16((55*ad - 29*cd + b + round) >> shift),
		clip16((74*(a-c+d) + round) >> shift),
		clip16((55*ac + 29*ad - b + round) >> shift)
}

// inverseDCT is the transformation with trType 0 (8.6.4.2): columns, then rows. Only
// columns and rows with coefficients are looked at.
func (r *residual) inverseDCT(depth int) {
	n := 1 << r.log2
	res := r.coeffs[:n*n]
	shift := uint(20 - depth)
	if r.maxX|r.maxY == 0 && onlyDC(res, n) {
		v := flatResidual(res[0], shift)
		for i := range res {
			res[i] = v
		}
		return
	}
	cols, rows := int(r.maxX+1)*4, int(r.maxY+1)*4
	switch r.log2 {
	case 2:
		dct4x4((*[16]int16)(res), shift)
	case 3:
		dctBlock(res, r.tmp[:n*n], 3, cols, rows, shift)
	case 4:
		dctBlock(res, r.tmp[:n*n], 4, cols, rows, shift)
	default:
		dctBlock(res, r.tmp[:n*n], 5, cols, rows, shift)
	}
}

// flatResidual is every sample of a block that has no coefficient but the first.
func flatResidual(coeff int16, shift uint) int16 {
	dc := int32(clip16((int32(coeff)*64 + 64) >> 7))
	return clip16((dc*64 + 1<<(shift-1)) >> shift)
}

// onlyDC tells whether of the first 4x4 coefficients only the first is not 0.
func onlyDC(res []int16, n int) bool {
	if res[1]|res[2]|res[3] != 0 {
		return false
	}
	for y := 1; y < 4; y++ {
		row := res[y*n : y*n+4]
		if row[0]|row[1]|row[2]|row[3] != 0 {
			return false
		}
	}
	return true
}

// dctBlock transforms a block of 8x8 to 32x32, of whose coefficients those outside
// the first cols and rows are 0.
func dctBlock(res, tmp []int16, log2 uint, cols, rows int, shift uint) {
	n := 1 << log2
	var in, out [32]int32
	for x := range cols {
		col := tmp[x<<log2 : x<<log2+n] // a line of tmp is a column
		rest := int32(0)
		for y := range rows {
			v := int32(res[y<<log2+x])
			in[y&31] = v
			if y > 0 {
				rest |= v
			}
		}
		if rest == 0 { // the first coefficient alone: most columns but the first ones
			v := clip16((in[0]*64 + 64) >> 7)
			for y := range col {
				col[y] = v
			}
			continue
		}
		idct(&in, &out, log2, rows)
		for y := range col {
			col[y] = clip16((out[y] + 64) >> 7)
		}
	}
	in = [32]int32{} // elements from cols on must be 0
	round := int32(1) << (shift - 1)
	for y := range n {
		for x := range cols {
			in[x] = int32(tmp[x<<log2+y])
		}
		idct(&in, &out, log2, cols)
		row := res[y<<log2 : y<<log2+n]
		for x := range row {
			row[x] = clip16((out[x] + round) >> shift)
		}
	}
}

// idct multiplies the first used elements of in, the others being 0, with the
// transposed matrix of 8.6.4.2: even and odd rows apart, as the matrix of half the
// size stands in the even rows.
func idct(in, out *[32]int32, log2 uint, used int) {
	switch log2 {
	case 3:
		idct8(in, out, 0, used)
	case 4:
		idct16(in, out, 0, used)
	default:
		idct32(in, out, used)
	}
}

// idct8 takes every 1<<step-th element of in.
func idct8(in, out *[32]int32, step uint, used int) {
	at := func(i int) int32 { return in[i<<step&31] }
	a, b := 64*(at(0)+at(4)), 64*(at(0)-at(4))
	c, d := 83*at(2)+36*at(6), 36*at(2)-83*at(6)
	e := [4]int32{a + c, b + d, b - d, a - c}
	var o [4]int32
	for k := 1; k < 8 && k<<step < used; k += 2 {
		if v := at(k); v != 0 {
			m := &odd8[k>>1]
			o[0] += m[0] * v
			o[1] += m[1] * v
			o[2] += m[2] * v
			o[3] += m[3] * v
		}
	}
	for i := range 4 {
		out[i] = e[i] + o[i]
		out[7-i] = e[i] - o[i]
	}
}

func idct16(in, out *[32]int32, step uint, used int) {
	var o [8]int32
	for k := 1; k < 16 && k<<step < used; k += 4 {
		v, w := in[k<<step&31], in[(k+2)<<step&31]
		if v|w != 0 {
			m, n := &odd16[k>>1], &odd16[k>>1+1]
			for i := range o {
				o[i] += m[i]*v + n[i]*w
			}
		}
	}
	idct8(in, out, step+1, used)
	for i := range 8 {
		e := out[i]
		out[i] = e + o[i]
		out[15-i] = e - o[i]
	}
}

func idct32(in, out *[32]int32, used int) {
	var o [16]int32
	for k := 1; k < 32 && k < used; k += 4 {
		v, w := in[k], in[k+2]
		if v|w != 0 {
			m, n := &odd32[k>>1], &odd32[k>>1+1]
			for i := range o {
				o[i] += m[i]*v + n[i]*w
			}
		}
	}
	idct16(in, out, 1, used)
	for i := range 16 {
		e := out[i]
		out[i] = e + o[i]
		out[31-i] = e - o[i]
	}
}

// dct4x4 transforms a block of 4x4.
func dct4x4(b *[16]int16, shift uint) {
	for x := range 4 {
		b[x], b[x+4], b[x+8], b[x+12] = dct4(int32(b[x]), int32(b[x+4]), int32(b[x+8]), int32(b[x+12]), 7)
	}
	for y := 0; y < 16; y += 4 {
		b[y], b[y+1], b[y+2], b[y+3] = dct4(int32(b[y]), int32(b[y+1]), int32(b[y+2]), int32(b[y+3]), shift)
	}
}

func dct4(a, b, c, d int32, shift uint) (int16, int16, int16, int16) {
	round := int32(1) << (shift - 1)
	e, f := 64*(a+c)+round, 64*(a-c)+round
	g, h := 83*b+36*d, 36*b-83*d
	return clip16((e + g) >> shift), clip16((f + h) >> shift), clip16((f - h) >> shift), clip16((e - g) >> shift)
}

// The left halves of the odd rows of transMatrix (equations 8-xx) for 8, 16 and 32
// points; the right halves are the same with the other sign, backwards.
var (
	odd8  = oddRows8()
	odd16 = oddRows16()
	odd32 = oddRows32()
)

// firstColumn is the first column of transMatrix.
var firstColumn = [32]int32{
	64, 90, 90, 90, 89, 88, 87, 85, 83, 82, 80, 78, 75, 73, 70, 67,
	64, 61, 57, 54, 50, 46, 43, 38, 36, 31, 25, 22, 18, 13, 9, 4,
}

// transMatrix returns the element of row k and column j: rounded cosines, which all
// stand in the first column.
func transMatrix(k, j int) int32 {
	column := func(i int) int32 {
		if i == 32 {
			return 0
		}
		return firstColumn[i]
	}
	switch a := (2*j + 1) * k % 128; {
	case a <= 32:
		return column(a)
	case a <= 64:
		return -column(64 - a)
	case a <= 96:
		return -column(a - 64)
	default:
		return column(128 - a)
	}
}

func oddRows8() (t [4][4]int32) {
	for k := range t {
		for j := range t[k] {
			t[k][j] = transMatrix((2*k+1)*4, j)
		}
	}
	return t
}

func oddRows16() (t [8][8]int32) {
	for k := range t {
		for j := range t[k] {
			t[k][j] = transMatrix((2*k+1)*2, j)
		}
	}
	return t
}

func oddRows32() (t [16][16]int32) {
	for k := range t {
		for j := range t[k] {
			t[k][j] = transMatrix(2*k+1, j)
		}
	}
	return t
}
