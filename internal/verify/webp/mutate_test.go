package webp

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// mutants returns how many broken files a test makes in all: usual, unless IMGVET_MUTANTS says
// otherwise.
func mutants(tb testing.TB, everyDay int) int {
	if s := os.Getenv("IMGVET_MUTANTS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			tb.Fatal(err)
		}
		return n
	}
	return everyDay
}

// mutate breaks b in one or two places: bits, bytes, zeros, cuts, splices with another file,
// inserted or deleted bytes. Half of all edits are near the head, where sizes and tables are.
func mutate(rnd *rand.Rand, b []byte, others []file) []byte {
	b = bytes.Clone(b)
	low := 0
	if rnd.IntN(4) > 0 {
		low = min(20, len(b)-1)
	}
	place := func() int {
		if rnd.IntN(2) == 0 {
			return low + rnd.IntN(min(len(b)-low, 200))
		}
		return low + rnd.IntN(len(b)-low)
	}
	for range 1 + rnd.IntN(2) {
		if len(b) < 30 {
			return b
		}
		i := place()
		switch rnd.IntN(8) {
		case 0, 1:
			b[i] ^= 1 << rnd.IntN(8)
		case 2:
			b[i] = byte(rnd.IntN(256))
		case 3:
			clear(b[i:min(len(b), i+1+rnd.IntN(64))])
		case 4:
			other := others[rnd.IntN(len(others))].data
			copy(b[i:min(len(b), i+rnd.IntN(200))], other[rnd.IntN(len(other)):])
		case 5:
			b = append(b[:i:i], append([]byte{byte(rnd.IntN(256))}, b[i:]...)...)
		case 6:
			b = append(b[:i:i], b[i+1:]...)
		case 7:
			b = b[:low+rnd.IntN(len(b)-low)]
		}
		if rnd.IntN(2) == 0 {
			mend(b)
		}
	}
	return b
}

// mend corrects the sizes of the file and of its last chunk.
func mend(b []byte) {
	if len(b) < 20 {
		return
	}
	for at := 12; at+8 <= len(b); {
		n := int(binary.LittleEndian.Uint32(b[at+4:]))
		if n < 0 || n >= len(b)-at-8 {
			binary.LittleEndian.PutUint32(b[at+4:], uint32(len(b)-at-8))
			break
		}
		at += 8 + n + n&1
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8+len(b)&1))
}
