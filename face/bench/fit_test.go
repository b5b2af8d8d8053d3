package main

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/face/internal/trace"
)

// TestLogistic fits samples that were drawn from a known regression.
func TestLogistic(t *testing.T) {
	want := []float64{2, -1, 0, 0.5}
	r := rand.New(rand.NewPCG(1, 2))
	var rows [][]float64
	var positive []bool
	for range 20000 {
		x := []float64{r.NormFloat64(), r.NormFloat64(), r.NormFloat64()}
		z := want[3]
		for i, v := range x {
			z += want[i] * v
		}
		rows, positive = append(rows, x), append(positive, r.Float64() < 1/(1+math.Exp(-z)))
	}
	got := logistic(rows, positive)
	require.Len(t, got, 4)
	for i := range want {
		require.InDelta(t, want[i], got[i], 0.1, i)
	}
	require.Empty(t, logistic(nil, nil))
}

// TestLogisticParted fits rows that a line parts, which have no best fit without the penalty.
func TestLogisticParted(t *testing.T) {
	w := logistic([][]float64{{-2}, {-1}, {1}, {2}}, []bool{false, false, true, true})
	require.Greater(t, w[0], 0.5)
	require.Less(t, w[0], 10.0)
	require.InDelta(t, 0, w[1], 1e-6)
}

// TestFitting fits candidates of which the full-range net alone knows what they are.
func TestFitting(t *testing.T) {
	f := &fitting{}
	for i := range 400 {
		p := picture{set: []string{"first", "second"}[i%2], faces: i / 2 % 2}
		v := traced{picture: p}
		wide := 0.1
		if p.faces > 0 {
			v.variant, wide = "cut to 60 % of the face", 0.9
		}
		other := 0.3 + 0.4*float64(i/4%2)
		v.candidates = []trace.Candidate{
			{Frame: true, Proposal: other, Far: 1 - other, Wide: wide, Side: 0.9, Score: wide},
			{Proposal: 0.9, Far: 0.9, Wide: 0.9, Score: 0.4},
		}
		f.seen = append(f.seen, v)
	}
	w := f.fitOn("first")
	require.Greater(t, w.weights[2], 1.0)
	require.InDelta(t, 0, w.weights[0], 0.1)
	require.InDelta(t, 0, w.weights[1], 0.1)
	var out bytes.Buffer
	f.print(&out)
	require.Contains(t, out.String(), "| full-range at 4 alone | cut to 60 % of the face: 200 of 200 (100.0 %) | without a face: 0 of 200 (0.0 %) |")
	require.Contains(t, out.String(), "| before: no such candidates | cut to 60 % of the face: 0 of 200 (0.0 %) |")
}
