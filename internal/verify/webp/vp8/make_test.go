package vp8

// boolWriter is the boolean encoder of RFC 6386 section 7.3.
type boolWriter struct {
	b      []byte
	bottom uint32
	r      uint32 // the range
	n      int    // bits to shift before a byte is complete
}

func newBoolWriter() *boolWriter { return &boolWriter{r: 255, n: 24} }

func (w *boolWriter) carry() {
	i := len(w.b) - 1
	for ; w.b[i] == 255; i-- {
		w.b[i] = 0
	}
	w.b[i]++
}

func (w *boolWriter) write(v bool, p uint32) {
	split := 1 + (w.r-1)*p>>8
	if v {
		w.bottom += split
		w.r -= split
	} else {
		w.r = split
	}
	for w.r < 128 {
		w.r <<= 1
		if w.bottom&(1<<31) != 0 {
			w.carry()
		}
		w.bottom <<= 1
		if w.n--; w.n == 0 {
			w.b = append(w.b, byte(w.bottom>>24))
			w.bottom &= 1<<24 - 1
			w.n = 8
		}
	}
}

func (w *boolWriter) number(v, n uint32) {
	for n > 0 {
		n--
		w.write(v>>n&1 != 0, 128)
	}
}

func (w *boolWriter) bytes() []byte {
	w.number(0, 32)
	return w.b
}

// frameOf returns a key frame with one partition of coefficients.
func frameOf(width, height int, modes, tokens []byte) []byte {
	tag := 1<<4 | len(modes)<<5
	head := []byte{byte(tag), byte(tag >> 8), byte(tag >> 16), 0x9d, 0x01, 0x2a, byte(width), byte(width >> 8), byte(height), byte(height >> 8)}
	return append(append(head, modes...), tokens...)
}

// frameHeader writes a frame header with 1<<partitions partitions, that changes
// nothing but the probabilities for which change returns something else than 0.
// If skip is not 0, it is the probability that a macroblock has coefficients.
func (w *boolWriter) frameHeader(partitions, skip uint32, change func(plane, band, context, i int) uint32) {
	w.number(0, 1+1+1)   // colour space, clamping, segments
	w.number(0, 1+6+3+1) // filter
	w.number(partitions, 2)
	w.number(0, 7+5+1) // quantizers, refresh
	for i := range updateProbs {
		for j := range updateProbs[i] {
			for k := range updateProbs[i][j] {
				for l, p := range updateProbs[i][j][k] {
					v := change(i, j, k, l)
					w.write(v != 0, uint32(p))
					if v != 0 {
						w.number(v, 8)
					}
				}
			}
		}
	}
	w.write(skip != 0, even)
	if skip != 0 {
		w.number(skip, 8)
	}
}
