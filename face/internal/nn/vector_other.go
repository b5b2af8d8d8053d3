//go:build (!amd64 && !arm64) || purego

package nn

// hasVector reports whether there are vector kernels for this processor.
const hasVector = false

func (m *matrix) multiplyVector(j *job) { m.multiplyPortable(j) }

func taps9Vector(dst, r0, r1, r2, taps, bias []float32, stride int) {
	taps9Portable(dst, r0, r1, r2, taps, bias, stride, 0)
}
