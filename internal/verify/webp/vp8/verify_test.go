package vp8

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
)

// zeros returns a frame whose probabilities are such that 400 booleans of a
// macroblock take 3 bits.
func zeros() []byte {
	const width, height = 10000, 9984
	modes := newBoolWriter()
	modes.frameHeader(func(_, _, _, i int) uint32 {
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

func TestZerosAreNotFree(t *testing.T) {
	b := zeros()
	require.Less(t, len(b), 1<<20)

	_, err := Verify(b, 0, 1<<40)
	require.NoError(t, err)

	// What a file of 1 MiB is allowed; BenchmarkZeros tells how long that takes.
	_, err = Verify(b, 0, 1<<23+16<<20)
	fault := new(verify.Fault)
	require.ErrorAs(t, err, &fault)
	require.Equal(t, verify.TooMuchWork, fault.Reason)
}

func BenchmarkZeros(b *testing.B) {
	frame := zeros()
	for b.Loop() {
		if _, err := Verify(frame, 0, 1<<23+16<<20); err == nil {
			b.Fatal("taken")
		}
	}
}
