package recon

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Samples behind both loop filters are those of 8.7.2 and 8.7.3, over slices, tiles,
// formats, depths and sizes; every sample is handed out once; and each coding unit has
// the QP of 8.6.1.
func TestFilters(t *testing.T) {
	for _, vector := range slices.Compact([]bool{false, hasVector}) {
		r := rand.New(rand.NewPCG(13, 14))
		deblocked, offset := 0, 0
		for round := range 150 {
			w := newWhole(t, r, vector)
			input := [3][][]int{}
			for c := range w.comp {
				input[c] = grid[int](w.comp[c].w, w.comp[c].h)
				for y, row := range w.comp[c].before {
					copy(input[c][y], row)
				}
			}
			w.deblock()
			for c := range w.comp {
				l := &w.comp[c]
				for y, row := range w.adaptive(c) {
					for x, want := range row {
						if l.after[y][x] != want {
							require.Equal(t, want, l.after[y][x], "round %d: component %d at %d,%d; %+v", round, c, x, y, w.seq)
						}
						deblocked += changed(input[c][y][x], l.before[y][x])
						offset += changed(l.before[y][x], want)
					}
				}
			}
		}
		t.Logf("vector=%v: %d samples changed by deblocking, %d by offsets", vector, deblocked, offset)
		require.Greater(t, deblocked, 10_000)
		require.Greater(t, offset, 10_000)
	}
}

func changed(a, b int) int {
	if a != b {
		return 1
	}
	return 0
}

// at returns what is known of the CTB of a luma sample.
func (w *whole) at(x, y int) *wholeCtb { return &w.ctb[y>>w.seq.Log2Ctb][x>>w.seq.Log2Ctb] }

// filterEdge is filterEdgeFlag (8.7.2.3) of an edge between two luma samples, q being behind it.
func (w *whole) filterEdge(px, py, qx, qy int) bool {
	if px < 0 || py < 0 {
		return false
	}
	p, q := w.at(px, py), w.at(qx, qy)
	slice := w.slices[q.slice]
	return slice.Deblock && (p.slice == q.slice || slice.AcrossSlices) && (p.tile == q.tile || w.seq.LoopFilterAcrossTiles)
}

// deblock is 8.7.2 for the picture: all vertical edges, then all horizontal ones. All
// blocks are intra: bS is 2.
func (w *whole) deblock() {
	for dir, edges := range [2][][]bool{w.vertical, w.horizontal} {
		for y := 0; y < w.seq.Height; y += 4 {
			for x := 0; x < w.seq.Width; x += 4 {
				// Edges lie on a grid of 8x8; of four samples along an edge each.
				if !edges[y/4][x/4] || dir == 0 && x%8 != 0 || dir == 1 && y%8 != 0 {
					continue
				}
				px, py := x-1+dir, y-dir
				if !w.filterEdge(px, py, x, y) {
					continue
				}
				w.lumaEdge(dir, x, y, px, py)
				for c := 1; c < len(w.comp); c++ {
					w.chromaEdge(c, dir, x, y, px, py)
				}
			}
		}
	}
}

// line returns a sample across an edge at x, y of a component, in direction dir, k along it: i is -1 for p0,
// -2 for p1, 0 for q0.
func (l *wholePlane) line(dir, x, y, k, i int) *int {
	if dir == 0 {
		return &l.before[y+k][x+i]
	}
	return &l.before[y+i][x+k]
}

func limit(tables []int, q, depth int) int { return tables[q] << (depth - 8) }

// Table 8-12, β′ and tC′ by Q.
var (
	betaTable = []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62, 64}
	tcTable   = []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 6, 6, 7, 8, 9, 10, 11, 13, 14, 16, 18, 20, 22, 24}
)

func clip3(lo, hi, v int) int { return min(max(v, lo), hi) }

// lumaEdge is 8.7.2.5.3, 8.7.2.5.6 and 8.7.2.5.7 for four samples along an edge.
func (w *whole) lumaEdge(dir, x, y, px, py int) {
	l := &w.comp[0]
	slice := w.slices[w.at(x, y).slice]
	qPL := (w.qp[y/8][x/8] + w.qp[py/8][px/8] + 1) >> 1
	beta := limit(betaTable, clip3(0, 51, qPL+slice.BetaOffset), l.depth)
	tc := limit(tcTable, clip3(0, 53, qPL+2*(2-1)+slice.TcOffset), l.depth)
	at := func(k, i int) int { return *l.line(dir, x, y, k, i) }
	second := func(k, i, step int) int { return abs(at(k, i+2*step) - 2*at(k, i+step) + at(k, i)) }
	dp0, dp3, dq0, dq3 := second(0, -1, -1), second(3, -1, -1), second(0, 0, 1), second(3, 0, 1)
	if dp0+dq0+dp3+dq3 >= beta {
		return
	}
	strong := func(k, dpq int) bool { // dSam
		return dpq < beta>>2 && abs(at(k, -4)-at(k, -1))+abs(at(k, 0)-at(k, 3)) < beta>>3 && abs(at(k, -1)-at(k, 0)) < (5*tc+1)>>1
	}
	dE := 1
	if strong(0, 2*(dp0+dq0)) && strong(3, 2*(dp3+dq3)) {
		dE = 2
	}
	dEp, dEq := dp0+dp3 < (beta+beta>>1)>>3, dq0+dq3 < (beta+beta>>1)>>3
	for k := range 4 {
		var p, q [4]int
		for i := range 4 {
			p[i], q[i] = at(k, -1-i), at(k, i)
		}
		newP, newQ := filtered(p, q, dE, dEp, dEq, tc, 1<<l.depth-1)
		for i := range 3 {
			if w.keep[py/8][px/8] == 0 {
				*l.line(dir, x, y, k, -1-i) = newP[i]
			}
			if w.keep[y/8][x/8] == 0 {
				*l.line(dir, x, y, k, i) = newQ[i]
			}
		}
	}
}

// filtered is 8.7.2.5.7.
func filtered(p, q [4]int, dE int, dEp, dEq bool, tc, top int) (newP, newQ [4]int) {
	newP, newQ = p, q
	if dE == 2 {
		side := func(a, b [4]int) [4]int {
			return [4]int{
				clip3(a[0]-2*tc, a[0]+2*tc, (a[2]+2*a[1]+2*a[0]+2*b[0]+b[1]+4)>>3),
				clip3(a[1]-2*tc, a[1]+2*tc, (a[2]+a[1]+a[0]+b[0]+2)>>2),
				clip3(a[2]-2*tc, a[2]+2*tc, (2*a[3]+3*a[2]+a[1]+a[0]+b[0]+4)>>3),
			}
		}
		return side(p, q), side(q, p)
	}
	delta := (9*(q[0]-p[0]) - 3*(q[1]-p[1]) + 8) >> 4
	if abs(delta) >= tc*10 {
		return newP, newQ
	}
	delta = clip3(-tc, tc, delta)
	newP[0], newQ[0] = clip3(0, top, p[0]+delta), clip3(0, top, q[0]-delta)
	if dEp {
		newP[1] = clip3(0, top, p[1]+clip3(-(tc>>1), tc>>1, ((p[2]+p[0]+1)>>1-p[1]+delta)>>1))
	}
	if dEq {
		newQ[1] = clip3(0, top, q[1]+clip3(-(tc>>1), tc>>1, ((q[2]+q[0]+1)>>1-q[1]-delta)>>1))
	}
	return newP, newQ
}

// chromaEdge is 8.7.2.5.5 and 8.7.2.5.8 for the chroma samples of four luma samples along
// an edge, if it lies on a grid of 8x8 chroma samples.
func (w *whole) chromaEdge(c, dir, x, y, px, py int) {
	l := &w.comp[c]
	cx, cy, n := x/l.subX, y/l.subY, 4/l.subY
	if dir == 1 {
		n = 4 / l.subX
	}
	if dir == 0 && cx%8 != 0 || dir == 1 && cy%8 != 0 {
		return
	}
	qPi := (w.qp[y/8][x/8]+w.qp[py/8][px/8]+1)>>1 + w.seq.ChromaQPOffset[c-1]
	q := clip3(0, 53, w.chromaQP(qPi)+2*(2-1)+w.slices[w.at(x, y).slice].TcOffset)
	tc := limit(tcTable, q, l.depth)
	for k := range n {
		p1, p0 := *l.line(dir, cx, cy, k, -2), l.line(dir, cx, cy, k, -1)
		q0, q1 := l.line(dir, cx, cy, k, 0), *l.line(dir, cx, cy, k, 1)
		delta := clip3(-tc, tc, ((*q0-*p0)<<2+p1-q1+4)>>3)
		a, b := clip3(0, 1<<l.depth-1, *p0+delta), clip3(0, 1<<l.depth-1, *q0-delta)
		if w.keep[py/8][px/8] == 0 {
			*p0 = a
		}
		if w.keep[y/8][x/8] == 0 {
			*q0 = b
		}
	}
}

// adaptive is 8.7.3 for a component.
func (w *whole) adaptive(c int) [][]int {
	l := &w.comp[c]
	out := grid[int](l.w, l.h)
	top := 1<<l.depth - 1
	for y := range l.h {
		for x := range l.w {
			lx, ly := x*l.subX, y*l.subY
			s := &w.at(lx, ly).sao[c]
			v := l.before[y][x]
			out[y][x] = v
			if w.keep[ly/8][lx/8] != 0 || s.Kind == 0 {
				continue
			}
			var offset [5]int // SaoOffsetVal
			for i, o := range s.Offset {
				offset[i+1] = int(o) << w.seq.SAOShift[min(c, 1)]
			}
			if s.Kind == 2 {
				out[y][x] = clip3(0, top, v+offset[w.edgeIdx(c, x, y, int(s.Class))])
				continue
			}
			var bands [32]int
			for k := range 4 {
				bands[(k+int(s.Class))&31] = k + 1
			}
			out[y][x] = clip3(0, top, v+offset[bands[v>>(l.depth-5)]])
		}
	}
	return out
}

// edgeIdx is the edge category of a sample (8.7.3.2).
func (w *whole) edgeIdx(c, x, y, class int) int {
	l := &w.comp[c]
	hPos, vPos := [4]int{-1, 0, -1, 1}[class], [4]int{0, -1, -1, -1}[class]
	own := w.at(x*l.subX, y*l.subY)
	sum := 2
	for _, k := range [2]int{1, -1} {
		nx, ny := x+k*hPos, y+k*vPos
		if nx < 0 || ny < 0 || nx >= l.w || ny >= l.h {
			return 0
		}
		other := w.at(nx*l.subX, ny*l.subY)
		later := own // whose slice_loop_filter_across_slices_enabled_flag decides
		if other.order > own.order {
			later = other
		}
		if other.slice != own.slice && !w.slices[later.slice].AcrossSlices || other.tile != own.tile && !w.seq.LoopFilterAcrossTiles {
			return 0
		}
		switch d := l.before[y][x] - l.before[ny][nx]; {
		case d < 0:
			sum--
		case d > 0:
			sum++
		}
	}
	return [5]int{1, 2, 0, 3, 4}[sum]
}
