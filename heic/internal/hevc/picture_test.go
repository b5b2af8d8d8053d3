package hevc

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/stretchr/testify/require"
)

var anySize = verify.Limits{MaxPixels: 1 << 32}

// verifyItem is what the container does with an item.
func verifyItem(it codedItem) (Picture, error) {
	sets, err := ParseParameterSets(slices.Values(it.sets))
	if err != nil {
		return Picture{}, err
	}
	return sets.Picture(context.Background(), slices.Values(it.units), anySize)
}

// vector is an item of a file of testdata, which heif-enc made: see make.sh.
type vector struct {
	name string
	codedItem
}

func vectors(t testing.TB) (list []vector) {
	t.Helper()
	names, err := filepath.Glob("testdata/*.heic")
	require.NoError(t, err)
	require.Len(t, names, 10)
	for _, name := range names {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		items, err := codedItems(b)
		require.NoError(t, err)
		name := strings.TrimSuffix(filepath.Base(name), ".heic")
		for i, it := range items {
			if i > 0 {
				name += "-alpha"
			}
			list = append(list, vector{name, it})
		}
	}
	return list
}

func requireFault(t testing.TB, err error, reasons ...verify.Reason) {
	t.Helper()
	var f *verify.Fault
	require.True(t, errors.As(err, &f), "want a refusal, not %v", err)
	require.Contains(t, reasons, f.Reason, "%v", err)
}

func TestVectors(t *testing.T) {
	facts := map[string][3]int{ // bit depth, chroma format, slice segments
		"400-8": {8, 0, 1}, "420-10-wavefront-slices": {10, 1, 3}, "420-8": {8, 1, 1},
		"420-8-coarse": {8, 1, 1}, "420-8-cu-lossless": {8, 1, 1}, "420-8-slices": {8, 1, 4},
		"422-12": {12, 2, 1}, "422-8-skip": {8, 2, 1}, "444-10": {10, 3, 1}, "444-8-lossless": {8, 3, 1},
		"420-8-coarse-alpha": {8, 0, 1}, "420-8-cu-lossless-alpha": {8, 0, 1}, "444-8-lossless-alpha": {8, 0, 1},
	}
	for _, v := range vectors(t) {
		t.Run(v.name, func(t *testing.T) {
			p, err := verifyItem(v.codedItem)
			require.NoError(t, err)
			slices := 0
			for _, u := range v.units {
				if u.Data[0]>>1 <= nalCRA {
					slices++
				}
			}
			require.Equal(t, facts[v.name], [3]int{p.BitDepthLuma, p.ChromaFormat, slices})
			require.Equal(t, [2]int{200, 136}, [2]int{p.Width, p.Height})
			require.Zero(t, p.Padding)
		})
	}
}

// cut returns units without what stands behind the first n bytes of them all.
func cut(units []Unit, n int) (out []Unit) {
	for _, u := range units {
		if n <= 0 {
			break
		}
		u.Data = u.Data[:min(n, len(u.Data))]
		n -= len(u.Data)
		out = append(out, u)
	}
	return out
}

// stride keeps tests that take time by the square of a size short: every byte of
// a small item is tried, and every 61st of a large one.
func stride(v vector) int {
	if total(v.units) < 1500 {
		return 1
	}
	return 61
}

func total(units []Unit) (n int) {
	for _, u := range units {
		n += len(u.Data)
	}
	return n
}

func TestPrefixesAreRefused(t *testing.T) {
	for _, v := range vectors(t) {
		for n := 0; n < total(v.units); n += stride(v) {
			_, err := verifyItem(codedItem{v.sets, cut(v.units, n)})
			requireFault(t, err, verify.Truncated, verify.Malformed)
		}
	}
}

// TestZeroedTailsAreRefused: the files that libde265 shows with made-up blocks.
func TestZeroedTailsAreRefused(t *testing.T) {
	for _, v := range vectors(t) {
		units := slices.Clone(v.units)
		for i := len(units) - 1; i >= 0; i-- {
			b := bytes.Clone(units[i].Data)
			units[i].Data = b
			for n := len(b) - 1; n >= 0; n-- {
				b[n] = 0
				if n%stride(v) != 0 {
					continue
				}
				_, err := verifyItem(codedItem{v.sets, units})
				requireFault(t, err, verify.Truncated, verify.Malformed)
			}
		}
	}
}

func TestEverySliceIsNeededOnceAndInOrder(t *testing.T) {
	for _, v := range vectors(t) {
		first := slices.IndexFunc(v.units, func(u Unit) bool { return u.Data[0]>>1 <= nalCRA })
		for i := first; i < len(v.units); i++ {
			without := slices.Delete(slices.Clone(v.units), i, i+1)
			_, err := verifyItem(codedItem{v.sets, without})
			requireFault(t, err, verify.Truncated, verify.Malformed)

			twice := slices.Insert(slices.Clone(v.units), i, v.units[i])
			_, err = verifyItem(codedItem{v.sets, twice})
			requireFault(t, err, verify.Malformed)

			if i > first {
				swapped := slices.Clone(v.units)
				swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
				_, err = verifyItem(codedItem{v.sets, swapped})
				requireFault(t, err, verify.Truncated, verify.Malformed)
			}
		}
	}
}

func TestBytesBehindASlice(t *testing.T) {
	for _, c := range []struct {
		name   string
		tail   []byte
		ok     bool
		behind int // Picture.Padding
	}{
		{"zeros of a byte stream", []byte{0, 0, 0, 0}, true, 4},
		{"cabac_zero_words", []byte{0, 0, 3, 0, 0, 3}, true, 0},
		{"a byte", []byte{0x80}, false, 0},
		{"a byte behind zeros", []byte{0, 0, 0, 1}, false, 0},
		{"emulation prevention alone", []byte{3}, false, 0},
	} {
		for _, v := range vectors(t) {
			units := slices.Clone(v.units)
			last := &units[len(units)-1]
			last.Data = append(bytes.Clone(last.Data), c.tail...)
			p, err := verifyItem(codedItem{v.sets, units})
			if !c.ok {
				requireFault(t, err, verify.Malformed)
				continue
			}
			require.NoError(t, err, "%s: %s", v.name, c.name)
			require.Equal(t, c.behind, p.Padding)
		}
	}
}

// TestEveryByteOfTheHeaders changes each byte of the parameter sets, and of the
// first 64 of each slice, in a few ways: whatever the verdict, it is one, and the
// offset lies in the file.
func TestEveryByteOfTheHeaders(t *testing.T) {
	for _, v := range vectors(t) {
		for _, part := range []*[]Unit{&v.sets, &v.units} {
			whole := *part
			for i, u := range whole {
				for at := range min(len(u.Data), 64) {
					for _, x := range []byte{1, 0x10, 0x80, 0xFF} {
						edited := slices.Clone(whole)
						edited[i].Data = bytes.Clone(u.Data)
						edited[i].Data[at] ^= x
						*part = edited
						_, err := verifyItem(v.codedItem)
						if err == nil {
							continue
						}
						var f *verify.Fault
						require.True(t, errors.As(err, &f), "%v", err)
						require.GreaterOrEqual(t, f.Offset, int64(-1))
						require.LessOrEqual(t, f.Offset, int64(v.units[len(v.units)-1].Offset+len(v.units[len(v.units)-1].Data)))
					}
				}
			}
			*part = whole
		}
	}
}

func TestPixelLimit(t *testing.T) {
	v := vectors(t)[0]
	sets, err := ParseParameterSets(slices.Values(v.sets))
	require.NoError(t, err)
	const pixels = 200 * 136
	for _, c := range []struct {
		limit int64
		ok    bool
	}{{pixels + 1, true}, {pixels, true}, {pixels - 1, false}} {
		p, err := sets.Picture(context.Background(), slices.Values(v.units), verify.Limits{MaxPixels: c.limit})
		require.Equal(t, 200, p.Width)
		if c.ok {
			require.NoError(t, err)
		} else {
			requireFault(t, err, verify.TooManyPixels)
		}
	}
}

func TestParameterSets(t *testing.T) {
	all := vectors(t)
	v, other := all[0], all[1]
	for _, s := range all {
		_, err := verifyItem(codedItem{slices.Concat(s.sets, s.sets), slices.Concat(s.sets, s.units)})
		require.NoError(t, err, "equal sets in the record twice, and in the stream")
	}
	_, err := verifyItem(codedItem{v.sets, slices.Concat(other.sets[1:2], v.units)})
	requireFault(t, err, verify.Unsupported)
	_, err = verifyItem(codedItem{slices.Concat(v.sets, other.sets), v.units})
	requireFault(t, err, verify.Malformed)
	_, err = verifyItem(codedItem{v.sets[:2], v.units})
	requireFault(t, err, verify.Malformed)
	_, err = verifyItem(codedItem{v.units, v.units})
	requireFault(t, err, verify.Malformed)
	_, err = verifyItem(codedItem{v.sets, nil})
	requireFault(t, err, verify.Truncated)
}

// TestCost: what Picture holds does not grow with the picture, and is reused.
func TestCost(t *testing.T) {
	require.Less(t, unsafe.Sizeof(decoder{}), uintptr(20<<10))
	v := vectors(t)[0]
	sets, err := ParseParameterSets(slices.Values(v.sets))
	require.NoError(t, err)
	allocs := testing.AllocsPerRun(20, func() {
		if _, err := sets.Picture(context.Background(), slices.Values(v.units), anySize); err != nil {
			t.Error(err)
		}
	})
	require.LessOrEqual(t, allocs, 8.0) // of a loop over an iter.Seq; none is sized by the data
}

func TestRealFiles(t *testing.T) {
	for _, name := range []string{
		"jdeng/goheif@*/testdata/camel.heic",
	} {
		t.Run(name, func(t *testing.T) {
			items, err := codedItems(moduleFile(t, name))
			require.NoError(t, err)
			require.NotEmpty(t, items)
			for i, it := range items {
				_, err := verifyItem(it)
				require.NoError(t, err, "item %d of %d", i, len(items))
			}
		})
	}
}

// TestFiles verifies the HEIC files of a folder, for runs over many that are not
// kept here.
func TestFiles(t *testing.T) {
	dir := os.Getenv("IMGVET_HEIC_DIR")
	if dir == "" {
		t.Skip("SKIPPED: IMGVET_HEIC_DIR names no folder")
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.heic"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		items, err := codedItems(b)
		require.NoError(t, err, name)
		for i, it := range items {
			if _, err := verifyItem(it); err != nil {
				t.Errorf("%s: item %d of %d: %v", filepath.Base(name), i, len(items), err)
			}
		}
	}
	t.Logf("%d files", len(names))
}
