//go:build !purego

package recon

//go:noescape
func saoBand(out, in *uint16, n int, offsets *[8]int16, first, shift, top int)

//go:noescape
func saoEdge(out, in, a, b *uint16, n int, offsets *[8]int16, top int)

// saoGroup is how many samples the vector code needs.
const saoGroup = 16

func bandVector(out, in []uint16, offsets *[8]int16, first, shift, top int) {
	if len(out) < saoGroup {
		bandPortable(out, in, offsets, first, shift, top)
		return
	}
	_ = in[len(out)-1]
	saoBand(&out[0], &in[0], len(out), offsets, first, shift, top)
}

func edgesVector(out, in, a, b []uint16, offsets *[8]int16, top int) {
	if len(out) < saoGroup {
		edgesPortable(out, in, a, b, offsets, top)
		return
	}
	_, _, _ = in[len(out)-1], a[len(out)-1], b[len(out)-1]
	saoEdge(&out[0], &in[0], &a[0], &b[0], len(out), offsets, top)
}
