package webp

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
)

// FuzzVerify checks that verdicts agree with the decoder's except for the table of policies,
// that faults are well formed, and that nothing panics.
func FuzzVerify(f *testing.F) {
	seeds := 0
	add := func(b []byte) {
		if len(b) < 12_000 {
			f.Add(b)
			seeds++
		}
	}
	for _, g := range append(goodFiles(f), madeFiles()...) {
		add(g.data)
	}
	for _, c := range containerCases(f) {
		add(c.data)
	}
	rnd := rand.New(rand.NewPCG(1, 9))
	files := goodFiles(f)
	for range 20 {
		add(mutate(rnd, files[rnd.IntN(len(files))].data, files))
	}
	if seeds < 60 {
		f.Fatalf("%d seeds, want 60", seeds)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		info, err := Verify(b, limits)
		require.LessOrEqual(t, len(info.Warnings), 16)
		for _, w := range info.Warnings {
			require.LessOrEqual(t, w.Offset, int64(len(b)), w.Text)
		}
		if err == nil {
			require.Positive(t, info.Width)
			require.Positive(t, info.Height)
			require.Positive(t, info.Frames)
		} else {
			fault := new(verify.Fault)
			require.True(t, errors.As(err, &fault))
			require.LessOrEqual(t, fault.Offset, int64(len(b)))
			require.GreaterOrEqual(t, fault.Offset, int64(-1))
		}
		compare(t, b)
	})
}
