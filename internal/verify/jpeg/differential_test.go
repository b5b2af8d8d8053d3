package jpeg

import (
	"bytes"
	"context"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
)

// difference is one way in which Verify and image/jpeg disagree on purpose.
// docs/differences-jpeg.md says for each what others do and who is right.
type difference struct {
	ours string // part of our refusal, "" for acceptance
	goes string // part of image/jpeg's refusal, "" for acceptance
}

// differences is the whole list: the tests fail on any other disagreement.
var differences = []difference{
	// What image/jpeg lets through.
	{"surplus data behind the scan's last MCU", ""},
	{"surplus bytes where a marker is due", ""},
	{"more than 64 coefficients", ""},
	{"coefficient behind the band", ""},
	{"EOB run in a sequential scan", ""},
	{"EOB run goes on behind the last block", ""},
	{"where restart marker", ""},
	{"is not defined", ""},
	{"quantization table is cut by its segment", ""},
	{"is illegal", ""},
	{"out of order", ""},
	{"before its DC scan", ""},
	{"successive approximation from bit", ""},
	{"second scan of component", ""},
	{"no scan of component", ""},
	{"height 0", ""},
	{"zero width", ""},
	{"libjpeg ends at", ""},
	{"more than 64 scans", ""},
	{"refining scans visit", ""},
	// What image/jpeg does not know.
	{"", "4-component JPEG doesn't have Adobe APP14 metadata"},
	{"", "luma/chroma subsampling ratio"},
	{"", "total sampling factors too large"},
	{"", "unknown marker"},
	{"", "bad Td value"},
	{"", "bad Ta value"},
	{"", "missing 0xff00 sequence"},
	{"", "uninitialized Huffman table"},
	{"", "short segment length"},
	{"", "repeated component identifier"},
	{"", "bad RST marker"},
}

// compare fails if Verify and image/jpeg disagree about data in a way that the list does not
// explain. It returns the difference that explains a disagreement, or nil.
func compare(t testing.TB, name string, data []byte) *difference {
	t.Helper()
	// image/jpeg allocates what the header says.
	lim := verify.Limits{MaxPixels: 1 << 21}
	_, ours := Verify(data, lim)
	if r := reason(t, ours); r == verify.TooManyPixels {
		return nil
	}
	// Test files are small: what they skip is verified as in a big one.
	big := newDecoder()
	big.bigScan = 0
	big.reset(verify.Memory(context.Background(), data), lim)
	require.Equal(t, ours, big.file(), "%s: looks of one and of several symbols", name)
	// If we refuse data before its SOF, image/jpeg may go on and allocate 17 GB.
	if c, err := jpeg.DecodeConfig(bytes.NewReader(data)); err == nil && int64(c.Width)*int64(c.Height) > lim.MaxPixels {
		require.Error(t, ours, name)
		return nil
	}
	_, goes := jpeg.Decode(bytes.NewReader(data))
	if (ours == nil) == (goes == nil) {
		return nil
	}
	for i, d := range differences {
		if d.ours == "" && ours == nil && strings.Contains(goes.Error(), d.goes) ||
			d.ours != "" && ours != nil && strings.Contains(ours.Error(), d.ours) {
			return &differences[i]
		}
	}
	if ours == nil && restartBug(data) {
		return nil
	}
	t.Errorf("unexplained difference: %s: ours %v, image/jpeg %v", name, ours, goes)
	return nil
}

// restartBug reports whether data may meet the fault of image/jpeg (Go 1.26)
// that counts the MCUs of a scan of one component by the frame's sampling: it
// has a restart interval, and a scan of one of several components.
func restartBug(data []byte) bool {
	d := new(decoder)
	d.reset(verify.Memory(context.Background(), data), lim)
	if len(data) < 2 {
		return false
	}
	d.Pos = 2
	restarts := false
	for d.Pos < len(data)-4 {
		i := bytes.IndexByte(data[d.Pos:], 0xff)
		if i < 0 {
			return false
		}
		d.Pos += i
		switch m, p := data[d.Pos+1], data[d.Pos+2:]; {
		case m == mDRI && len(p) >= 4:
			restarts = restarts || p[2]|p[3] != 0
		case m == mSOS && len(p) >= 3 && p[2] == 1 && restarts:
			return true
		}
		d.Pos++
	}
	return false
}

func TestDifferential(t *testing.T) {
	testenv.OneGoroutine(t)
	mutants := testenv.Count(60, 15)
	if s := os.Getenv("IMGVET_MUTANTS"); s != "" {
		n, err := strconv.Atoi(s)
		require.NoError(t, err)
		mutants = n
	}
	files := goodFiles(t)
	met := map[*difference]int{}
	total := 0
	for i, f := range files {
		compare(t, f.name, f.data)
		if len(f.data) > 64<<10 {
			continue
		}
		rng := rand.New(rand.NewPCG(uint64(i), 20261122))
		for n := range mutants {
			data := mutate(rng, f.data, files[rng.IntN(len(files))].data)
			met[compare(t, f.name+" mutant "+strconv.Itoa(n), data)]++
			total++
		}
	}
	t.Logf("%d mutants of %d files, %d agreed", total, len(files), met[nil])
	for i := range differences {
		if n := met[&differences[i]]; n > 0 {
			t.Logf("%6d  %q, image/jpeg %q", n, differences[i].ours, differences[i].goes)
		}
	}
}
