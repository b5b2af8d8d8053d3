package face

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCut checks the share of the box that lies outside the picture.
func TestCut(t *testing.T) {
	for want, box := range map[float64]region{
		0: {0, 0, 10, 10}, 0.5: {-5, 0, 5, 10}, 0.75: {95, 45, 105, 55}, 1: {200, 0, 210, 10},
	} {
		require.InDelta(t, want, box.outside(100, 50), 1e-9)
	}
}

// TestDivide compares the averages of a plane with their definition, from enlarging to a
// thousandth, and expects nothing outside the picture.
func TestDivide(t *testing.T) {
	row := make([]byte, 97)
	for i := range row {
		row[i] = byte(i * i * 7)
	}
	for _, c := range []struct {
		at, size float64
		n        int
	}{{0, 97, 97}, {0, 97, 13}, {-20, 150, 31}, {3.25, 60.5, 7}, {10, 5, 20}, {0, 97, 1}, {96.5, 0.4, 3}} {
		spans := make([]span, c.n)
		divide(spans, c.at, c.size, len(row))
		got := make([]float32, 3*c.n)
		addPlane(got, row, spans, 1)
		part := c.size / float64(c.n)
		for i := range c.n {
			lo, hi := c.at+part*float64(i), c.at+part*float64(i+1)
			if middle := (lo + hi) / 2; middle < 0 || middle >= float64(len(row)) {
				require.Zero(t, got[3*i])
				continue
			}
			sum, weight := 0.0, 0.0
			for k, v := range row {
				share := min(hi, float64(k+1)) - max(lo, float64(k))
				if part < 1 { // a triangle of two samples
					share = 1 - math.Abs((lo+hi)/2-float64(k)-0.5)
				}
				if share > 0 {
					sum += share * float64(v)
					weight += share
				}
			}
			require.InDelta(t, sum/weight, got[3*i], 0.02, "%v: %d", c, i)
		}
	}
}

// TestAverage compares shrinking by whole numbers with its definition.
func TestAverage(t *testing.T) {
	for _, n := range []int{2, 3, 4, 5, 8, 13, 21} {
		p := plane{w: 37, h: 29, stride: 41, pix: make([]byte, 41*29)}
		for i := range p.pix {
			p.pix[i] = byte(i * 31)
		}
		q := plane{w: parts(p.w, n), h: parts(p.h, n)}
		q.stride, q.pix = q.w, make([]byte, q.w*q.h)
		var ws workspace
		require.NoError(t, ws.average(t.Context(), q, p, n))
		for y := range q.h {
			for x := range q.w {
				sum, count := 0, 0
				for iy := y * n; iy < min((y+1)*n, p.h); iy++ {
					for ix := x * n; ix < min((x+1)*n, p.w); ix++ {
						sum += int(p.pix[iy*p.stride+ix])
						count++
					}
				}
				require.EqualValues(t, (sum+count/2)/count, q.pix[y*q.w+x], "%d: %d, %d", n, x, y)
			}
		}
	}
}
