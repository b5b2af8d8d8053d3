package recon

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// whole is a picture of random blocks with all that the loop filters and quantization
// look at, kept for the picture as a whole, as the text of the standard has it. It hands
// the same to a Picture on the way, which keeps a few rows only.
type whole struct {
	t    *testing.T
	r    *rand.Rand
	p    *Picture
	seq  Sequence
	comp []wholePlane

	qp, keep   [][]int  // of 8x8 luma samples: QpY, and 1 where filters must not change them
	vertical   [][]bool // of 4x4 luma samples: a transform block starts at the left edge
	horizontal [][]bool // at the upper edge
	ctb        [][]wholeCtb
	slices     []Slice

	// Quantization (8.6.1).
	prevQP, predicted int    // qPY_PREV, qPY_PRED
	current           int    // QpY of the coding units to come, in this group
	lastCU            int    // of the last coding unit
	cuOffset          [2]int // CuQpOffsetCb, CuQpOffsetCr
	log2Group         uint8  // Log2MinCuQpDeltaSize
	fresh             bool
	deltaCoded        bool
	order             int
}

type wholePlane struct {
	before, after [][]int // samples before the filters; of the Picture, behind them
	w, h          int
	subX, subY    int // SubWidthC, SubHeightC
	depth         int
}

type wholeCtb struct {
	slice, tile, order int
	sao                [3]SAO
}

func grid[T any](w, h int) [][]T {
	g := make([][]T, h)
	for i := range g {
		g[i] = make([]T, w)
	}
	return g
}

// Line takes the samples of the Picture.
func (w *whole) Line(comp, x, y int, line []uint16) {
	for i, v := range line {
		require.Equal(w.t, -1, w.comp[comp].after[y][x+i], "handed out twice")
		w.comp[comp].after[y][x+i] = int(v)
	}
}

func (w *whole) coin() bool { return w.r.IntN(2) == 0 }

// span returns a number from -n to n.
func (w *whole) span(n int) int { return w.r.IntN(2*n+1) - n }

// newWhole makes a picture of random parameters, slices, tiles and blocks.
func newWhole(t *testing.T, r *rand.Rand, vector bool) *whole {
	w := &whole{t: t, r: r, p: new(Picture)}
	log2 := uint8(4 + r.IntN(3))
	depths := [3]int{8, 10, 12}
	s := Sequence{
		Width: 8 * (1 + r.IntN(20)), Height: 8 * (1 + r.IntN(20)), Log2Ctb: log2,
		ChromaFormat: r.IntN(4), BitDepth: [2]int{depths[r.IntN(3)], depths[r.IntN(3)]},
		PCMLoopFilterDisabled: w.coin(), LoopFilterAcrossTiles: w.coin(),
		ChromaQPOffset: [2]int{w.span(12), w.span(12)},
	}
	w.log2Group = 3 + uint8(r.IntN(int(log2)-2))
	for i, depth := range s.BitDepth {
		s.SAOShift[i] = uint8(r.IntN(max(depth-10, 0) + 1))
	}
	side := 1 << log2
	cols, rows := (s.Width+side-1)/side, (s.Height+side-1)/side
	colEnds, rowEnds := w.cuts(cols), w.cuts(rows)
	if len(colEnds) > 1 {
		last := 0
		for _, end := range rowEnds {
			s.TileRowCtbs, last = max(s.TileRowCtbs, end-last), end
		}
	}
	w.seq = s
	for c := range 3 {
		if c > 0 && s.ChromaFormat == 0 {
			break
		}
		l := wholePlane{subX: 1, subY: 1, depth: s.BitDepth[min(c, 1)]}
		if c > 0 && s.ChromaFormat < 3 {
			l.subX, l.subY = 2, 3-s.ChromaFormat
		}
		l.w, l.h = s.Width/l.subX, s.Height/l.subY
		l.before, l.after = grid[int](l.w, l.h), grid[int](l.w, l.h)
		w.comp = append(w.comp, l)
	}
	w.qp, w.keep = grid[int](s.Width/8, s.Height/8), grid[int](s.Width/8, s.Height/8)
	w.vertical, w.horizontal = grid[bool](s.Width/4, s.Height/4), grid[bool](s.Width/4, s.Height/4)
	w.ctb = grid[wholeCtb](cols, rows)
	w.makeSamples()
	w.p.Start(context.Background(), s, w)
	w.p.vector = vector
	w.walk(colEnds, rowEnds)
	return w
}

// cuts divides n CTBs, and returns where the parts end.
func (w *whole) cuts(n int) (ends []int) {
	for i := 1; i < n; i++ {
		if w.r.IntN(4) == 0 {
			ends = append(ends, i)
		}
	}
	return append(ends, n)
}

// makeSamples makes flat places with steps and noise, as filters change only these.
func (w *whole) makeSamples() {
	for _, l := range w.comp {
		scale := 1 << (l.depth - 8)
		noise := []int{1, 4, 300}[w.r.IntN(3)]
		var level [32][32]int
		for y := range level {
			for x := range level[y] {
				level[y][x] = 128 + w.span(8)
			}
		}
		for y := range l.before {
			for x := range l.before[y] {
				v := (level[y/8][x/8] + w.span(noise)) * scale
				l.before[y][x] = min(max(v, 0), 1<<l.depth-1)
				l.after[y][x] = -1
			}
		}
	}
}

// walk hands the coding tree units to the Picture, in the order of tiles (6.5.1).
func (w *whole) walk(colEnds, rowEnds []int) {
	tile, top := 0, 0
	for _, bottom := range rowEnds {
		left := 0
		for _, right := range colEnds {
			for y := top; y < bottom; y++ {
				for x := left; x < right; x++ {
					w.unit(x, y, tile, x == left && y == top)
				}
			}
			left = right
			tile++
		}
		if len(colEnds) > 1 {
			w.p.EndTileRow(top, bottom)
		}
		top = bottom
	}
}

// unit is a coding tree unit, before which a slice may begin.
func (w *whole) unit(x, y, tile int, newTile bool) {
	newSlice := w.order == 0 || w.r.IntN(5) == 0
	if newSlice {
		s := Slice{
			QP:             w.r.IntN(52+6*(w.seq.BitDepth[0]-8)) - 6*(w.seq.BitDepth[0]-8),
			ChromaQPOffset: [2]int{w.span(12), w.span(12)},
			Deblock:        w.r.IntN(4) > 0, BetaOffset: 2 * w.span(6), TcOffset: 2 * w.span(6),
			AcrossSlices: w.coin(),
		}
		w.slices = append(w.slices, s)
		w.p.StartSlice(s, false)
		w.cuOffset = [2]int{} // at the start of each slice
	}
	w.fresh = newSlice || newTile
	c := &w.ctb[y][x]
	*c = wholeCtb{slice: len(w.slices) - 1, tile: tile, order: w.order}
	w.order++
	w.p.StartCTU(x, y, tile, Neighbours{}, w.fresh)
	for comp := range w.comp {
		c.sao[comp] = w.offsets(comp)
		w.p.SetSAO(comp, c.sao[comp])
	}
	w.quadtree(x<<w.seq.Log2Ctb, y<<w.seq.Log2Ctb, w.seq.Log2Ctb)
	side := 1 << w.seq.Log2Ctb
	for comp, l := range w.comp {
		for yy := y * side / l.subY; yy < min((y+1)*side/l.subY, l.h); yy++ {
			for xx := x * side / l.subX; xx < min((x+1)*side/l.subX, l.w); xx++ {
				w.p.row(comp, yy)[xx] = uint16(l.before[yy][xx])
			}
		}
	}
	w.p.EndCTU()
}

// offsets returns random sample adaptive offsets, with the signs of 7.4.9.3.2.
func (w *whole) offsets(comp int) (s SAO) {
	most := 1<<(min(w.comp[comp].depth, 10)-5) - 1
	s.Kind = uint8(w.r.IntN(3))
	for i := range s.Offset {
		s.Offset[i] = int16(w.r.IntN(most + 1))
		if s.Kind == 2 && i > 1 || s.Kind == 1 && w.coin() {
			s.Offset[i] = -s.Offset[i]
		}
	}
	s.Class = uint8(w.r.IntN(4))
	if s.Kind == 1 {
		s.Class = uint8(w.r.IntN(32))
	}
	return s
}

// quadtree splits into coding units.
func (w *whole) quadtree(x, y int, log2 uint8) {
	s := &w.seq
	if x >= s.Width || y >= s.Height {
		return
	}
	size := 1 << log2
	if log2 >= w.log2Group {
		w.group(x, y)
	}
	if x+size > s.Width || y+size > s.Height || log2 > 3 && w.coin() {
		for i := range 4 {
			w.quadtree(x+i&1*size/2, y+i>>1*size/2, log2-1)
		}
		return
	}
	bypass, pcm := w.r.IntN(6) == 0, w.r.IntN(6) == 0
	w.p.StartCU(bypass)
	qp := w.quantization()
	w.transforms(x, y, log2)
	w.p.EndCU(x, y, log2, pcm)
	for by := y / 8; by < (y+size)/8; by++ {
		for bx := x / 8; bx < (x+size)/8; bx++ {
			w.qp[by][bx] = qp
			if bypass || pcm && s.PCMLoopFilterDisabled {
				w.keep[by][bx] = 1
			}
		}
	}
	w.lastCU = qp
}

// transforms splits a coding unit into transform blocks, of 32x32 at most.
func (w *whole) transforms(x, y int, log2 uint8) {
	size := 1 << log2
	if log2 > 5 || log2 > 2 && w.r.IntN(3) == 0 {
		for i := range 4 {
			w.transforms(x+i&1*size/2, y+i>>1*size/2, log2-1)
		}
		return
	}
	w.p.Transform(x, y, log2)
	for i := 0; i < size; i += 4 {
		w.vertical[(y+i)/4][x/4] = true
		w.horizontal[y/4][(x+i)/4] = true
	}
}
