package recon

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// group begins a quantization group, and predicts its QP: 8.6.1, qPY_PREV, qPY_A, qPY_B
// and qPY_PRED.
func (w *whole) group(x, y int) {
	w.p.StartQPGroup(x, y)
	w.prevQP = w.lastCU
	if w.fresh {
		w.prevQP = w.slices[len(w.slices)-1].QP
		w.fresh = false
		w.lastCU = w.prevQP
	}
	a, b := w.prevQP, w.prevQP
	side := 1 << w.seq.Log2Ctb
	if x%side != 0 {
		a = w.qp[y/8][x/8-1]
	}
	if y%side != 0 {
		b = w.qp[y/8-1][x/8]
	}
	w.predicted = (a + b + 1) >> 1
	w.deltaCoded = false
	w.current = w.predicted
}

// table810 is QpC by qPi in 4:2:0: table 8-10.
func table810(qPi int) int {
	switch {
	case qPi < 30:
		return qPi
	case qPi > 43:
		return qPi - 6
	}
	return [...]int{29, 30, 31, 32, 33, 33, 34, 34, 35, 35, 36, 36, 37, 37}[qPi-30]
}

// chromaQP is that table, or what other formats have in its place.
func (w *whole) chromaQP(qPi int) int {
	if w.seq.ChromaFormat == 1 {
		return table810(qPi)
	}
	return min(qPi, 51)
}

// quantization states CuQpDeltaVal and the offsets of chroma in some of the coding units, and returns
// QpY. Qp' of all components must be those of equations 8-283 to 8-290.
func (w *whole) quantization() int {
	off := [2]int{6 * (w.seq.BitDepth[0] - 8), 6 * (w.seq.BitDepth[1] - 8)}
	if !w.deltaCoded && w.coin() {
		w.deltaCoded = true
		delta := w.r.IntN(52+off[0]) - (26 + off[0]/2)
		w.p.SetQPDelta(delta)
		w.current = (w.predicted+delta+52+2*off[0])%(52+off[0]) - off[0]
	}
	if w.r.IntN(4) == 0 {
		w.cuOffset = [2]int{w.span(12), w.span(12)}
		w.p.SetChromaQPOffset(w.cuOffset[0], w.cuOffset[1])
	}
	want := [3]int{w.current + off[0]}
	for i := range 2 {
		sum := w.current + w.seq.ChromaQPOffset[i] + w.slices[len(w.slices)-1].ChromaQPOffset[i] + w.cuOffset[i]
		want[1+i] = w.chromaQP(min(max(sum, -off[1]), 57)) + off[1]
	}
	require.Equal(w.t, want, w.p.scaled)
	return w.current
}

// ScalingFactor is what 7.4.5 makes of the lists.
func TestScalingFactors(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	s := randomScaling(r)
	for sizeID := range 4 {
		n := 4 << sizeID
		for comp := range 3 {
			for at, got := range s.factors[sizeID][comp] {
				require.Equal(t, scalingFactor(s, sizeID, comp, at%n, at/n), int(got), "%dx%d, component %d, element %d", n, n, comp, at)
			}
		}
	}
	for sizeID, first := range []int{16, 16, 16, 16} {
		f := DefaultScaling().factors[sizeID][0]
		require.Equal(t, first, int(f[0]))
		if sizeID > 0 {
			require.Equal(t, 115, int(f[len(f)-1])) // table 7-6
		}
	}
}

func randomScaling(r *rand.Rand) *Scaling {
	s := new(Scaling)
	for sizeID := range 4 {
		for comp := range 3 {
			s.DC[sizeID][comp] = uint8(1 + r.IntN(255))
			for i := range s.List[sizeID][comp] {
				s.List[sizeID][comp][i] = uint8(1 + r.IntN(255))
			}
		}
	}
	s.Finish()
	return s
}

// scalingFactor is ScalingFactor[sizeId][matrixId][x][y]: equations 7-42 and on.
func scalingFactor(s *Scaling, sizeID, comp, x, y int) int {
	side, ratio := 8, 1<<max(sizeID-1, 0)
	if sizeID == 3 && comp > 0 { // ChromaArrayType 3: from the list of 16x16
		sizeID = 2
	}
	if sizeID > 1 && x == 0 && y == 0 {
		return int(s.DC[sizeID][comp])
	}
	if sizeID == 0 {
		side = 4
	}
	// 6.5.3: up-right diagonal scan.
	i, cx, cy := 0, 0, 0
	for {
		for cy >= 0 {
			if cx < side && cy < side {
				if cx == x/ratio && cy == y/ratio {
					return int(s.List[sizeID][comp][i])
				}
				i++
			}
			cy--
			cx++
		}
		cy, cx = cx, 0
	}
}

// Coefficients are 8.6.4.2 of the levels, at the places that the scan gives.
func TestLevels(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	scale := [6]int64{40, 45, 51, 57, 64, 72}
	for round := range 4000 {
		depth := []int{8, 10, 12}[round%3]
		seq := Sequence{ChromaFormat: 3, BitDepth: [2]int{depth, depth}}
		if r.IntN(2) == 0 {
			seq.Scaling = randomScaling(r)
		}
		p := started(t, seq)
		p.StartCU(r.IntN(8) == 0)
		p.setQP(r.IntN(52+6*(depth-8)) - 6*(depth-8))
		comp, log2 := r.IntN(3), 2+r.IntN(4)
		skip := r.IntN(4) == 0
		p.StartResidual(uint8(comp), uint8(log2), modePlanar, skip)

		n := 1 << log2
		var inSub [64]uint8 // any order of the 16 places
		for i, at := range r.Perm(16) {
			inSub[i] = uint8(at>>2<<3 | at&3)
		}
		subX, subY := r.IntN(n/4), r.IntN(n/4)
		var level [16]int32
		want := make([]int16, n*n)
		sig, next := uint64(0), 0
		for step := 15; step >= 0; step-- {
			if r.IntN(3) > 0 {
				continue
			}
			most := 1 << r.IntN(16)
			v := []int{-32768, 32767, r.IntN(2*most) - most}[min(r.IntN(12), 2)]
			sig |= 1 << step
			level[next] = int32(v)
			next++
			x, y := 4*subX+int(inSub[step]&7), 4*subY+int(inSub[step]>>3)
			m := int64(16)
			if seq.Scaling != nil && !(skip && n > 4) {
				m = int64(seq.Scaling.factors[log2-2][comp][y*n+x])
			}
			shift, qp := depth+log2-5, p.scaled[comp]
			c := (int64(v)*m*scale[qp%6]<<(qp/6) + 1<<(shift-1)) >> shift
			if p.cu.bypass {
				c = int64(v)
			}
			want[y*n+x] = int16(min(max(c, -32768), 32767))
		}
		p.Levels(uint8(subY<<3|subX), &inSub, sig, &level)
		require.Equal(t, want, p.coeffs[:n*n], "round %d: %d bits, %dx%d, skip %v", round, depth, n, n, skip)
	}
}
