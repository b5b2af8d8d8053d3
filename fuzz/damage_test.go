package fuzz

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/validate"
)

// damaged lists the good files whose damaged copies are counted.
var damaged = []struct {
	format string
	files  []string
	copies int // of each file, by each kind of damage
}{
	{"jpeg", []string{
		"video-001.jpeg", "cjpeg-444-q95.jpg", "cjpeg-420-restart-rows.jpg", "video-001.progressive.jpeg", "cjpeg-progressive-many-scans.jpg",
	}, 300},
	{"png", []string{"benchRGB.png", "magick-photo-stored.png", "benchRGB-interlace.png", "benchPaletted.png", "tux.png"}, 150},
	{"webp", []string{
		"yellow_rose.lossy.webp", "blue-purple-pink.lossless.webp", "cwebp-lossless-z9.webp", "yellow_rose.lossy-with-alpha.webp", "magick-lossy-8-partitions.webp",
	}, 150},
}

// damages are what is done to a file from byte at on, n bytes long.
var damages = []struct {
	name string
	do   func(rng *rand.Rand, b []byte, at, n int) []byte
}{
	{"a bit flipped", func(rng *rand.Rand, b []byte, at, _ int) []byte {
		b[at] ^= 1 << rng.IntN(8)
		return b
	}},
	{"1-64 bytes zeroed", func(_ *rand.Rand, b []byte, at, n int) []byte {
		clear(b[at : at+n])
		return b
	}},
	{"1-64 bytes lost", func(_ *rand.Rand, b []byte, at, n int) []byte {
		return append(b[:at], b[at+n:]...)
	}},
	{"1-64 bytes doubled", func(_ *rand.Rand, b []byte, at, n int) []byte {
		return append(b[:at+n:at+n], b[at:]...)
	}},
}

// TestDamage counts which share of damaged copies passes: docs/strictness.md has the
// table. The damage of a JPEG begins behind its first scan header, where its bits have
// the least to check them by; of other files it is anywhere. Where djpeg is installed, no
// copy of a JPEG passes without a warning that djpeg calls corrupt.
func TestDamage(t *testing.T) {
	if os.Getenv("IMGVET_DAMAGE") == "" {
		t.Skip("set IMGVET_DAMAGE to count 12,000 damaged files")
	}
	djpeg, err := exec.LookPath("djpeg")
	if err != nil {
		t.Log("djpeg is not there: no other opinion was asked")
	}
	for _, d := range damaged {
		for _, file := range d.files {
			b, err := os.ReadFile(filepath.Join("../testdata/good", d.format, file))
			require.NoError(t, err)
			first := 0
			if d.format == "jpeg" {
				first = bytes.Index(b, []byte{0xff, 0xda}) + 14
			}
			line := fmt.Sprintf("| %s | %s |", d.format, file)
			for i, kind := range damages {
				rng := rand.New(rand.NewPCG(uint64(i), 20261130))
				passed, warned, corrupt := 0, 0, 0
				for range d.copies {
					n := 1 + rng.IntN(64)
					at := first + rng.IntN(len(b)-2-n-first)
					c := kind.do(rng, bytes.Clone(b), at, n)
					if bytes.Equal(c, b) {
						continue
					}
					res, err := validate.Bytes(context.Background(), c, validate.Options{})
					if err != nil {
						continue
					}
					passed++
					if len(res.Warnings) > 0 {
						warned++
					}
					if d.format == "jpeg" && djpeg != "" {
						cmd := exec.Command(djpeg, "-outfile", os.DevNull)
						cmd.Stdin = bytes.NewReader(c)
						if out, err := cmd.CombinedOutput(); err != nil { // 2 is a warning
							corrupt++
							require.NotEmpty(t, res.Warnings, "%s, %s: %s", file, kind.name, out)
						}
					}
				}
				line += fmt.Sprintf(" %d (%d, %d) of %d |", passed, warned, corrupt, d.copies)
			}
			t.Log(line)
		}
	}
}
