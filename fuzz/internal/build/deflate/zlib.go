package deflate

import (
	"hash/adler32"

	"github.com/imgvet/imgvet/fuzz/internal/pack"
)

// zeroSum returns the Adler-32 of n zero bytes without looking at them: the low
// half stays 1, the high half counts (RFC 1950 8.2).
func zeroSum(n int) uint32 {
	const base = 65521
	return uint32(n%base)<<16 | 1
}

// ZlibZeros is a zlib stream of n zero bytes.
func ZlibZeros(n int) []byte {
	return pack.Join([]byte{0x78, 0x01}, zeros(n), pack.BE32(zeroSum(n)))
}

// BadSum is the Adler-32 that raw does not have.
func BadSum(raw []byte) []byte { return pack.BE32(adler32.Checksum(raw) ^ 1) }

// ZlibStored wraps raw in a zlib stream of stored blocks (RFC 1950, RFC 1951
// 3.2.4), so that no compressor has a say in the bytes.
func ZlibStored(raw []byte) []byte {
	b := []byte{0x78, 0x01}
	rest := raw
	for {
		n := min(len(rest), 0xffff)
		final := byte(0)
		if n == len(rest) {
			final = 1
		}
		b = append(b, final)
		b = append(append(b, pack.LE16(n)...), pack.LE16(^n)...)
		b = append(b, rest[:n]...)
		rest = rest[n:]
		if final == 1 {
			return append(b, pack.BE32(adler32.Checksum(raw))...)
		}
	}
}

// ZlibOf wraps a DEFLATE stream that stands for raw.
func ZlibOf(deflate, raw []byte) []byte {
	return pack.Join([]byte{0x78, 0x01}, deflate, pack.BE32(adler32.Checksum(raw)))
}
