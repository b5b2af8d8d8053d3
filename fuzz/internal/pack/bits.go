package pack

// LSB writes bits as DEFLATE and VP8L pack them: the first bit is the
// lowest of the first byte.
type LSB struct {
	Bytes []byte
	free  uint // unused high bits of the last byte
}

// Put writes the low n bits of v, lowest first.
func (w *LSB) Put(v uint64, n uint) {
	for i := range n {
		if w.free == 0 {
			w.Bytes, w.free = append(w.Bytes, 0), 8
		}
		w.Bytes[len(w.Bytes)-1] |= byte(v>>i&1) << (8 - w.free)
		w.free--
	}
}

// Code writes an n-bit Huffman code, which DEFLATE packs highest bit first.
func (w *LSB) Code(v uint64, n uint) {
	for i := n; i > 0; i-- {
		w.Put(v>>(i-1)&1, 1)
	}
}

// MSB writes bits as JPEG and HEVC pack them: the first bit is the highest
// of the first byte.
type MSB struct {
	Bytes []byte
	free  uint // unused low bits of the last byte
}

// Put writes the low n bits of v, highest first.
func (w *MSB) Put(v uint64, n uint) {
	for i := n; i > 0; i-- {
		if w.free == 0 {
			w.Bytes, w.free = append(w.Bytes, 0), 8
		}
		w.free--
		w.Bytes[len(w.Bytes)-1] |= byte(v>>(i-1)&1) << w.free
	}
}

// UE writes an unsigned Exp-Golomb number (H.265 9.2).
func (w *MSB) UE(v uint64) {
	n := uint(0)
	for (v+1)>>(n+1) > 0 {
		n++
	}
	w.Put(0, n)
	w.Put(v+1, n+1)
}

// Align leaves what is left of the last byte at zero.
func (w *MSB) Align() { w.free = 0 }
