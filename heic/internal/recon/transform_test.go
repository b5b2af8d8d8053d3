package recon

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// The matrix is that of the standard: integers near to cosines, whose rows are nearly
// orthogonal (8.6.4.2).
func TestTransMatrix(t *testing.T) {
	require.Equal(t, int32(64), transMatrix(0, 17))
	for k := range 32 {
		for l := range 32 {
			dot := 0
			for j := range 32 {
				dot += int(transMatrix(k, j)) * int(transMatrix(l, j))
			}
			if k == l {
				require.InDelta(t, 64*64*32, dot, 600, "row %d", k)
			} else {
				require.InDelta(t, 0, dot, 600, "rows %d and %d", k, l)
			}
		}
		for j := range 32 {
			want := 64 * math.Cos(float64((2*j+1)*k)*math.Pi/64)
			if k > 0 {
				want *= math.Sqrt2
			}
			require.InDelta(t, want, transMatrix(k, j), 1.6, "%d, %d", k, j)
		}
	}
}

// dstMatrix is equation (8-xx) of 8.6.4.2 as the text has it.
var dstMatrix = [4][4]int32{{29, 55, 74, 84}, {74, 74, 0, -74}, {84, -29, -74, 55}, {55, -84, 74, -29}}

// slowInverse is 8.6.4.2 word by word: each column, then each row, times the matrix.
func slowInverse(coeffs []int16, n, depth int, matrix func(k, j int) int32) []int16 {
	mid := make([]int64, n*n)
	for x := range n {
		for y := range n {
			sum := int64(0)
			for k := range n {
				sum += int64(matrix(k, y)) * int64(coeffs[k*n+x])
			}
			mid[y*n+x] = min(max((sum+64)>>7, -32768), 32767)
		}
	}
	out := make([]int16, n*n)
	shift := 20 - depth
	for y := range n {
		for x := range n {
			sum := int64(0)
			for k := range n {
				sum += int64(matrix(k, x)) * mid[y*n+k]
			}
			out[y*n+x] = int16(min(max((sum+1<<(shift-1))>>shift, -32768), 32767))
		}
	}
	return out
}

// Transforms are those of the matrices, whatever part of a block has coefficients.
func TestTransforms(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, depth := range []int{8, 10, 12} {
		for log2 := 2; log2 <= 5; log2++ {
			n := 1 << log2
			for round := range 200 {
				res := residual{log2: uint8(log2)}
				// Only some sub-blocks of 4x4, up to all, have coefficients.
				cols, rows := 1+r.IntN(n/4), 1+r.IntN(n/4)
				res.maxX, res.maxY = uint8(cols-1), uint8(rows-1)
				most := []int{3, 300, 32768}[round%3]
				for y := range 4 * rows {
					for x := range 4 * cols {
						if r.IntN(1+round%7) == 0 {
							res.coeffs[y*n+x] = int16(r.IntN(2*most) - most)
						}
					}
				}
				if round%10 == 0 { // the first one alone
					dc := res.coeffs[0]
					clear(res.coeffs[:])
					res.coeffs[0], res.maxX, res.maxY = dc, 0, 0
				}
				in := append([]int16(nil), res.coeffs[:n*n]...)
				what := fmt.Sprintf("%d bits, %dx%d, round %d", depth, n, n, round)
				res.inverseDCT(depth)
				want := slowInverse(in, n, depth, func(k, j int) int32 { return transMatrix(k<<(5-log2), j) })
				require.Equal(t, want, res.coeffs[:n*n], what)
				if n == 4 {
					want = slowInverse(in, 4, depth, func(k, j int) int32 { return dstMatrix[k][j] })
					inverseDST(in, 20-depth)
					require.Equal(t, want, in, what)
				}
			}
		}
	}
}
