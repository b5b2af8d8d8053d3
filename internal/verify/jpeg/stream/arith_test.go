package stream

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
)

// figures decodes decisions as the figures of T.81 D.2 do, with their registers: one bit of the
// code at a time.
type figures struct {
	data        []byte // of the segment, without stuffed bytes
	at          int
	c, a        uint32 // Cx in the upper 16 bits, and A
	ct          int
	table       [256]estimate
	renormalise bool // before the next decision, when its bits are needed
}

func (f *figures) byteIn() {
	b := uint32(0)
	if f.at < len(f.data) {
		b = uint32(f.data[f.at])
	}
	f.at++
	f.c += b << 8
	f.ct = 8
}

// start is Initdec, figure D.22.
func (f *figures) start() {
	f.byteIn()
	f.c <<= 8
	f.byteIn()
	f.c <<= 8
	f.ct, f.a = 0, 0x10000
}

// decide is Decode, figures D.19 to D.24.
func (f *figures) decide(state *byte) int {
	for f.renormalise {
		if f.ct == 0 {
			f.byteIn()
		}
		f.a <<= 1
		f.c <<= 1
		f.ct--
		f.renormalise = f.a < 0x8000
	}
	e := f.table[*state]
	mps := int(*state >> 7)
	qe := uint32(e.qe)
	f.a -= qe
	if f.c>>16 < f.a {
		if f.a >= 0x8000 {
			return mps
		}
		f.renormalise = true
		if f.a < qe { // Cond_MPS_exchange
			*state = e.lps
			return 1 - mps
		}
		*state = e.mps
		return mps
	}
	f.c -= f.a << 16
	f.renormalise = true
	less := f.a < qe
	f.a = qe
	if less { // Cond_LPS_exchange
		*state = e.mps
		return mps
	}
	*state = e.lps
	return 1 - mps
}

// TestDecide compares decisions, statistics and the bytes used with those of T.81's figures, on
// segments that are longer than the buffer, or end early.
func TestDecide(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 3, 9, 100, BufSize - 1, BufSize, BufSize + 5, 3*BufSize + 77} {
		for kind := range 4 {
			data := make([]byte, n)
			for i := range data {
				switch kind {
				case 0:
					data[i] = byte(rng.Uint32())
				case 1: // long runs of one decision
					data[i] = byte(rng.Uint32() & rng.Uint32() & rng.Uint32())
				case 2:
					data[i] = 0xff
				}
			}
			r := new(Reader)
			r.Init()
			r.Reset(append(bytes.ReplaceAll(data, []byte{0xff}, []byte{0xff, 0}), 0xff, 0xd9), verify.Limits{})
			r.StartSegment()
			r.Arith.Start()
			f := &figures{data: data, table: estimates()}
			f.start()
			var ours, theirs [256]byte
			ours[0], theirs[0] = fixedBin, fixedBin
			dropped := 0 // bytes that have left the buffer
			spread := 1 + rng.IntN(255)
			for i := 0; f.at < n+3 && i < 300_000; i++ {
				bin := rng.IntN(spread)
				before, end := r.Arith.At(), r.Src.End
				got := r.Arith.Decide(&ours[bin])
				if r.Arith.At() < before { // the buffer was filled again
					dropped += end
				}
				if want := f.decide(&theirs[bin]); got != want || ours[bin] != theirs[bin] || dropped+r.Arith.At() != f.at {
					t.Fatalf("decision %d of %d bytes is %d, not %d; then the statistics are %d, not %d, and %d bytes are used, not %d",
						i, n, got, want, ours[bin], theirs[bin], dropped+r.Arith.At(), f.at)
				}
			}
			require.Positive(t, r.Arith.Work)
		}
	}
}
