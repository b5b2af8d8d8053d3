//go:build !purego

package recon

import "github.com/imgvet/imgvet/internal/cpu"

// hasVector tells whether there is vector code for this processor.
var hasVector = cpu.Vector()

//go:noescape
func dctColumns(dst, src, table *int16, n, cols, rows int)

//go:noescape
func dctRowsAdd(pix *uint16, stride int, src, table *int16, n, cols, shift, top int)

//go:noescape
func dctRowsAdd8(pix *uint16, stride int, src, table *int16, cols, shift, top int)

//go:noescape
func transformAdd4(pix *uint16, stride int, src, table *int16, shift, top int)

//go:noescape
func addFlat(pix *uint16, stride, n, v, top int)

// Pairs of elements of the matrices, as transform_amd64.s has them: of DCT by log2 of
// the size minus 3.
var (
	columnPairs = [3][]int16{dctColumnPairs(3), dctColumnPairs(4), dctColumnPairs(5)}
	rowPairs    = [3][]int16{dctRowPairs(3), dctRowPairs(4), dctRowPairs(5)}

	dct4Pairs = smallPairs(func(k, j int) int32 { return transMatrix(8*k, j) })
	dst4Pairs = smallPairs(func(k, j int) int32 { return dst4Matrix[k][j] })
)

var dst4Matrix = [4][4]int32{{29, 55, 74, 84}, {74, 74, 0, -74}, {84, -29, -74, 55}, {55, -84, 74, -29}}

func dctColumnPairs(log2 int) (t []int16) {
	n := 1 << log2
	for y := range n / 2 {
		for k := 0; k < n; k += 4 {
			for _, k := range [4]int{k, k + 2, k + 1, k + 3} {
				t = append(t, int16(transMatrix(k<<(5-log2), y)))
			}
		}
	}
	return t
}

func dctRowPairs(log2 int) (t []int16) {
	n := 1 << log2
	for k := 0; k < n; k += 2 {
		for x := range n {
			t = append(t, int16(transMatrix(k<<(5-log2), x)), int16(transMatrix((k+1)<<(5-log2), x)))
		}
	}
	return t
}

func smallPairs(matrix func(k, j int) int32) (t []int16) {
	pair := func(k, j int) { t = append(t, int16(matrix(k, j)), int16(matrix(k+1, j))) }
	for y := 0; y < 4; y += 2 {
		for k := 0; k < 4; k += 2 {
			for x := range 8 {
				pair(k, y+x/4)
			}
		}
	}
	for k := 0; k < 4; k += 2 {
		for x := range 8 {
			pair(k, x%4)
		}
	}
	return t
}

// addInverse is inverseDCT or inverseDST and add, with vector code. Where there is none
// it returns false.
func (p *Picture) addInverse(x, y int) bool {
	if !p.vector {
		return false
	}
	r := &p.residual
	l := &p.planes[r.comp]
	n, shift := 1<<r.log2, 20-l.depth
	pix, stride := p.samples(int(r.comp), x, y)
	_ = pix[(n-1)*stride+n-1]
	cols, rows := int(r.maxX+1)*4, int(r.maxY+1)*4
	switch {
	case r.log2 == 2:
		table := dct4Pairs
		if r.comp == 0 {
			table = dst4Pairs
		}
		transformAdd4(&pix[0], stride, &r.coeffs[0], &table[0], shift, l.top)
	case r.maxX|r.maxY == 0 && onlyDC(r.coeffs[:n*n], n):
		addFlat(&pix[0], stride, n, int(flatResidual(r.coeffs[0], uint(shift))), l.top)
		rows = 1
	default:
		dctColumns(&r.tmp[0], &r.coeffs[0], &columnPairs[r.log2-3][0], n, cols, rows)
		table := &rowPairs[r.log2-3][0]
		if n == 8 {
			dctRowsAdd8(&pix[0], stride, &r.tmp[0], table, cols, shift, l.top)
		} else {
			dctRowsAdd(&pix[0], stride, &r.tmp[0], table, n, cols, shift, l.top)
		}
	}
	clear(r.coeffs[:rows*n])
	return true
}
