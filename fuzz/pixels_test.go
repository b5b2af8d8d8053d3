package fuzz

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/webp"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// maxTested is how many pixels a picture may have here: those of one more are asked
// for reduced alone.
const maxTested = 4 << 20

// TestAcceptedHasPixels: what is accepted, under any tolerance, has pixels at full size
// and at 512, within the memory that Picture.Image states, and they are those of Go's own
// decoder where that takes the file. IMGVET_MUTANTS says how many damaged files are tried.
func TestAcceptedHasPixels(t *testing.T) {
	var all []Case
	for c := range Cases() {
		if c.Format != detect.HEIC && c.Format != detect.Unknown && len(c.Data) < 1<<20 {
			all = append(all, c)
		}
	}
	names, err := filepath.Glob("../testdata/good/*/*")
	require.NoError(t, err)
	for _, name := range names {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		if f := detect.Detect(b); f != detect.HEIC {
			all = append(all, Case{Name: name, Data: b, Format: f, OK: true})
		}
	}
	accepted := 0
	try := func(name string, b []byte) {
		for _, tolerance := range []validate.Tolerance{validate.Normal, validate.Lenient} {
			if hasPixels(t, name, b, tolerance) {
				accepted++
			}
		}
	}
	for _, c := range all {
		try(c.Name, c.Data)
	}
	files := accepted
	mutants := 1500
	if s := os.Getenv("IMGVET_MUTANTS"); s != "" {
		mutants, err = strconv.Atoi(s)
		require.NoError(t, err)
	}
	rng := rand.New(rand.NewPCG(14, 14))
	for i := range mutants {
		c := all[rng.IntN(len(all))]
		if len(c.Data) > 64<<10 {
			continue
		}
		b := Corrupt(rng.Uint64(), c.Data)
		if i%2 == 0 && len(b) > 40 { // the ends, where Lenient differs
			b = c.Data[:len(c.Data)-rng.IntN(min(40, len(c.Data)))]
		}
		try(fmt.Sprintf("%s, mutant %d", c.Name, i), b)
	}
	t.Logf("%d files and %d mutants were accepted", files, accepted-files)
	require.Greater(t, accepted, len(all))
}

// hasPixels judges b, and holds it to having pixels. It reports whether b was accepted.
func hasPixels(t *testing.T, name string, b []byte, tolerance validate.Tolerance) bool {
	t.Helper()
	what := fmt.Sprintf("%s, %v", name, tolerance)
	res, err := validate.Bytes(context.Background(), b, validate.Options{
		Tolerance: tolerance,
		Checks: []validate.Check{func(ctx context.Context, p *validate.Picture) error {
			n := int64(p.Width) * int64(p.Height)
			if n > 32<<20 {
				return nil // hundreds of megabytes each: the limit's own cases
			}
			small, err := p.Image(ctx, 512)
			if err != nil {
				return fmt.Errorf("at 512: %w", err)
			}
			require.LessOrEqual(t, max(small.Bounds().Dx(), small.Bounds().Dy()), 512, what)
			if n > maxTested {
				return nil
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			full, err := p.Image(ctx, 0)
			if err != nil {
				return fmt.Errorf("at full size: %w", err)
			}
			runtime.ReadMemStats(&after)
			// 24 bytes a pixel, as much again where it is turned, and tables.
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(48*n)+8<<20, what)
			if p.Orientation <= 1 {
				likeGo(t, what, p.Format, b, full)
			}
			return nil
		}},
	})
	var refusal *validate.Error
	if errors.As(err, &refusal) {
		return false
	}
	if err != nil {
		kept := filepath.Join(os.TempDir(), "imgvet-without-pixels."+string(res.Format))
		require.NoError(t, os.WriteFile(kept, b, 0o600))
		t.Fatalf("%s: %v: %v; the file is kept as %s", what, err, res.Warnings, kept)
	}
	return true
}

// likeGo holds a picture to what Go's decoder makes of the file, if it takes it.
func likeGo(t *testing.T, what string, f detect.Format, b []byte, got image.Image) {
	t.Helper()
	var want image.Image
	var err error
	switch f {
	case detect.PNG:
		want, err = png.Decode(bytes.NewReader(b))
	case detect.JPEG:
		want, err = jpeg.Decode(bytes.NewReader(b))
	case detect.WebP:
		want, err = webp.Decode(bytes.NewReader(b))
	default:
		return
	}
	if err != nil || want.Bounds() != got.Bounds() {
		return
	}
	step := 1 + got.Bounds().Dx()*got.Bounds().Dy()/2000
	for i := 0; i < got.Bounds().Dx()*got.Bounds().Dy(); i += step {
		x, y := i%got.Bounds().Dx(), i/got.Bounds().Dx()
		r, g, bl, a := want.At(x, y).RGBA()
		r2, g2, b2, a2 := got.At(x, y).RGBA()
		for k, d := range []int{int(r) - int(r2), int(g) - int(g2), int(bl) - int(b2), int(a) - int(a2)} {
			if d < -0x500 || d > 0x500 { // a level or two, by rounding of JPEG
				t.Fatalf("%s at %d,%d, channel %d: %v, not %v", what, x, y, k, got.At(x, y), want.At(x, y))
			}
		}
	}
}
