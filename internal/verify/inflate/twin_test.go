package inflate

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/adler32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
)

// outcome is all that a caller sees of a stream: its bytes, and how it ended.
type outcome struct {
	data     []byte
	err      string
	consumed int64
	unused   bool
}

// decodeWith decodes b in pieces of at most max bytes with one of the loops, up to limit bytes.
func decodeWith(d *Decoder, fast bool, b []byte, max, limit int) outcome {
	d.Reset(&pieces{b, max, rand.New(rand.NewPCG(1, 2))})
	d.fast = fast
	var o outcome
	for len(o.data) < limit {
		p, err := d.Next()
		if err != nil {
			o.err = err.Error()
			if e, ok := err.(*Error); ok {
				o.err = fmt.Sprintf("%+v", *e)
			}
			o.consumed, o.unused = d.Consumed(), d.Unused()
			return o
		}
		o.data = append(o.data, p...)
	}
	// The loops may stop at different symbols.
	o.data = o.data[:limit]
	return o
}

// maxTwin bounds what is inflated of a stream to compare the loops.
const maxTwin = 4 << 20

// requireTwins decodes b with both loops.
func requireTwins(t testing.TB, d *Decoder, b []byte, max int) {
	want, got := decodeWith(d, false, b, max, maxTwin), decodeWith(d, true, b, max, maxTwin)
	if want.err != got.err || want.consumed != got.consumed || want.unused != got.unused || !bytes.Equal(want.data, got.data) {
		at := 0
		for at < min(len(want.data), len(got.data)) && want.data[at] == got.data[at] {
			at++
		}
		t.Fatalf("pieces of %d: Go %q, %d used, %d bytes; assembly %q, %d used, %d bytes; the same up to %d; stream of %d:\n%x", max,
			want.err, want.consumed, len(want.data), got.err, got.consumed, len(got.data), at, len(b), b[:min(len(b), 4096)])
	}
}

// streams returns zlib streams: of samples at all levels, and of the PNG files at hand.
func streams(t testing.TB) [][]byte {
	var all [][]byte
	for _, p := range samples() {
		for _, level := range []int{zlib.BestSpeed, 6, zlib.BestCompression, zlib.HuffmanOnly} {
			all = append(all, compress(t, p[:min(len(p), 60_000)], level))
		}
	}
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "testdata", "good", "png", "*.png"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		var z []byte
		for b = b[8:]; len(b) >= 12; {
			n := int(binary.BigEndian.Uint32(b))
			if string(b[4:8]) == "IDAT" {
				z = append(z, b[8:8+n]...)
			}
			b = b[12+n:]
		}
		all = append(all, z)
	}
	return all
}

// spoil returns b with a few random edits.
func spoil(rng *rand.Rand, b []byte) []byte {
	b = bytes.Clone(b)
	for range 1 + rng.IntN(3) {
		// Early bytes are more interesting: they hold the codes.
		i := rng.IntN(1 + rng.IntN(len(b)))
		switch rng.IntN(6) {
		case 0, 1, 2:
			b[i] ^= 1 << rng.IntN(8)
		case 3:
			b[i] = byte(rng.Uint32())
		case 4:
			if i > 2 {
				b = b[:i]
			}
		case 5:
			n := min(1+rng.IntN(20), len(b)-i)
			b = append(b[:i:i], b[i+n:]...)
		}
		if len(b) == 0 {
			return []byte{0}
		}
	}
	return b
}

// TestTwins compares the loop in assembly with that in Go: on good streams, and on IMGVET_MUTANTS
// damaged ones.
func TestTwins(t *testing.T) {
	testenv.OneGoroutine(t)
	if !hasFastLoop {
		t.Skip("one loop")
	}
	mutants := testenv.Count(6000, 600)
	if s := os.Getenv("IMGVET_MUTANTS"); s != "" {
		n, err := strconv.Atoi(s)
		require.NoError(t, err, "IMGVET_MUTANTS")
		mutants = n
	}
	d := new(Decoder)
	good := streams(t)
	for _, b := range good {
		for _, max := range []int{0, 1, 30, 5000} {
			requireTwins(t, d, b, max)
		}
	}
	rng := rand.New(rand.NewPCG(9, 10))
	broken := 0
	for range mutants {
		b := spoil(rng, good[rng.IntN(len(good))])
		max := 0
		if rng.IntN(4) == 0 {
			max = 1 + rng.IntN(60)
		}
		requireTwins(t, d, b, max)
		if o := decodeWith(d, true, b, max, maxTwin); o.err != "EOF" {
			broken++
		}
	}
	t.Logf("%d mutants, %d of them broken", mutants, broken)
	require.Greater(t, broken, mutants/2)
}

// TestVectorSum compares the sums in assembly with those in Go.
func TestVectorSum(t *testing.T) {
	if !hasVectorSum {
		t.Skip("no assembly")
	}
	rng := rand.New(rand.NewPCG(11, 12))
	full := bytes.Repeat([]byte{255}, bufferSize)
	noise := make([]byte, bufferSize)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	for _, p := range [][]byte{full, noise} {
		for range 2000 {
			from := rng.IntN(len(p) - vectorGroup)
			n := vectorGroup + rng.IntN(min(len(p)-from-vectorGroup, 1+rng.IntN(len(p)))+1)
			q := p[from:min(from+n, len(p))]
			require.Equal(t, measureWords(q), measureVector(q), "%d bytes at %d", len(q), from)
		}
		require.Equal(t, measureWords(p), measureVector(p))
		require.Equal(t, adler32.Checksum(p), adler{a: 1}.add(measureVector(p)).sum())
	}
}

// TestPair: an entry of a paired table means what the entries of the table without pairs mean,
// one after the other.
func TestPair(t *testing.T) {
	var c code
	var s symbols
	s.init()
	d := new(Decoder)
	pairs, lengths := 0, 0
	for _, b := range streams(t) {
		d.Reset(&pieces{b: b})
		d.header()
		d.refill()
		d.final = d.take(1) == 1
		if d.take(2) != 2 || d.buildDynamic() != "" {
			continue
		}
		c = d.codes
		c.paired = false
		c.pair()
		for i := range c.lit {
			var want entry
			for at := i; ; {
				e := d.codes.lit[at]
				if e&(isLength|special) == isLength|special && e&dropBits <= litBits && e.value(uint64(at)) <= maxShort {
					e = isLength | entry(e.value(uint64(at)))<<lengthShift | e&dropBits
				}
				if want == 0 && !e.plain() {
					want = d.codes.lit[at] // not to be paired
					break
				}
				if !e.plain() || (want+e)&dropBits > litBits && want != 0 || want&literals == 2*oneLiteral && e&literals != 0 {
					break
				}
				if want&literals == oneLiteral {
					want += e&^(0xff<<byteShift) + e&(0xff<<byteShift)<<8
					pairs++
				} else {
					want += e
				}
				if e&isLength != 0 {
					lengths++
					break
				}
				at = i >> (want & dropBits)
			}
			require.Equal(t, want, c.lit[i], "entry %011b", i)
		}
	}
	require.Greater(t, pairs, 1000)
	require.Greater(t, lengths, 1000)
}

// FuzzTwins compares the loops on any stream. The first byte says how long its pieces are.
func FuzzTwins(f *testing.F) {
	for _, b := range streams(f) {
		if len(b) < 8000 {
			f.Add(append([]byte{0}, b...))
			f.Add(append([]byte{33}, b...))
		}
	}
	d := new(Decoder)
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 3 {
			return
		}
		max := int(b[0])
		b = bytes.Clone(b[1:])
		b[0], b[1] = 0x78, 0x9c // a window of 32 KiB: most other headers end at once
		requireTwins(t, d, b, max)
	})
}
