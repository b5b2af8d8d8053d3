package deflate

import "github.com/imgvet/imgvet/fuzz/internal/pack"

// Writer writes the symbols and headers of DEFLATE blocks.
type Writer struct{ pack.LSB }

// FixedLiterals codes raw as one block of fixed Huffman codes without matches
// (RFC 1951 3.2.6).
func FixedLiterals(raw []byte) []byte {
	var w Writer
	w.Put(1, 1)
	w.Put(1, 2)
	for _, v := range raw {
		w.FixedSymbol(int(v))
	}
	w.FixedSymbol(256)
	return w.Bytes
}

// FixedSymbol writes a literal/length symbol of the fixed code, up to 287.
func (w *Writer) FixedSymbol(sym int) {
	switch v := uint64(sym); {
	case sym < 144:
		w.Code(0x30+v, 8)
	case sym < 256:
		w.Code(0x190+v-144, 9)
	case sym < 280:
		w.Code(v-256, 7)
	default:
		w.Code(0xc0+v-280, 8)
	}
}

// DynamicHeader writes the start of a last block of dynamic Huffman codes (RFC
// 1951 3.2.7) with the given code lengths, each spelled out without repeats: the
// code length code gives every length from 0 to 15 four bits.
func (w *Writer) DynamicHeader(litlen, dist []int) {
	w.Put(1, 1)
	w.Put(2, 2)
	w.Put(uint64(len(litlen)-257), 5)
	w.Put(uint64(len(dist)-1), 5)
	w.flatLengthCode()
	for _, n := range append(litlen[:len(litlen):len(litlen)], dist...) {
		w.Code(uint64(n), 4)
	}
}

// flatLengthCode writes HCLEN and a code length code in which 0 to 15 have four
// bits each, and the repeats 16 to 18 have none.
func (w *Writer) flatLengthCode() {
	w.Put(19-4, 4)
	for _, sym := range [19]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15} {
		if sym > 15 {
			w.Put(0, 3)
		} else {
			w.Put(4, 3)
		}
	}
}

// zeros codes n zero bytes in two bits for each 258 of them: symbol 285
// has one bit, 0 and 256 have two, and the only distance has one.
func zeros(n int) []byte {
	litlen := make([]int, 286)
	litlen[285], litlen[0], litlen[256] = 1, 2, 2
	var w Writer
	w.DynamicHeader(litlen, []int{1})
	for ; n > 0 && (n-1)%258 != 0; n-- {
		w.Code(2, 2) // literal 0
	}
	if n > 0 {
		w.Code(2, 2)
		for range (n - 1) / 258 {
			w.Code(0, 1) // length 258
			w.Code(0, 1) // distance 1
		}
	}
	w.Code(3, 2) // end of block
	return w.Bytes
}
