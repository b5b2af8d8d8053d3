package vp8

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
)

// state is what a row of macroblocks leaves behind.
type state struct {
	above []contexts
	steps int64
	bits  int    // read so far
	next  uint64 // the bits that are loaded
	r     uint32
	eof   bool
}

// rowsOf reads rows of macroblocks with one of the loops.
func rowsOf(d *decoder, fast bool, b []byte, rows int) (all []state) {
	d.fast, d.steps = fast, 0
	clear(d.above[:])
	r := newReader(verify.SectionOf(b))
	for range rows {
		d.tokens(&r)
		n := r.w.n & 63
		all = append(all, state{append([]contexts(nil), d.above[:d.columns]...), d.steps,
			8*r.pos - int(n), r.w.v &^ (1<<(64-n) - 1), r.w.r, r.eof})
	}
	return all
}

// TestBlocks compares the loop in assembly with those in Go: any bits are coefficients, whatever
// the probabilities.
func TestBlocks(t *testing.T) {
	testenv.OneGoroutine(t)
	if !hasBlocks {
		t.Skip("one loop")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	d := new(decoder)
	var blocksRead int64
	for range 3000 {
		// Probabilities about a middle of their own for each boolean, so that all tokens come.
		bias := 1 + rng.IntN(255)
		for plane := range d.probs {
			for n := range d.probs[plane] {
				for c := range d.probs[plane][n] {
					for i := range d.probs[plane][n][c] {
						p := rng.IntN(256)
						if rng.IntN(3) > 0 {
							p = min(255, max(0, bias+rng.IntN(40)-20))
						}
						d.probs[plane][n][c][i] = uint8(p)
					}
				}
			}
		}
		d.columns = 1 + rng.IntN(12)
		for x := range d.columns {
			d.coded[x] = macroblock(0)
			if rng.IntN(2) == 0 {
				d.coded[x] |= split
			}
			if rng.IntN(6) == 0 {
				d.coded[x] |= skipped
			}
		}
		b := make([]byte, 1+rng.IntN(1+rng.IntN(6000)))
		density := rng.IntN(3)
		for i := range b {
			b[i] = byte(rng.Uint32())
			switch density {
			case 1:
				b[i] &= byte(rng.Uint32())
			case 2:
				b[i] |= byte(rng.Uint32())
			}
		}
		b[0] &= 0x7f // see possible
		rows := 1 + rng.IntN(6)
		want := rowsOf(d, false, b, rows)
		require.Equal(t, want, rowsOf(d, true, b, rows))
		blocksRead += want[rows-1].steps
	}
	t.Logf("%d steps", blocksRead)
	require.Greater(t, blocksRead, int64(1_000_000))
}
