package inflate

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/adler32"
	"io"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
)

// pieces returns a stream in pieces of at most max bytes, some of them empty.
type pieces struct {
	b   []byte
	max int
	rng *rand.Rand
}

func (p *pieces) Next() ([]byte, bool) {
	if len(p.b) == 0 {
		return nil, false
	}
	n := len(p.b)
	if p.max > 0 {
		n = min(n, p.rng.IntN(p.max+1))
	}
	out := p.b[:n:n]
	p.b = p.b[n:]
	return out, true
}

// read decodes all of b.
func read(d *Decoder, b []byte, max int) ([]byte, error) {
	d.Reset(&pieces{b, max, rand.New(rand.NewPCG(1, 2))})
	var out []byte
	for {
		p, err := d.Next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, p...)
	}
}

func reference(b []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func compress(t testing.TB, p []byte, level int) []byte {
	var out bytes.Buffer
	w, err := zlib.NewWriterLevel(&out, level)
	require.NoError(t, err)
	_, err = w.Write(p)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

// samples are the kinds of data that a PNG holds.
func samples() map[string][]byte {
	rng := rand.New(rand.NewPCG(3, 4))
	fill := func(n int, f func(i int, p []byte) byte) []byte {
		p := make([]byte, n)
		for i := range p {
			p[i] = f(i, p)
		}
		return p
	}
	s := map[string][]byte{
		"empty": nil,
		"one":   {7},
		"zeros": make([]byte, 700_000),
		"noise": fill(300_000, func(int, []byte) byte { return byte(rng.Uint32()) }),
		"photo": fill(400_000, func(int, []byte) byte { return byte(int8(rng.NormFloat64() * 4)) }),
		"skewed": fill(300_000, func(int, []byte) byte {
			return byte(rng.ExpFloat64() * rng.ExpFloat64() * rng.ExpFloat64() * 9)
		}),
	}
	for _, d := range []int{2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 300, 32768} {
		s["period "+strconv.Itoa(d)] = fill(100_000, func(i int, p []byte) byte {
			if i < d || rng.IntN(500) == 0 {
				return byte(rng.Uint32())
			}
			return p[i-d]
		})
	}
	for _, d := range []int{1, 2, 3, 7, 8, 257, 5000, 32768} {
		head := fill(d, func(int, []byte) byte { return byte(rng.Uint32()) })
		s["run "+strconv.Itoa(d)] = append(bytes.Repeat(head, 3_000_000/d), "and an end"...)
	}
	return s
}

func TestAgreesWithZlib(t *testing.T) {
	testenv.OneGoroutine(t)
	d := new(Decoder)
	for name, p := range samples() {
		for _, level := range []int{zlib.NoCompression, zlib.BestSpeed, 6, zlib.BestCompression, zlib.HuffmanOnly} {
			b := compress(t, p, level)
			sizes := []int{0, 1, 7, 40, 700, 9000}
			if !testenv.Long() {
				sizes = []int{0, 40, 700}
			}
			for _, max := range sizes {
				got, err := read(d, b, max)
				require.NoError(t, err, "%s, level %d, pieces of %d", name, level, max)
				require.True(t, bytes.Equal(p, got), "%s, level %d, pieces of %d", name, level, max)
				require.False(t, d.Unused())
				require.Equal(t, int64(len(b)), d.Consumed())
			}
		}
	}
}

// TestCut: every strict prefix is short.
func TestCut(t *testing.T) {
	d := new(Decoder)
	for name, p := range samples() {
		if len(p) > 3000 {
			p = p[:3000]
		}
		for _, level := range []int{0, 1, 9, zlib.HuffmanOnly} {
			b := compress(t, p, level)
			for n := 0; n < len(b); n += 1 + n/200 {
				_, err := read(d, b[:n], 0)
				var e *Error
				require.True(t, errors.As(err, &e) && e.Short, "%s, level %d, cut to %d of %d: %v", name, level, n, len(b), err)
				require.LessOrEqual(t, e.Offset, int64(n))
			}
		}
	}
}

func TestUnused(t *testing.T) {
	d := new(Decoder)
	b := compress(t, []byte("some data"), 6)
	for _, extra := range []int{1, 8, 100, 5000} {
		for _, max := range []int{0, 3, 2000} {
			_, err := read(d, append(bytes.Clone(b), make([]byte, extra)...), max)
			require.NoError(t, err)
			require.Equal(t, int64(len(b)), d.Consumed())
			require.True(t, d.Unused() || max == 3)
		}
	}
}

// TestMutants: on broken streams too, we agree with compress/zlib, except on the faults that
// only zlib's C code and we look for.
func TestMutants(t *testing.T) {
	testenv.OneGoroutine(t)
	d := new(Decoder)
	rng := rand.New(rand.NewPCG(5, 6))
	stricter := map[string]int{}
	for name, p := range samples() {
		if len(p) > 20000 {
			p = p[:20000]
		}
		for _, level := range []int{0, 1, 9, zlib.HuffmanOnly} {
			good := compress(t, p, level)
			for range 60 {
				b := bytes.Clone(good)
				for range 1 + rng.IntN(2) {
					switch i := rng.IntN(min(len(b), 1+rng.IntN(len(b)))); rng.IntN(3) {
					case 0:
						b[i] ^= 1 << rng.IntN(8)
					case 1:
						b[i] = byte(rng.Uint32())
					case 2:
						b = append(b[:i:i], b[min(len(b)-1, i+rng.IntN(4)):]...)
					}
				}
				want, wantErr := reference(b)
				if len(want) >= 4 && wantErr == zlib.ErrChecksum && rng.IntN(2) == 0 {
					binary.BigEndian.PutUint32(b[len(b)-4:], adler32.Checksum(want))
					want, wantErr = reference(b)
				}
				got, err := read(d, b, 50)
				if wantErr == nil && err != nil {
					text := err.Error()
					require.Contains(t, []string{"distance goes too far back", "no code for the end of the block"}, text, name)
					require.True(t, text != "distance goes too far back" || d.window < maxWindow, name)
					stricter[text]++
					continue
				}
				require.Equal(t, wantErr == nil, err == nil, "%s, level %d: %v, not %v", name, level, err, wantErr)
				if err == nil {
					require.True(t, bytes.Equal(want, got))
				}
			}
		}
	}
	t.Log("stricter than compress/zlib:", stricter)
}

func TestAdler(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, fill := range []int{0, 255, -1} {
		p := make([]byte, bufferSize)
		for i := range p {
			p[i] = byte(fill)
			if fill < 0 {
				p[i] = byte(rng.Uint32())
			}
		}
		for _, n := range []int{0, 1, 7, 8, 15, 16, 17, 175, 176, 177, 351, 352, 5552, 65521, 100_000, bufferSize} {
			s := adler{a: 1}.update(p[:n]).update(p[n:])
			require.Equal(t, adler32.Checksum(p), s.sum(), "%d, %d", fill, n)
		}
	}
}

// TestSymbols compares the formulas with the tables of RFC 1951, 3.2.5.
func TestSymbols(t *testing.T) {
	lengths := []int{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	extra := []int{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	for i := range lengths {
		e := litLenEntry(257 + i)
		require.Equal(t, isLength, e&isLength)
		if e.plain() {
			require.Equal(t, []int{lengths[i], extra[i]}, []int{int(e >> lengthShift & lengthMask), int(e & dropBits)})
			continue
		}
		require.Equal(t, []int{lengths[i], extra[i]}, []int{int(e.value(0)), int(e & dropBits)})
	}
	dists := []int{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	for i := range dists {
		e := distEntry(i)
		require.Equal(t, []int{dists[i], max(0, i/2-1)}, []int{int(e.value(0)), int(e & dropBits)})
	}
	require.Equal(t, noLength, litLenEntry(286))
	require.Equal(t, noDistance, distEntry(30))
}

func TestNoAllocation(t *testing.T) {
	d := new(Decoder)
	b := compress(t, samples()["photo"], 6)
	src := &pieces{}
	require.Zero(t, testing.AllocsPerRun(5, func() {
		src.b = b
		d.Reset(src)
		for {
			if _, err := d.Next(); err != nil {
				return
			}
		}
	}))
}
