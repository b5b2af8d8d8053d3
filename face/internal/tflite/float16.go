package tflite

import (
	"encoding/binary"
	"math"
)

// Floats returns the elements of a constant of floats, widened to 32 bits, or nil for any other
// tensor.
func (t Tensor) Floats() []float32 {
	if len(t.Data) == 0 || t.Type == Int32 {
		return nil
	}
	out := make([]float32, len(t.Data)/t.Type.Size())
	if t.Type == Float32 {
		for i := range out {
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.Data[4*i:]))
		}
		return out
	}
	for i := range out {
		out[i] = widen(binary.LittleEndian.Uint16(t.Data[2*i:]))
	}
	return out
}

// Ints returns the elements of a constant of 32-bit integers, or nil for any other tensor.
func (t Tensor) Ints() []int {
	if len(t.Data) == 0 || t.Type != Int32 {
		return nil
	}
	out := make([]int, len(t.Data)/4)
	for i := range out {
		out[i] = int(int32(binary.LittleEndian.Uint32(t.Data[4*i:])))
	}
	return out
}

// widen returns a binary16 number as binary32, exactly (IEEE 754-2019, 3.6: 1 sign bit, 5 of
// exponent with bias 15, 10 of significand).
func widen(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exponent := uint32(h>>10) & 31
	fraction := uint32(h) & 0x3FF
	switch {
	case exponent == 31: // infinity or NaN
		return math.Float32frombits(sign | 255<<23 | fraction<<13)
	case exponent == 0: // zero or subnormal: fraction * 2^-24, which binary32 holds exactly
		f := float32(fraction) * (1.0 / (1 << 24))
		return math.Float32frombits(sign | math.Float32bits(f))
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}
