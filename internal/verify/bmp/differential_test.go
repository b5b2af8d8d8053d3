package bmp_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	xbmp "golang.org/x/image/bmp"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/bmp"
	"github.com/imgvet/imgvet/internal/verify/bmp/bmptest"
)

// mutants returns how many mutants of each file to try: IMGVET_MUTANTS, or few.
func mutants() int {
	if n, err := strconv.Atoi(os.Getenv("IMGVET_MUTANTS")); err == nil && n > 0 {
		return n
	}
	return 60
}

// checksIndices is the difference that has a warning of its own.
const checksIndices = "Go checks palette indices"

// goVerdict is golang.org/x/image/bmp's verdict on b. We do not let it make pixels that a file
// of this size cannot hold, since it would allocate them.
func goVerdict(b []byte) error {
	c, err := xbmp.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return err
	}
	if int64(c.Width)*int64(c.Height) > 8*int64(len(b)) {
		return errors.New("more pixels than bits")
	}
	_, err = xbmp.Decode(bytes.NewReader(b))
	return err
}

// difference explains why our verdict err differs from goErr; it is the table of
// docs/differences-bmp.md as code. It returns "" if it cannot explain it.
func difference(b []byte, err, goErr error) string {
	le := binary.LittleEndian
	if err == nil {
		head := int(le.Uint32(b[14:]))
		if head == 12 {
			return "Go lacks OS/2 v1 headers"
		}
		offset, planes, bits := int(le.Uint32(b[10:])), le.Uint16(b[26:]), int(le.Uint16(b[28:]))
		var compression, colours uint32
		if head >= 20 {
			compression = le.Uint32(b[30:])
		}
		if head >= 36 {
			colours = le.Uint32(b[46:])
		}
		palette := 0
		if bits <= 8 {
			palette = 4 << bits
			if colours > 0 && colours < 1<<bits {
				palette = 4 * int(colours)
			}
		}
		switch {
		case head != 40 && head != 108 && head != 124:
			return "Go lacks OS/2 v2, V2 and V3 headers"
		case planes != 1:
			return "Go checks the number of planes"
		case compression == 1, compression == 2:
			return "Go lacks run-length codes"
		case compression == 3, compression == 6:
			return "Go lacks bit fields"
		case bits == 16:
			return "Go lacks 16 bits"
		case bits <= 8 && colours > 1<<bits:
			return "Go checks the number of colours"
		case offset != 14+head+palette:
			return "Go lacks gaps before the pixels"
		case bits <= 8 && goErr.Error() == "bmp: invalid palette index":
			return checksIndices
		}
		return ""
	}
	var f *verify.Fault
	if !errors.As(err, &f) {
		return ""
	}
	width, height := int32(le.Uint32(b[18:])), int32(le.Uint32(b[22:]))
	switch {
	case width == 0 && height == 0:
		return "Go takes a picture without pixels"
	case width > 65535 || height > 65535 || height < -65535:
		return "browsers refuse long sides"
	case le.Uint32(b[30:]) == 3 && f.Offset == 30 && le.Uint16(b[28:]) != 16 && le.Uint16(b[28:]) != 32:
		return "Go ignores bit fields with the usual masks"
	case le.Uint32(b[14:]) == 124 && le.Uint32(b[70:]) == 0x4D424544 && f.Offset != 66:
		return "Go does not look at the profile"
	case le.Uint32(b[14:]) >= 108 && f.Offset == 66 && f.Reason == verify.Malformed:
		return "Go does not look at the alpha mask"
	}
	return ""
}

func agree(t testing.TB, name string, b []byte) string {
	t.Helper()
	info, err := bmp.Verify(b, limits)
	goErr := goVerdict(b)
	warned := slices.ContainsFunc(info.Warnings, func(w verify.Warning) bool { return w.Reason == verify.PaletteIndex })
	if (err == nil) == (goErr == nil) {
		require.False(t, warned && err == nil, "%s: x/image finds every pixel in the palette", name)
		return ""
	}
	why := difference(b, err, goErr)
	if why == checksIndices {
		require.True(t, warned, name)
	}
	if why == "" {
		t.Fatalf("%s: unexplained difference: we say %v, x/image says %v\n% x", name, err, goErr, b[:min(len(b), 160)])
	}
	return why
}

// mutate returns b with one to three faults of the kinds that uploads have.
func mutate(rnd *rand.Rand, b []byte, others [][]byte) []byte {
	m := slices.Clone(b)
	values := []uint32{0, 1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 40, 52, 56, 64, 108, 124, 255, 256, 65535, 65536, 1 << 31, 1<<32 - 1}
	for range 1 + rnd.IntN(3) {
		if len(m) < 40 {
			return m
		}
		head := min(len(m)-4, 150)
		switch rnd.IntN(8) {
		case 0:
			m[rnd.IntN(len(m))] ^= 1 << rnd.IntN(8)
		case 1, 2:
			m[rnd.IntN(head)] ^= 1 << rnd.IntN(8)
		case 3: // a field of the headers
			binary.LittleEndian.PutUint32(m[2+4*rnd.IntN(head/4):], values[rnd.IntN(len(values))])
		case 4: // one of the fields of 16 bits
			binary.LittleEndian.PutUint16(m[18+2*rnd.IntN(6):], uint16(values[rnd.IntN(len(values))]))
		case 5:
			m = m[:rnd.IntN(len(m))]
		case 6:
			o := others[rnd.IntN(len(others))]
			at := rnd.IntN(min(len(m), len(o)))
			m = slices.Concat(m[:at], o[at:])
		case 7: // zeroed
			at := rnd.IntN(len(m))
			clear(m[at:min(len(m), at+rnd.IntN(512))])
		}
	}
	return m
}

func corpus(t testing.TB) map[string][]byte {
	all := files(t)
	for _, v := range bmptest.Variants() {
		all[v.Name] = v.File.Bytes()
	}
	return all
}

func TestSameVerdictAsGo(t *testing.T) {
	all := corpus(t)
	names := slices.Sorted(maps.Keys(all))
	var others [][]byte
	for _, name := range names {
		others = append(others, all[name])
	}
	count := map[string]int{}
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, name := range names {
		count[agree(t, name, all[name])]++
		for i := range mutants() {
			m := mutate(rnd, all[name], others)
			count[agree(t, fmt.Sprintf("%s mutant %d", name, i), m)]++
		}
	}
	for why, n := range count {
		t.Logf("%7d %s", n, why)
	}
	require.NotZero(t, count[""])
}

func FuzzVerify(f *testing.F) {
	n := 0
	for _, b := range corpus(f) {
		if len(b) < 1<<16 {
			f.Add(b)
			n++
		}
	}
	require.GreaterOrEqual(f, n, 60)
	f.Fuzz(func(t *testing.T, b []byte) {
		agree(t, "fuzz", b)
		info, err := bmp.Verify(b, limits)
		if err == nil {
			require.Positive(t, info.Width)
			require.Positive(t, info.Height)
			require.LessOrEqual(t, int64(info.Width)*int64(info.Height), limits.MaxPixels)
			// What is accepted stays accepted with bytes after it.
			_, err := bmp.Verify(slices.Concat(b, []byte("tail")), limits)
			require.NoError(t, err)
		}
	})
}
