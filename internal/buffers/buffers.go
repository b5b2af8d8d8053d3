// Package buffers rounds the sizes of buffers that are used again, so that one fits files of about
// the same size.
package buffers

import "math/bits"

// Least is the smallest size.
const Least = 4 << 10

// Size rounds n up, by less than a quarter. Twice a rounded size is a rounded size.
func Size(n int64) int64 {
	if n <= Least {
		return Least
	}
	step := int64(1) << octave(n)
	return (n + step - 1) &^ (step - 1)
}

// Classes is how many rounded sizes there are below 1<<34.
const Classes = 4 * 32

// Class numbers the rounded sizes. It is below Classes for those up to 1<<34.
func Class(size int64) int {
	o := octave(size)
	return 4*o + int((size-1)>>o) - 4
}

// octave is log2 of the step between rounded sizes about n: four of them reach from one power of
// two to the next.
func octave(n int64) int { return bits.Len64(uint64(n-1)) - 3 }
