package jpeg

import (
	"bytes"
	"math/rand/v2"
)

// mutate returns a damaged copy of b. The damage depends on rng alone; other is
// a file to splice from.
func mutate(rng *rand.Rand, b, other []byte) []byte {
	c := bytes.Clone(b)
	for range 1 + rng.IntN(3) {
		if len(c) < 4 {
			return c
		}
		at := rng.IntN(len(c))
		switch rng.IntN(12) {
		case 0, 1: // one bit anywhere
			c[at] ^= 1 << rng.IntN(8)
		case 2: // one byte anywhere
			c[at] = byte(rng.IntN(256))
		case 3: // cut
			c = c[:at]
		case 4: // a run lost
			c = append(c[:at], c[min(len(c), at+1+rng.IntN(64)):]...)
		case 5: // a run twice
			n := min(len(c)-at, 1+rng.IntN(64))
			c = append(c[:at+n:at+n], c[at:]...)
		case 6: // zeros
			clear(c[at:min(len(c), at+1+rng.IntN(512))])
		case 7: // splice
			from := rng.IntN(len(other))
			copy(c[at:], other[from:min(len(other), from+1+rng.IntN(256))])
		case 8, 9: // a bit of the headers
			c[rng.IntN(min(len(c), 700))] ^= 1 << rng.IntN(8)
		case 10: // a byte of a segment, by its marker
			if i := segmentAt(rng, c); i > 0 {
				c[min(len(c)-1, i+2+rng.IntN(24))] = byte(rng.IntN(256))
			}
		case 11: // a segment lost or twice
			if i := segmentAt(rng, c); i > 0 && i+4 <= len(c) {
				n := 2 + int(c[i+2])<<8 + int(c[i+3])
				if end := i + n; end <= len(c) {
					if rng.IntN(2) == 0 {
						c = append(c[:i], c[end:]...)
					} else {
						c = append(c[:end:end], c[i:]...)
					}
				}
			}
		}
	}
	return c
}

// segmentAt returns where a marker of c stands that a length follows, or 0.
func segmentAt(rng *rand.Rand, c []byte) int {
	var at []int
	for i := 2; i+1 < len(c); i++ {
		if m := c[i+1]; c[i] == 0xff && m >= mSOF0 && m != 0xff && (m < mRST0 || m > mEOI) {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return 0
	}
	return at[rng.IntN(len(at))]
}
