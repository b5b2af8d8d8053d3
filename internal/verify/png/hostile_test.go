package png

import (
	"encoding/binary"
	"hash/adler32"
	mathbits "math/bits"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
)

// bits writes by hand a deflate stream that no encoder would write.
type bits struct {
	b   []byte
	acc uint64
	n   int // bits in acc
}

// add writes the low n bits of v, lowest first; n is at most 32.
func (w *bits) add(v uint, n int) {
	w.acc |= uint64(v) & (1<<n - 1) << w.n
	for w.n += n; w.n >= 8; w.n -= 8 {
		w.b = append(w.b, byte(w.acc))
		w.acc >>= 8
	}
}

// align fills the last byte with zeros.
func (w *bits) align() { w.add(0, (8-w.n)%8) }

// codeword is a Huffman code, its first bit lowest.
type codeword struct {
	v uint
	n int
}

func (w *bits) put(c codeword) { w.add(c.v, c.n) }

// codes returns the canonical code of the lengths (RFC 1951, 3.2.2).
func codes(lens []uint8) []codeword {
	out := make([]codeword, len(lens))
	next := uint(0)
	for l := 1; l <= 15; l++ {
		for sym, n := range lens {
			if int(n) == l {
				out[sym] = codeword{uint(mathbits.Reverse16(uint16(next)) >> (16 - l)), l}
				next++
			}
		}
		next <<= 1
	}
	return out
}

// header writes the header of a dynamic block whose code lengths are lens.
func (w *bits) header(final uint, lit, dist []uint8) {
	w.add(final, 1)
	w.add(2, 2)
	w.add(uint(len(lit)-257), 5)
	w.add(uint(len(dist)-1), 5)
	// The code of the code lengths: 13 symbols of 4 bits, 6 of 5 bits.
	order := []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	w.add(uint(len(order)-4), 4)
	size := func(sym int) int {
		if sym >= 13 {
			return 5
		}
		return 4
	}
	for _, sym := range order {
		w.add(uint(size(sym)), 3)
	}
	sizes := make([]uint8, len(order))
	for sym := range sizes {
		sizes[sym] = uint8(size(sym))
	}
	runs := codes(sizes)
	emit := func(sym int) { w.put(runs[sym]) }
	all := append(append([]uint8{}, lit...), dist...)
	for i := 0; i < len(all); {
		run := 0
		for i+run < len(all) && all[i+run] == 0 && run < 138 {
			run++
		}
		switch {
		case run >= 11:
			emit(18)
			w.add(uint(run-11), 7)
			i += run
		default:
			emit(int(all[i]))
			i++
		}
	}
}

func zlibOf(deflated []byte, sum uint32) []byte {
	return binary.BigEndian.AppendUint32(append([]byte{0x78, 0x01}, deflated...), sum)
}

// bomb is the most that deflate expands: literal 0, then matches of 258 bytes
// of two bits each, all with distance dist or in turn with 1 and dist. The
// stream ends after raw bytes.
func bomb(raw int, dist int, alternate bool) []byte {
	lit, dists := make([]uint8, 286), make([]uint8, 30)
	lit[0], lit[256], lit[285] = 2, 2, 1
	sym := 0
	for s, base := range []int{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257} {
		if base == dist {
			sym = s
		}
	}
	dists[sym] = 1
	if sym == 0 {
		dists[1] = 1
	} else {
		dists[0] = 1
	}
	extra := max(0, sym/2-1)
	w := &bits{}
	w.header(1, lit, dists)
	l, d := codes(lit), codes(dists)
	for range dist {
		w.put(l[0])
	}
	for n, i := dist, 0; n+258 <= raw; n, i = n+258, i+1 {
		w.put(l[285])
		if alternate && i%2 == 1 {
			w.put(d[0])
		} else {
			w.put(d[sym])
			w.add(0, extra)
		}
	}
	for n := dist + (raw-dist)/258*258; n < raw; n++ {
		w.put(l[0])
	}
	w.put(l[256])
	w.align()
	// All bytes are zero: a stays 1, and b counts the bytes.
	return zlibOf(w.b, uint32(raw%65521)<<16|1)
}

// repeated is a zlib stream of a block written n times, then of its end.
func repeated(size int, block func(w *bits)) []byte {
	w := &bits{}
	for len(w.b) < size {
		block(w)
	}
	w.add(1, 1)
	w.add(1, 2)
	w.add(0, 7) // an empty fixed block
	w.align()
	return zlibOf(w.b, adler32.Checksum(nil))
}

// hostile are the most costly files that we could think of.
var hostile = sync.OnceValue(func() map[string][]byte {
	const size = 1 << 20
	picture := func(w, h uint32, depth, colour byte, z []byte) []byte {
		return join(ihdr(w, h, depth, colour, 0), part{"IDAT", z}, iend)
	}
	many := func(n int, p ...part) []byte {
		parts := rgb()[:1]
		for range n {
			parts = append(parts, p...)
		}
		return join(append(parts, rgb()[1], iend)...)
	}
	files := map[string][]byte{
		"empty IDATs": many(size/12, part{"IDAT", nil}),
		"empty text":  many(size/12, part{"tEXt", nil}),
		"IDATs of one byte": func() []byte {
			parts := []part{ihdr(1000, 300, 8, truecolour, 0)}
			for _, c := range stored(make([]byte, 65000)) {
				parts = append(parts, part{"IDAT", []byte{c}})
			}
			return join(append(parts, iend)...)
		}(),
		"empty stored blocks": picture(1, 1, 8, grayscale, repeated(size, func(w *bits) {
			w.add(0, 3)
			w.align()
			w.add(0xffff0000, 32)
		})),
		"empty fixed blocks": picture(1, 1, 8, grayscale, repeated(size, func(w *bits) { w.add(2, 10) })),
	}
	// The code of a deep tree, again and again.
	deep, dists := make([]uint8, 257), make([]uint8, 1)
	for i := range 14 {
		deep[i] = uint8(15 - i)
	}
	deep[15], deep[256] = 15, 1
	deepCodes := codes(deep)
	files["deep codes"] = picture(1, 1, 8, grayscale, repeated(size, func(w *bits) {
		w.header(0, deep, dists)
		w.put(deepCodes[256])
	}))
	// Symbols of 15 bits, which the table cannot hold.
	files["long codes"] = picture(749, 730, 8, grayscale, func() []byte {
		w := &bits{}
		w.header(1, deep, dists)
		for range 750 * 730 {
			w.put(deepCodes[0])
		}
		w.put(deepCodes[256])
		w.align()
		return zlibOf(w.b, 750*730%65521<<16|1)
	}())
	// As large a picture as the pixel limit allows, from 800 KB.
	const w, h = 10_000, 10_000
	for _, dist := range []int{1, 3, 4, 9, 257} {
		for _, alternate := range []bool{false, true} {
			if dist == 1 && alternate {
				continue
			}
			name := "bomb " + strconv.Itoa(dist)
			if alternate {
				name += " in turn"
			}
			files[name] = picture(w, h, 16, truecolorAlpha, bomb(h*(1+8*w), dist, alternate))
		}
	}
	// 10 MiB that go on after the last row.
	files["bomb past the end"] = picture(8, 8, 8, grayscale, append(bomb(800_000_000, 1, false), make([]byte, 9<<20)...))
	// Frames of one pixel each.
	frames := []part{ihdr(1, 1, 8, grayscale, 0), {"acTL", u32(0, 0)}, {"IDAT", stored([]byte{0, 0})}}
	n := uint32(0)
	for ; n < 2*size/75; n += 2 {
		frames = append(frames, fcTL(n, 1, 1, 0, 0), fdAT(n+1, stored([]byte{0, 0})))
	}
	binary.BigEndian.PutUint32(frames[1].data, n/2)
	files["one-pixel frames"] = join(append(frames, iend)...)
	// Full frames at the price of one chunk each.
	full := bomb(5000*5001, 1, false)
	frames = []part{ihdr(5000, 5000, 8, grayscale, 0), {"acTL", u32(41, 0)}, {"IDAT", full}}
	for i := range uint32(41) {
		frames = append(frames, fcTL(2*i, 5000, 5000, 0, 0), fdAT(2*i+1, full))
	}
	files["full frames"] = join(append(frames, iend)...)
	return files
})

// cpuBudget is what judging any of these may cost. We take the best of some runs, since the test
// shares its machine, and measure after a collection, so that the collector's work is not
// counted.
const cpuBudget = 300 * time.Millisecond

func TestHostile(t *testing.T) {
	testenv.OneGoroutine(t)
	for name, b := range hostile() {
		best := time.Hour
		var err error
		runtime.GC()
		for range 5 {
			start := cputime.Used()
			_, err = Verify(b, limits)
			best = min(best, cputime.Used()-start)
			if best < testenv.Scale(cpuBudget)/4 {
				break
			}
		}
		t.Logf("%-22s %8d bytes %8.2f ms: %v", name, len(b), float64(best.Microseconds())/1000, err)
		if mathbits.UintSize == 64 { // words of 32 bits take some three times as long
			require.Less(t, best, testenv.Scale(cpuBudget), name)
		}
	}
}

// TestBombs: the streams written by hand are what they claim, so that what
// TestHostile measures is not an early refusal.
func TestBombs(t *testing.T) {
	testenv.OneGoroutine(t)
	for _, dist := range []int{1, 3, 4, 9, 257} {
		for _, alternate := range []bool{false, true} {
			raw := 100 * (1 + 8*100)
			_, err := Verify(join(ihdr(100, 100, 16, truecolorAlpha, 0), part{"IDAT", bomb(raw, dist, alternate)}, iend), limits)
			require.NoError(t, err)
		}
	}
	for _, name := range []string{"long codes", "bomb 1", "empty IDATs", "empty text"} {
		_, err := Verify(hostile()[name], limits)
		require.NoError(t, err, name)
	}
	info, err := Verify(hostile()["full frames"], verify.Limits{MaxPixels: 1 << 40})
	require.NoError(t, err)
	require.Equal(t, 41, info.Frames)
	info, err = Verify(hostile()["one-pixel frames"], limits)
	require.NoError(t, err)
	require.Greater(t, info.Frames, 10_000)
}
