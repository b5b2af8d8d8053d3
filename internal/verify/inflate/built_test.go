package inflate

import (
	"math/rand/v2"
	"testing"

	"github.com/imgvet/imgvet/internal/testenv"
)

// builder writes a zlib stream bit by bit.
type builder struct {
	b   []byte
	acc uint64
	n   uint
}

func (w *builder) bits(v uint64, n uint) {
	w.acc |= v << w.n
	for w.n += n; w.n >= 8; w.n -= 8 {
		w.b = append(w.b, byte(w.acc))
		w.acc >>= 8
	}
}

// code writes a Huffman code, whose first bit is the highest.
func (w *builder) code(v uint16, n uint8) {
	for i := int(n) - 1; i >= 0; i-- {
		w.bits(uint64(v>>i&1), 1)
	}
}

func (w *builder) align() {
	if w.n > 0 {
		w.bits(0, 8-w.n)
	}
}

// randomCode returns the lengths of a complete code for some of count symbols, those of must
// among them.
func randomCode(rng *rand.Rand, count int, must ...int) []uint8 {
	lengths := make([]uint8, count)
	leaves := []uint8{1, 1}
	most := 2 + rng.IntN(count-1)
	skew := rng.IntN(3)
	for range 4 * most {
		if len(leaves) >= max(most, len(must)) {
			break
		}
		i := rng.IntN(len(leaves))
		if skew == 0 {
			i = len(leaves) - 1 // long codes
		}
		if leaves[i] < 15 {
			leaves[i]++
			leaves = append(leaves, leaves[i])
		}
	}
	rng.Shuffle(len(leaves), func(i, j int) { leaves[i], leaves[j] = leaves[j], leaves[i] })
	order := rng.Perm(count)
	for _, s := range must {
		lengths[s], leaves = leaves[0], leaves[1:]
	}
	for _, s := range order {
		if len(leaves) > 0 && lengths[s] == 0 {
			lengths[s], leaves = leaves[0], leaves[1:]
		}
	}
	return lengths
}

// codesOf returns the codes of lengths.
func codesOf(lengths []uint8) []uint16 {
	codes := make([]uint16, len(lengths))
	next := uint16(0)
	for l := uint8(1); l <= 15; l++ {
		for s, n := range lengths {
			if n == l {
				codes[s] = next
				next++
			}
		}
		next <<= 1
	}
	return codes
}

// built returns a stream of random blocks. Its matches lie at the ends of what they may reach:
// the longest and shortest, over the whole window, over themselves, and sometimes too far back.
func built(rng *rand.Rand) []byte {
	w := &builder{b: []byte{0x78, 0x9c}}
	size := 0
	blocks := 1 + rng.IntN(5)
	for i := range blocks {
		last := uint64(0)
		if i == blocks-1 {
			last = 1
		}
		if rng.IntN(4) == 0 {
			n := rng.IntN([]int{1, 10, 70, 40_000}[rng.IntN(4)])
			w.bits(last, 3)
			w.align()
			w.bits(uint64(n), 16)
			w.bits(uint64(^uint16(n)), 16)
			for range n {
				w.bits(uint64(rng.IntN(256)), 8)
			}
			size += n
			continue
		}
		w.bits(last|2<<1, 3)
		lit := randomCode(rng, 286, 256, 257+rng.IntN(29), rng.IntN(256))
		dist := randomCode(rng, 30)
		w.bits(uint64(len(lit)-257), 5)
		w.bits(uint64(len(dist)-1), 5)
		w.bits(19-4, 4)
		for _, s := range []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15} {
			n := uint64(4)
			if s > 15 {
				n = 0
			}
			w.bits(n, 3)
		}
		for _, n := range append(lit[:len(lit):len(lit)], dist...) {
			w.code(uint16(n), 4)
		}
		size += writeSymbols(w, rng, lit, dist, size)
		w.code(codesOf(lit)[256], lit[256])
	}
	w.align()
	for range 4 { // a checksum that is most likely wrong
		w.bits(uint64(rng.IntN(256)), 8)
	}
	if rng.IntN(3) == 0 {
		w.b = w.b[:len(w.b)-rng.IntN(min(len(w.b)-2, 20))]
	}
	return w.b
}

var extraOfLength = [29]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}

// writeSymbols writes random symbols of the codes, and returns how many bytes they stand for.
func writeSymbols(w *builder, rng *rand.Rand, lit, dist []uint8, before int) (n int) {
	litCodes, distCodes := codesOf(lit), codesOf(dist)
	var literals, lengths, distances []int
	for s, l := range lit {
		if l > 0 && s < 256 {
			literals = append(literals, s)
		} else if l > 0 && s > 256 {
			lengths = append(lengths, s)
		}
	}
	for s, l := range dist {
		if l > 0 {
			distances = append(distances, s)
		}
	}
	share := rng.IntN(8)
	for range rng.IntN([]int{3, 60, 3000}[rng.IntN(3)]) {
		if rng.IntN(8) >= share || before+n == 0 {
			s := literals[rng.IntN(len(literals))]
			w.code(litCodes[s], lit[s])
			n++
			continue
		}
		var d, base int
		var extra uint
		for range 20 {
			d = distances[rng.IntN(len(distances))]
			extra, base = 0, 1+d
			if d > 3 {
				extra = uint(d/2 - 1)
				base = 1 + (2+d&1)<<extra
			}
			if base <= before+n {
				break
			}
		}
		if base > before+n && rng.IntN(50) > 0 {
			continue
		}
		s := lengths[rng.IntN(len(lengths))]
		e := uint(extraOfLength[s-257])
		v := uint64(rng.IntN(1 << e))
		w.code(litCodes[s], lit[s])
		w.bits(v, e)
		w.code(distCodes[d], dist[d])
		room := min(1<<extra, max(1, before+n-base+1+rng.IntN(20)/19))
		x := []int{0, room - 1, rng.IntN(room)}[rng.IntN(3)]
		w.bits(uint64(x), extra)
		n += 3 + (s - 257) // about
	}
	return n
}

// TestBuiltTwins compares the loops on streams that no compressor writes.
func TestBuiltTwins(t *testing.T) {
	testenv.OneGoroutine(t)
	if !hasFastLoop {
		t.Skip("one loop")
	}
	rng := rand.New(rand.NewPCG(21, 22))
	d := new(Decoder)
	long := 0
	for range 3000 {
		b := built(rng)
		max := 0
		if rng.IntN(3) == 0 {
			max = 1 + rng.IntN(60)
		}
		requireTwins(t, d, b, max)
		if len(decodeWith(d, true, b, max, maxTwin).data) > 100_000 {
			long++
		}
	}
	t.Logf("%d of more than 100,000 bytes", long)
	if long < 20 {
		t.Fatal("too few streams are long")
	}
}
