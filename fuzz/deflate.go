package fuzz

import "hash/adler32"

// deflater writes the symbols and headers of DEFLATE blocks.
type deflater struct{ lsbWriter }

// fixedLiterals codes raw as one block of fixed Huffman codes without matches
// (RFC 1951 3.2.6).
func fixedLiterals(raw []byte) []byte {
	var w deflater
	w.put(1, 1)
	w.put(1, 2)
	for _, v := range raw {
		w.fixedSymbol(int(v))
	}
	w.fixedSymbol(256)
	return w.b
}

// fixedSymbol writes a literal/length symbol of the fixed code, up to 287.
func (w *deflater) fixedSymbol(sym int) {
	switch v := uint64(sym); {
	case sym < 144:
		w.code(0x30+v, 8)
	case sym < 256:
		w.code(0x190+v-144, 9)
	case sym < 280:
		w.code(v-256, 7)
	default:
		w.code(0xc0+v-280, 8)
	}
}

// dynamicHeader writes the start of a last block of dynamic Huffman codes (RFC
// 1951 3.2.7) with the given code lengths, each spelled out without repeats: the
// code length code gives every length from 0 to 15 four bits.
func (w *deflater) dynamicHeader(litlen, dist []int) {
	w.put(1, 1)
	w.put(2, 2)
	w.put(uint64(len(litlen)-257), 5)
	w.put(uint64(len(dist)-1), 5)
	w.flatLengthCode()
	for _, n := range append(litlen[:len(litlen):len(litlen)], dist...) {
		w.code(uint64(n), 4)
	}
}

// flatLengthCode writes HCLEN and a code length code in which 0 to 15 have four
// bits each, and the repeats 16 to 18 have none.
func (w *deflater) flatLengthCode() {
	w.put(19-4, 4)
	for _, sym := range [19]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15} {
		if sym > 15 {
			w.put(0, 3)
		} else {
			w.put(4, 3)
		}
	}
}

// deflateZeros codes n zero bytes in two bits for each 258 of them: symbol 285
// has one bit, 0 and 256 have two, and the only distance has one.
func deflateZeros(n int) []byte {
	litlen := make([]int, 286)
	litlen[285], litlen[0], litlen[256] = 1, 2, 2
	var w deflater
	w.dynamicHeader(litlen, []int{1})
	for ; n > 0 && (n-1)%258 != 0; n-- {
		w.code(2, 2) // literal 0
	}
	if n > 0 {
		w.code(2, 2)
		for range (n - 1) / 258 {
			w.code(0, 1) // length 258
			w.code(0, 1) // distance 1
		}
	}
	w.code(3, 2) // end of block
	return w.b
}

// zeroSum returns the Adler-32 of n zero bytes without looking at them: the low
// half stays 1, the high half counts (RFC 1950 8.2).
func zeroSum(n int) uint32 {
	const base = 65521
	return uint32(n%base)<<16 | 1
}

// zlibZeros is a zlib stream of n zero bytes.
func zlibZeros(n int) []byte {
	return join([]byte{0x78, 0x01}, deflateZeros(n), be32(zeroSum(n)))
}

// zeros returns the file of a picture whose samples are all zero. Its size grows
// by one byte for 1 KB of pixels.
func (p pngInfo) zeros() []byte {
	row := (int(p.w)*p.bits() + 7) / 8
	return pngFile(p.chunk(), idat(zlibZeros((row+1)*int(p.h))), iend)
}

// badSum is the Adler-32 that raw does not have.
func badSum(raw []byte) []byte { return be32(adler32.Checksum(raw) ^ 1) }
