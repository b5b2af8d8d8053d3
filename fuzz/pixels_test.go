package fuzz

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/webp"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build"
	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/validate"
)

// maxTested is how many pixels a picture may have here: those of one more are asked
// for reduced alone.
const maxTested = 4 << 20

// TestAcceptedHasPixels: what is accepted, under any tolerance, has pixels at full size
// and at 512, within stated memory and time, and they are those of Go's own decoder where
// that takes the file. IMGVET_MUTANTS says how many damaged files are tried; one in four
// is a HEIC.
func TestAcceptedHasPixels(t *testing.T) {
	testenv.OneGoroutine(t)
	heic, others := pictures(t)
	accepted := map[detect.Format]int{}
	try := func(name string, f detect.Format, b []byte) {
		for _, tolerance := range []validate.Tolerance{validate.Normal, validate.Lenient} {
			if hasPixels(t, name, b, tolerance) {
				accepted[f]++
			}
		}
	}
	for _, c := range slices.Concat(heic, others) {
		try(c.Name, c.Format, c.Data)
	}
	files := maps.Clone(accepted)
	mutants := testenv.Count(1500, 150)
	if s := os.Getenv("IMGVET_MUTANTS"); s != "" {
		var err error
		mutants, err = strconv.Atoi(s)
		require.NoError(t, err)
	}
	rng := rand.New(rand.NewPCG(14, 14))
	for i := range mutants {
		from := others
		if i%4 == 0 {
			from = heic
		}
		c := from[rng.IntN(len(from))]
		if len(c.Data) > small {
			continue
		}
		b := Corrupt(rng.Uint64(), c.Data)
		if i%4 == 1 && len(b) > 40 { // the ends, where Lenient differs
			b = c.Data[:len(c.Data)-rng.IntN(min(40, len(c.Data)))]
		}
		try(fmt.Sprintf("%s, mutant %d", c.Name, i), c.Format, b)
	}
	for _, f := range build.Formats {
		t.Logf("%s: %d files and %d mutants were accepted", f, files[f], accepted[f]-files[f])
		require.Greater(t, files[f], 100, f)
		if mutants >= 400 {
			require.Greater(t, accepted[f], files[f]+5, f)
		}
	}
}

// pictures returns the cases and the good files of testdata: those of HEIC, and all
// others.
func pictures(t *testing.T) (heic, others []Case) {
	t.Helper()
	add := func(c Case) {
		if c.Format == detect.HEIC {
			heic = append(heic, c)
		} else {
			others = append(others, c)
		}
	}
	for c := range Cases() {
		if c.Format != detect.Unknown && len(c.Data) < 1<<20 {
			add(c)
		}
	}
	names, err := filepath.Glob("../testdata/good/*/*")
	require.NoError(t, err)
	for _, name := range names {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		add(Case{Name: name, Data: b, Format: detect.Detect(b), OK: true})
	}
	return heic, others
}

// mostMemory is what asking for n pixels may allocate, in all.
func mostMemory(f detect.Format, n int64, reduced bool) uint64 {
	bytes := int64(8 << 20) // tables, and the reduced picture
	switch {
	case f != detect.HEIC:
		bytes += 48 * n // 24 bytes a pixel, as much again where it is turned
	case reduced:
		bytes += 24*min(n, 2<<20) + n // an eighth each way is a tenth of a byte a pixel; under 1024 a side nothing is reduced
	default:
		bytes += 24 * n // planes of two bytes a sample, RGB, and that turned
	}
	return uint64(bytes)
}

// mostTime is the processor time that asking for n pixels may take: ten times what an
// honest picture of noise takes, and half a second, for the race detector and a busy machine.
func mostTime(n int64) time.Duration {
	return 500*time.Millisecond + time.Duration(n)*time.Microsecond
}

// ask asks for the pixels of a picture, and holds that to its bounds.
func ask(ctx context.Context, t *testing.T, what string, p *validate.Picture, side int) (image.Image, error) {
	t.Helper()
	n := int64(p.Width) * int64(p.Height)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := cputime.Used()
	img, err := p.Image(ctx, side)
	took := cputime.Used() - start
	if err != nil {
		return nil, fmt.Errorf("at %d: %w", side, err)
	}
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, mostMemory(p.Format, n, side > 0), what)
	require.Less(t, took, mostTime(n), what)
	return img, nil
}

// hasPixels judges b, and holds it to having pixels. It reports whether b was accepted.
func hasPixels(t *testing.T, name string, b []byte, tolerance validate.Tolerance) bool {
	t.Helper()
	what := fmt.Sprintf("%s, %v", name, tolerance)
	res, err := validate.Bytes(context.Background(), b, validate.Options{
		Tolerance: tolerance,
		Checks: []validate.Check{func(ctx context.Context, p *validate.Picture) error {
			n := int64(p.Width) * int64(p.Height)
			if n > 32<<20 && p.Format != detect.HEIC {
				return nil // hundreds of megabytes each: the limit's own cases
			}
			reduced, err := ask(ctx, t, what, p, 512)
			if err != nil {
				return err
			}
			require.LessOrEqual(t, max(reduced.Bounds().Dx(), reduced.Bounds().Dy()), 512, what)
			if n > maxTested {
				return nil
			}
			full, err := ask(ctx, t, what, p, 0)
			if err != nil {
				return err
			}
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
