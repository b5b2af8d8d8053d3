package webp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	xwebp "golang.org/x/image/webp"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
)

// policy is a way in which we differ from golang.org/x/image/webp on purpose.
// docs/differences-webp.md explains each by the same name.
type policy struct {
	name string
	// take reports whether we take a file that the decoder refuses (or, if false,
	// refuse one that it takes) for this reason.
	take    bool
	applies func(b []byte, info verify.Info, fault *verify.Fault, decoder error) bool
}

var policies = []policy{
	{"missing-pad", true, func(_ []byte, info verify.Info, _ *verify.Fault, _ error) bool {
		return warned(info, verify.MissingPadding)
	}},
	{"cut-pad", false, func(_ []byte, _ verify.Info, fault *verify.Fault, _ error) bool {
		return fault != nil && strings.Contains(fault.Text, "padding, is cut")
	}},
	{"animation", true, func(b []byte, _ verify.Info, _ *verify.Fault, _ error) bool { return bytes.Contains(b, []byte("ANMF")) }},
	{"alpha-flag", true, func(b []byte, _ verify.Info, _ *verify.Fault, _ error) bool {
		// The flag of VP8X and the presence of ALPH disagree.
		return isExtended(b) && b[20]&flagAlpha != 0 != bytes.Contains(b, []byte("ALPH"))
	}},
	{"symbol-outside", true, func(_ []byte, _ verify.Info, _ *verify.Fault, decoder error) bool {
		return decoder != nil && decoder.Error() == "vp8l: invalid Huffman tree"
	}},
	{"equal-symbols", true, func(b []byte, _ verify.Info, _ *verify.Fault, _ error) bool {
		// It does not show from outside, but libwebp takes the file.
		return bytes.Contains(b, []byte("VP8L")) && dwebpTakes(b)
	}},
	{"trailing-data", true, func(_ []byte, info verify.Info, _ *verify.Fault, _ error) bool {
		return warned(info, verify.TrailingData) || warned(info, verify.MisplacedChunk)
	}},

	{"animation", false, func(b []byte, _ verify.Info, _ *verify.Fault, _ error) bool { return bytes.Contains(b, []byte("ANMF")) }},
	{"riff-size", false, func(b []byte, _ verify.Info, fault *verify.Fault, _ error) bool {
		// Cut, or with chunks that do not fit: x/image stops reading after the picture.
		return fault.Text != "" && (strings.HasPrefix(fault.Text, "RIFF") || strings.Contains(fault.Text, "chunk") || strings.HasSuffix(fault.Text, "no chunk"))
	}},
	{"extended-rules", false, func(b []byte, _ verify.Info, fault *verify.Fault, _ error) bool {
		for _, s := range []string{"VP8X", "ANIM", "ANMF", "ALPH", "picture", "still"} {
			if strings.Contains(fault.Text, s) {
				return true
			}
		}
		return false
	}},
	{"frame-header", false, func(_ []byte, _ verify.Info, fault *verify.Fault, _ error) bool {
		for _, s := range []string{"VP8: version", "VP8: frame is not shown", "zero width", "VP8: last partition is missing", "VP8: first partition", "is empty"} {
			if strings.Contains(fault.Text, s) {
				return true
			}
		}
		return false
	}},
	{"first-byte-255", false, func(_ []byte, _ verify.Info, fault *verify.Fault, _ error) bool {
		return strings.HasPrefix(fault.Text, "VP8: impossible first byte")
	}},
	{"incomplete-code", false, func(_ []byte, _ verify.Info, fault *verify.Fault, _ error) bool {
		return strings.Contains(fault.Text, "undersubscribed")
	}},
}

func warned(info verify.Info, reason verify.Reason) bool {
	for _, w := range info.Warnings {
		if w.Reason == reason {
			return true
		}
	}
	return false
}

func isExtended(b []byte) bool { return len(b) > 30 && string(b[12:16]) == "VP8X" }

// compare compares our verdict with that of the decoder. It returns the name of the policy by
// which they differ, or "".
func compare(t testing.TB, b []byte) string {
	info, err := Verify(b, verify.Limits{MaxPixels: 1 << 21})
	fault := new(verify.Fault)
	if err != nil && !errors.As(err, &fault) {
		t.Fatalf("%v is not a Fault", err)
	}
	// Beyond these limits the decoder would allocate too much memory.
	if fault.Reason == verify.TooManyPixels || fault.Reason == verify.TooMuchWork || claimsTooMuch(b) {
		return "limits"
	}
	_, want := xwebp.Decode(bytes.NewReader(b))
	if (err == nil) == (want == nil) {
		return ""
	}
	for _, p := range policies {
		if p.take == (err == nil) && p.applies(b, info, fault, want) {
			return p.name
		}
	}
	name := filepath.Join(os.TempDir(), "differ.webp")
	_ = os.WriteFile(name, b, 0o644)
	t.Fatalf("Verify: %v %v, decoder: %v; see %s", err, info.Warnings, want, name)
	return ""
}

// claimsTooMuch reports whether the decoder might see a huge picture where we
// saw none: it goes by the first chunk that it knows.
func claimsTooMuch(b []byte) bool {
	for i := 12; i+8 < len(b); i++ {
		p := b[i+8:]
		switch w, h := 0, 0; string(b[i : i+4]) {
		case "VP8X":
			if len(p) >= 10 {
				w, h = 1+uint24(p[4:]), 1+uint24(p[7:])
			}
			if int64(w)*int64(h) > 1<<21 {
				return true
			}
		case "VP8L":
			if len(p) >= 5 {
				n := binary.LittleEndian.Uint32(p[1:])
				w, h = 1+int(n&0x3fff), 1+int(n>>14&0x3fff)
			}
			if w*h > 1<<21 {
				return true
			}
		case "VP8 ":
			if len(p) >= 10 {
				w, h = int(binary.LittleEndian.Uint16(p[6:])&0x3fff), int(binary.LittleEndian.Uint16(p[8:])&0x3fff)
			}
			if w*h > 1<<21 {
				return true
			}
		}
	}
	return false
}

func TestDifferential(t *testing.T) {
	testenv.OneGoroutine(t)
	files := append(goodFiles(t), madeFiles()...)
	rnd := rand.New(rand.NewPCG(7, 11))
	count := map[string]int{}
	for _, f := range files {
		count[compare(t, f.data)]++
	}
	var small []file
	for _, f := range files {
		if len(f.data) < 20_000 {
			small = append(small, f)
		}
	}
	for range mutants(t, 1500) {
		f := small[rnd.IntN(len(small))]
		count[compare(t, mutate(rnd, f.data, small))]++
	}
	t.Log(count)
}

// dwebpTakes reports whether dwebp is installed and shows b.
func dwebpTakes(b []byte) bool {
	cmd := exec.Command("dwebp", "-quiet", "-o", os.DevNull, "--", "-")
	cmd.Stdin = bytes.NewReader(b)
	return cmd.Run() == nil
}

// libwebp takes two equal symbols for a code of one, which needs no bits.
func TestEqualSymbols(t *testing.T) {
	var w bitWriter
	w.picture(64, 64)
	w.bits(0, 3)
	w.pair(5, 5)
	for range 3 {
		w.single(7)
	}
	w.pair(1, 200) // a distance code has 40 symbols
	b := riffOf(chunkOf("VP8L", w.bytes()))
	_, err := Verify(b, limits)
	require.NoError(t, err)
	_, err = xwebp.Decode(bytes.NewReader(b))
	require.Error(t, err)
	if _, err := exec.LookPath("dwebp"); err != nil {
		t.Skip("dwebp is not installed")
	}
	require.True(t, dwebpTakes(b))
}

// dwebp reports what libwebp makes of a still.
func TestAgainstDwebp(t *testing.T) {
	if _, err := exec.LookPath("dwebp"); err != nil {
		t.Skip("dwebp is not installed")
	}
	files := goodFiles(t)
	rnd := rand.New(rand.NewPCG(5, 13))
	name := filepath.Join(t.TempDir(), "in.webp")
	for range mutants(t, 150) {
		f := files[rnd.IntN(len(files))]
		b := mutate(rnd, f.data, files)
		info, err := Verify(b, verify.Limits{MaxPixels: 1 << 21})
		if err != nil || warned(info, verify.MissingPadding) || info.Frames != 1 || isExtended(b) && b[20]&flagAnimation != 0 {
			continue // libwebp's own leniency is another matter, see the document
		}
		require.NoError(t, os.WriteFile(name, b, 0o644))
		msg, err := exec.Command("dwebp", "-quiet", name, "-o", os.DevNull).CombinedOutput()
		require.NoError(t, err, "%s %s", f.name, msg)
	}
}
