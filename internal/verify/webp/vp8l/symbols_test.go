package vp8l_test

import (
	"context"
	"math"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/webp/vp8l"
)

// writer writes bits from the lowest of each byte up.
type writer struct {
	b []byte
	n uint
}

func (w *writer) put(v, n uint) {
	for i := range n {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[len(w.b)-1] |= byte(v>>i&1) << (w.n % 8)
		w.n++
	}
}

// uniform writes a code of 1<<length symbols of that length.
func (w *writer) uniform(length uint) {
	order := [...]uint{17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11}
	w.put(0, 1)
	w.put(uint(len(order)-4), 4)
	for _, v := range order {
		if v == length {
			w.put(1, 3)
		} else {
			w.put(0, 3)
		}
	}
	w.put(1, 1) // how many lengths there are
	w.put(5, 3) // in 12 bits
	w.put(1<<length-2, 12)
}

// constant writes a code of the symbol 0.
func (w *writer) constant() { w.put(1, 4) }

const side = 364 // 91 tiles of 4 pixels

// groups makes a picture of that many groups of 2048 symbols each.
func groups(n int) []byte {
	var w writer
	w.put(0, 1) // no transform
	w.put(1, 1)
	w.put(11, 4) // colour cache
	w.put(1, 1)  // tiles
	w.put(0, 3)  // of 4 pixels
	w.put(0, 1)  // their picture has no cache
	w.uniform(8)
	w.uniform(8)
	for range 3 {
		w.constant()
	}
	for i := range side / 4 * side / 4 {
		g := uint(min(i, n-1))
		w.put(uint(bits.Reverse8(uint8(g))), 8)
		w.put(uint(bits.Reverse8(uint8(g>>8))), 8)
	}
	for range n {
		w.uniform(11)
		for range 4 {
			w.constant()
		}
	}
	for i := range side * side {
		w.put(uint(bits.Reverse16(uint16(i%256)<<5)), 11) // literals, green
	}
	return append(w.b, make([]byte, 8)...)
}

// TestManyGroups: the symbols of 8192 groups are as many as may be.
func TestManyGroups(t *testing.T) {
	for n, reason := range map[int]verify.Reason{1: "", 2: "", 8191: "", 8192: "", 8193: verify.TooMuchWork} {
		b := groups(n)
		in := verify.Memory(context.Background(), b)
		in.Allow(math.MaxInt64, 0)
		_, err := vp8l.Verify(in, in.Section(0, len(b)), 0, side, side)
		if reason != "" {
			var fault *verify.Fault
			require.ErrorAs(t, err, &fault, n)
			require.Equal(t, reason, fault.Reason, n)
			continue
		}
		require.NoError(t, err, n)
		rows := 0
		require.NoError(t, vp8l.Rows(b, side, side, func(y int, argb []uint32) error {
			require.Equal(t, rows, y)
			rows++
			for x, c := range argb {
				require.Equal(t, uint32((y*side+x)%256)<<8, c, "%d groups, %d,%d", n, x, y)
			}
			return nil
		}))
		require.Equal(t, side, rows)
		for _, cut := range []int{0, 1, len(b) / 3, len(b) / 2, len(b) - 100} {
			require.Error(t, vp8l.Rows(b[:cut], side, side, func(int, []uint32) error { return nil }), "%d of %d", cut, len(b))
		}
	}
}
