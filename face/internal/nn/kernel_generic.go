package nn

// multiply computes j.
func (m *matrix) multiply(j job) { m.multiplyPortable(j) }

// taps9 computes pixels of a depthwise convolution; see taps9Portable.
func taps9(dst, r0, r1, r2, taps, bias []float32, stride int) {
	taps9Portable(dst, r0, r1, r2, taps, bias, stride)
}
