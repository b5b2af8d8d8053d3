package bmp_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/bmp"
	"github.com/imgvet/imgvet/internal/verify/bmp/bmptest"
)

// rleFile returns a width x height picture of run-length codes.
func rleFile(bits, width, height int, codes []byte) []byte {
	f := bmptest.File{HeaderSize: 40, Width: width, Height: height, Bits: bits, Compression: uint32(3 - bits/4)}
	f.Palette, f.Pixels = bmptest.Palette(1<<bits), codes
	return f.Bytes()
}

func TestRunLengthFaults(t *testing.T) {
	for _, c := range []struct {
		name   string
		bits   int
		codes  []byte
		reason verify.Reason
		offset int // from the first code
	}{
		{"no code", 8, nil, verify.Truncated, 0},
		{"half a code", 8, []byte{4}, verify.Truncated, 1},
		{"no end", 8, []byte{4, 1, 0, 0, 4, 1, 0, 0, 4, 1}, verify.Truncated, 10},
		{"no end behind the last line end", 8, []byte{4, 1, 0, 0, 4, 1, 0, 0, 4, 1, 0, 0}, verify.Truncated, 12},
		{"run after the last row", 8, []byte{0, 0, 0, 0, 0, 0, 1, 1, 0, 1}, verify.Malformed, 6},
		{"line end after the last row", 8, []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, verify.Malformed, 6},
		{"delta after the last row", 8, []byte{0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1}, verify.Malformed, 6},
		{"literals after the last row", 8, []byte{0, 0, 0, 0, 0, 0, 0, 3, 1, 1, 1, 0, 0, 1}, verify.Malformed, 6},
		{"literals past the row", 8, []byte{2, 1, 0, 3, 1, 2, 3, 0, 0, 1}, verify.Malformed, 2},
		{"literals in a full row", 4, []byte{4, 1, 0, 3, 0x11, 0x10, 0, 1}, verify.Malformed, 2},
		{"cut in literals", 8, []byte{0, 4, 1, 2, 3}, verify.Truncated, 5},
		{"cut in the padding of literals", 8, []byte{0, 3, 1, 2, 3}, verify.Truncated, 5},
		{"cut in half-byte literals", 4, []byte{0, 3, 0x12}, verify.Truncated, 3},
		{"cut in a delta", 8, []byte{0, 2, 1}, verify.Truncated, 3},
		{"delta past the row", 8, []byte{1, 1, 0, 2, 4, 0, 0, 1}, verify.Malformed, 2},
		{"delta past the rows", 8, []byte{1, 1, 0, 2, 0, 3, 0, 1}, verify.Malformed, 2},
	} {
		b := rleFile(c.bits, 4, 3, c.codes)
		_, err := bmp.Verify(b, limits)
		f := fault(t, err, c.name)
		require.Equal(t, c.reason, f.Reason, "%s: %v", c.name, err)
		require.EqualValues(t, len(b)-len(c.codes)+c.offset, f.Offset, "%s: %v", c.name, err)
	}
}

func TestRunLengthWarnings(t *testing.T) {
	for _, c := range []struct {
		name   string
		codes  []byte
		reason []verify.Reason
	}{
		{"whole", []byte{4, 1, 0, 0, 4, 1, 0, 0, 4, 1, 0, 1}, nil},
		{"long run", []byte{5, 1, 0, 0, 4, 1, 0, 0, 4, 1, 0, 1}, []verify.Reason{verify.SizeDisagrees}},
		{"short row", []byte{3, 1, 0, 0, 4, 1, 0, 0, 4, 1, 0, 1}, []verify.Reason{verify.SizeDisagrees}},
		{"short last row", []byte{4, 1, 0, 0, 4, 1, 0, 0, 3, 1, 0, 1}, []verify.Reason{verify.SizeDisagrees}},
		{"missing row", []byte{4, 1, 0, 0, 4, 1, 0, 1}, []verify.Reason{verify.SizeDisagrees}},
		{"trailing", []byte{4, 1, 0, 0, 4, 1, 0, 0, 4, 1, 0, 1, 7}, []verify.Reason{verify.SizeDisagrees, verify.TrailingData}},
	} {
		info, err := bmp.Verify(rleFile(8, 4, 3, c.codes), limits)
		require.NoError(t, err, c.name)
		var got []verify.Reason
		for _, w := range info.Warnings {
			got = append(got, w.Reason)
		}
		require.Equal(t, c.reason, got, c.name)
	}
	f := bmptest.File{HeaderSize: 40, Width: 4, Height: 1, TopDown: true, Bits: 8, Compression: 1, Palette: bmptest.Palette(256), Pixels: []byte{4, 1, 0, 1}}
	info, err := bmp.Verify(f.Bytes(), limits)
	require.NoError(t, err)
	require.Len(t, info.Warnings, 1)
	require.Equal(t, verify.ReservedValue, info.Warnings[0].Reason)
}

// model plays run-length codes pixel by pixel on a canvas with a border, following the rules to
// the letter. It reports whether they end well and whether all is painted.
func model(bits, width, height int, codes []byte) (ok, whole bool) {
	painted := map[[2]int]bool{}
	x, y := 0, 0
	take := func(n int) []byte {
		if len(codes) < n {
			return nil
		}
		p := codes[:n]
		codes = codes[n:]
		return p
	}
	for {
		p := take(2)
		if p == nil {
			return false, false
		}
		if p[0] == 0 && p[1] == 1 {
			for px := range width {
				for py := range height {
					if !painted[[2]int{px, py}] {
						return true, false
					}
				}
			}
			return true, true
		}
		if y == height {
			return false, false
		}
		switch {
		case p[0] > 0:
			for range p[0] {
				if x < width {
					painted[[2]int{x, y}] = true
					x++
				}
			}
		case p[1] == 0:
			x, y = 0, y+1
		case p[1] == 2:
			d := take(2)
			if d == nil {
				return false, false
			}
			x, y = x+int(d[0]), y+int(d[1])
			if x > width || y >= height {
				return false, false
			}
		default:
			for range p[1] {
				painted[[2]int{x, y}] = true
				x++
			}
			n := int(p[1])
			if bits == 4 {
				n = n/2 + n%2
			}
			if x > width || take(n+n%2) == nil {
				return false, false
			}
		}
	}
}

func TestRunLengthsAgainstModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	accepted, whole := 0, 0
	for range 40 * mutants() {
		bits, width, height := 4+4*rnd.IntN(2), 1+rnd.IntN(6), 1+rnd.IntN(4)
		var codes []byte
		for range rnd.IntN(14) {
			switch rnd.IntN(9) {
			case 0, 1:
				codes = append(codes, 0, 0)
			case 2:
				codes = append(codes, 0, 2, byte(rnd.IntN(3)), byte(rnd.IntN(2)))
			case 3:
				codes = append(codes, 0, byte(3+rnd.IntN(3)), 9, 9, 9, 9)
			case 4:
				codes = append(codes, byte(rnd.IntN(256)))
			case 5: // a full row
				codes = append(codes, byte(width), 1, 0, 0)
			default:
				codes = append(codes, byte(1+rnd.IntN(6)), 1)
			}
		}
		if rnd.IntN(3) > 0 {
			codes = append(codes, 0, 1)
		}
		wantOK, wantWhole := model(bits, width, height, codes)
		info, err := bmp.Verify(rleFile(bits, width, height, codes), limits)
		require.Equal(t, wantOK, err == nil, "%d bits %dx%d % x: %v", bits, width, height, codes, err)
		if err != nil {
			continue
		}
		accepted++
		holes := false
		for _, w := range info.Warnings {
			holes = holes || w.Text == "the run-length codes leave pixels out"
		}
		require.Equal(t, wantWhole, !holes, "%d bits %dx%d % x", bits, width, height, codes)
		if wantWhole {
			whole++
		}
	}
	require.Greater(t, accepted, 100)
	require.Greater(t, whole, 20)
}

// TestHostileIsCheap judges 1 MiB of the codes that cost the most work per byte.
func TestHostileIsCheap(t *testing.T) {
	const size = 1 << 20
	for name, code := range map[string][]byte{
		"runs of one":            {1, 0},
		"runs past the row":      {255, 0},
		"empty deltas":           {0, 2, 0, 0},
		"line ends":              {0, 0},
		"literals":               {0, 3, 1, 2, 3, 0},
		"literals of 255 pixels": append([]byte{0, 255}, make([]byte, 256)...),
	} {
		for _, width := range []int{1, 255, 65535} {
			b := rleFile(8, width, 1500, bytes.Repeat(code, size/len(code)))
			best := time.Hour // of a few: the clock also counts what else the machine does
			for range 20 {
				start := cputime.Used()
				_, err := bmp.Verify(b, limits)
				best = min(best, cputime.Used()-start)
				require.Error(t, err, name)
				if best < 50*time.Millisecond {
					break
				}
			}
			require.Less(t, best, testenv.Scale(150*time.Millisecond), name)
		}
	}
}

// Under Lenient the end of bitmap may be missing if no pixel is.
func TestRunLengthsWithoutEnd(t *testing.T) {
	for _, c := range []struct {
		name  string
		codes []byte
		ok    bool
	}{
		{"behind the last pixel", []byte{4, 1, 0, 0, 4, 1, 0, 0, 4, 1}, true},
		{"behind the last line end", []byte{4, 1, 0, 0, 4, 1, 0, 0, 4, 1, 0, 0}, true},
		{"half of it", []byte{4, 1, 0, 0, 4, 1, 0, 0, 4, 1, 0}, true},
		{"a pixel is missing", []byte{4, 1, 0, 0, 4, 1, 0, 0, 3, 1}, false},
		{"a row is missing", []byte{4, 1, 0, 0, 4, 1, 0, 0}, false},
		{"a pixel was left out before", []byte{3, 1, 0, 0, 4, 1, 0, 0, 4, 1}, false},
	} {
		b := rleFile(8, 4, 3, c.codes)
		_, err := bmp.Verify(b, limits)
		require.Error(t, err, c.name)
		info, err := bmp.Verify(b, verify.Limits{MaxPixels: limits.MaxPixels, Lenient: true})
		if !c.ok {
			require.Error(t, err, c.name)
			continue
		}
		require.NoError(t, err, c.name)
		require.Equal(t, verify.MissingEnd, info.Warnings[0].Reason, c.name)
	}
}
