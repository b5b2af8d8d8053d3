package png

import (
	"bytes"
	"fmt"
	"image/png"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
)

// A difference is a case where we disagree with image/png on purpose. docs/differences-png.md
// explains the table; libpng decides who is right.
type difference struct {
	name    string
	accepts bool            // we accept what image/png refuses, else the other way round
	theirs  string          // part of image/png's error, if we accept
	reasons []verify.Reason // of one of our warnings if we accept, else of the fault
	ours    string          // part of our fault's text, if we refuse
}

var differences = []difference{
	{"ancillary CRC", true, "invalid checksum", []verify.Reason{verify.BadChecksum}, ""},
	{"ancillary order", true, "chunk out of order", []verify.Reason{verify.MisplacedChunk, verify.BadMetadata, verify.BadChecksum}, ""},
	{"PLTE length", true, "bad PLTE length", []verify.Reason{verify.SizeDisagrees, verify.BadMetadata, verify.MisplacedChunk}, ""},
	{"PLTE in grayscale", true, "PLTE, color type mismatch", []verify.Reason{verify.MisplacedChunk}, ""},
	{"tRNS length", true, "bad tRNS length", []verify.Reason{verify.BadMetadata, verify.MisplacedChunk, verify.BadChecksum}, ""},
	{"tRNS with alpha", true, "tRNS, color type mismatch", []verify.Reason{verify.BadMetadata, verify.MisplacedChunk, verify.BadChecksum}, ""},
	{"IEND data", true, "bad IEND length", []verify.Reason{verify.ReservedValue}, ""},
	{"after the Adler-32", true, "too much pixel data", []verify.Reason{verify.TrailingData}, ""},

	{"unknown critical chunk", false, "", []verify.Reason{verify.Unsupported}, "unknown critical chunk"},
	{"CgBI", false, "", []verify.Reason{verify.Unsupported}, "Apple"},
	{"side", false, "", []verify.Reason{verify.Unsupported}, "side of"},
	{"pixel limit", false, "", []verify.Reason{verify.TooManyPixels}, ""},
	{"chunk name", false, "", []verify.Reason{verify.Malformed}, "not four letters"},
	{"first chunk", false, "", []verify.Reason{verify.Malformed}, "before IHDR"},
	{"zlib window", false, "", []verify.Reason{verify.Malformed}, "too far back"},
	{"block without end", false, "", []verify.Reason{verify.Malformed}, "no code for the end"},
	{"animation", false, "", []verify.Reason{verify.Malformed}, "acTL"},
	{"animation", false, "", []verify.Reason{verify.Malformed}, "fcTL"},
	{"animation", false, "", []verify.Reason{verify.Malformed}, "fdAT"},
}

// explain returns the difference that covers a disagreement, or "".
func explain(info verify.Info, ours error, theirs error) string {
	for _, d := range differences {
		if d.accepts != (ours == nil) {
			continue
		}
		if ours == nil {
			if !strings.Contains(theirs.Error(), d.theirs) {
				continue
			}
			for _, w := range info.Warnings {
				if slices.Contains(d.reasons, w.Reason) {
					return d.name
				}
			}
			continue
		}
		f := ours.(*verify.Fault)
		if slices.Contains(d.reasons, f.Reason) && strings.Contains(f.Text, d.ours) {
			return d.name
		}
	}
	return ""
}

// compare compares our verdict on b with image/png's. It returns the name of the difference that
// explains a disagreement, "" if there is none, and an error if nothing explains it.
func compare(b []byte, lim verify.Limits) (string, error) {
	info, ours := Verify(b, lim)
	if config, err := png.DecodeConfig(bytes.NewReader(b)); err == nil &&
		int64(config.Width)*int64(config.Height) > lim.MaxPixels {
		if ours == nil {
			return "", fmt.Errorf("%dx%d passed", config.Width, config.Height)
		}
		return "", nil // image/png must not be asked: it would take the memory
	}
	_, theirs := png.Decode(bytes.NewReader(b))
	if (ours == nil) == (theirs == nil) {
		return "", nil
	}
	if name := explain(info, ours, theirs); name != "" {
		return name, nil
	}
	return "", fmt.Errorf("we say %v %v, image/png says %v", ours, info.Warnings, theirs)
}

// mutants is how many mutants of each file are tried: few by default, more with
// IMGVET_MUTANTS.
func mutants(t testing.TB, n int) int {
	if s := os.Getenv("IMGVET_MUTANTS"); s != "" {
		var err error
		n, err = strconv.Atoi(s)
		require.NoError(t, err, "IMGVET_MUTANTS")
	}
	return n
}

// TestDifferential: our verdict on every file and on mutants of it is that of image/png, except
// for the table.
func TestDifferential(t *testing.T) {
	testenv.OneGoroutine(t)
	files := corpus(t)
	paths := slices.Sorted(maps.Keys(files))
	n, tried, good := mutants(t, 12), 0, 0
	explained := map[string]int{}
	lim := verify.Limits{MaxPixels: 4 << 20}
	for i, path := range paths {
		try := func(b []byte) {
			tried++
			name, err := compare(b, lim)
			if err != nil {
				keep(t, b)
			}
			require.NoError(t, err, path)
			explained[name]++
			if _, err := Verify(b, lim); err == nil {
				good++
			}
		}
		b := files[path]
		try(b)
		rng := rand.New(rand.NewPCG(uint64(i), 9))
		per := max(n/8, min(n, n*40_000/(len(b)+1))) // large files cost image/png too much
		for range per {
			try(mutant(rng, b, files[paths[rng.IntN(len(paths))]]))
		}
	}
	t.Logf("%d files and mutants, %d good; agreed and explained: %v", tried, good, explained)
}

// keep writes a failed case to a file, for a closer look.
func keep(t testing.TB, b []byte) {
	f, err := os.CreateTemp("", "imgvet-*.png")
	require.NoError(t, err)
	defer f.Close()
	_, err = f.Write(b)
	require.NoError(t, err)
	t.Logf("kept in %s", f.Name())
}
