//go:build !amd64 || purego

package recon

// hasVector tells whether there is vector code for this processor.
const hasVector = false

func (p *Picture) addInverse(int, int) bool { return false }

func bandVector(out, in []uint16, offsets *[8]int16, first, shift, top int) {
	bandPortable(out, in, offsets, first, shift, top)
}

func edgesVector(out, in, a, b []uint16, offsets *[8]int16, top int) {
	edgesPortable(out, in, a, b, offsets, top)
}
