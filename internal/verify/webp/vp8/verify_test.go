package vp8

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
)

// zeros returns a frame whose probabilities are such that 400 booleans of a
// macroblock take 3 bits.
func zeros() []byte {
	const width, height = 10000, 9984
	modes := newBoolWriter()
	modes.frameHeader(0, 0, func(_, _, _, i int) uint32 {
		return [numProbs]uint32{1, 255}[i&1] // never the end of a block, always a zero
	})
	tokens := newBoolWriter()
	for range width / 16 * height / 16 {
		modes.write(true, probNotSplit)
		modes.write(false, probTMorHE)
		modes.write(false, probVE)
		modes.write(false, probChroma0)
	}
	for range width / 16 * height / 16 {
		for i := range 25 {
			tokens.write(true, 1)
			for n := range 16 {
				if i > 0 && i < 17 && n == 15 {
					break
				}
				tokens.write(false, 255)
			}
		}
	}
	return frameOf(width, height, modes.bytes(), tokens.bytes())
}

// check verifies a frame that may cost so much work.
func check(b []byte, base int, work int64) (Result, error) {
	in := verify.Memory(context.Background(), b)
	in.Allow(work, 0)
	return Verify(in, in.Section(0, len(b)), base)
}

func TestZerosAreNotFree(t *testing.T) {
	b := zeros()
	require.Less(t, len(b), 1<<20)

	_, err := check(b, 0, 1<<40)
	require.NoError(t, err)

	// What a file of 1 MiB is allowed; BenchmarkZeros tells how long that takes.
	_, err = check(b, 0, 1<<23+16<<20)
	fault := new(verify.Fault)
	require.ErrorAs(t, err, &fault)
	require.Equal(t, verify.TooMuchWork, fault.Reason)
}

func BenchmarkZeros(b *testing.B) {
	frame := zeros()
	for b.Loop() {
		if _, err := check(frame, 0, 1<<23+16<<20); err == nil {
			b.Fatal("taken")
		}
	}
}

// libwebp calls a frame cut if a row's partition is empty, even if all of the
// row's macroblocks are skipped.
func TestEmptyPartition(t *testing.T) {
	for _, c := range []struct {
		height int
		first  byte // bytes of the first partition
		want   verify.Reason
	}{
		{32, 1, ""}, {32, 0, verify.Truncated}, {16, 1, ""}, {16, 0, verify.Truncated},
		{32, 2, verify.Truncated}, // the last one is missing
		{32, 3, verify.Truncated}, // out of the chunk
	} {
		modes := newBoolWriter()
		modes.frameHeader(1, 1, func(_, _, _, _ int) uint32 { return 0 })
		for range c.height / 16 {
			modes.write(true, 1) // skipped
			modes.write(true, probNotSplit)
			modes.write(false, probTMorHE)
			modes.write(false, probVE)
			modes.write(false, probChroma0)
		}
		b := frameOf(16, c.height, modes.bytes(), []byte{c.first, 0, 0, 0, 0})
		_, err := check(b, 0, 1<<20)
		if c.want == "" {
			require.NoError(t, err, "%v", c)
			continue
		}
		fault := new(verify.Fault)
		require.ErrorAs(t, err, &fault, "%v", c)
		require.Equal(t, c.want, fault.Reason, "%v", c)
	}
}

// A frame may not need more than it has, and may have a little more.
func TestSurplus(t *testing.T) {
	modes := newBoolWriter()
	modes.frameHeader(0, 1, func(_, _, _, _ int) uint32 { return 0 })
	modes.write(true, 1)
	modes.write(true, probNotSplit)
	modes.write(false, probTMorHE)
	modes.write(false, probVE)
	modes.write(false, probChroma0)
	head := modes.bytes() // once: each call ends the partition anew
	for n, want := range map[int]bool{1: false, maxSurplus: false, maxSurplus + 1: true, 100: true} {
		res, err := check(frameOf(16, 16, head, make([]byte, n)), 0, 1<<20)
		require.NoError(t, err)
		require.Equal(t, want, res.Surplus, "%d bytes", n)
	}
	b := frameOf(16, 16, head, []byte{255})
	_, err := check(b, 0, 1<<20)
	fault := new(verify.Fault)
	require.ErrorAs(t, err, &fault)
	require.Equal(t, verify.Malformed, fault.Reason)
}
