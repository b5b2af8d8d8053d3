package validate_test

import (
	"bytes"
	"context"
	"image"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/validate"
)

// Each rule accepts a value at its bound and refuses one beyond it.
func TestRulesAtTheirBounds(t *testing.T) {
	const n = 40
	for name, c := range map[string]struct {
		rules  validate.Rules
		reason validate.Reason
		size   func(side int) image.Point
		ok     [3]bool // at n-1, n, n+1
		limit  int64
		got    int64 // of the refused picture
		advice string
	}{
		"MinWidth": {validate.Rules{MinWidth: n}, validate.TooSmall, wide, [3]bool{false, true, true}, n, n - 1,
			"The picture is 39 pixels wide: send one of at least 40."},
		"MinHeight": {validate.Rules{MinHeight: n}, validate.TooSmall, high, [3]bool{false, true, true}, n, n - 1,
			"The picture is 39 pixels high: send one of at least 40."},
		"MaxWidth": {validate.Rules{MaxWidth: n}, validate.TooLargeSide, wide, [3]bool{true, true, false}, n, n + 1,
			"The picture is 41 pixels wide: scale it down to at most 40."},
		"MaxHeight": {validate.Rules{MaxHeight: n}, validate.TooLargeSide, high, [3]bool{true, true, false}, n, n + 1,
			"The picture is 41 pixels high: scale it down to at most 40."},
		"MinAspect": {validate.Rules{MinAspect: n / 30.0}, validate.AspectRatio, wide, [3]bool{false, true, true}, 1333, 1300,
			"The picture is too narrow: crop it to be at least 1.333 times as wide as high."},
		"MaxAspect": {validate.Rules{MaxAspect: n / 30.0}, validate.AspectRatio, wide, [3]bool{true, true, false}, 1333, 1367,
			"The picture is too wide: crop it to be at most 1.333 times as wide as high."},
	} {
		for i := range 3 {
			size := c.size(n - 1 + i)
			for format, b := range map[detect.Format][]byte{
				detect.PNG:  encodePNG(t, image.NewGray(image.Rectangle{Max: size})),
				detect.JPEG: encodeJPEG(t, image.NewGray(image.Rectangle{Max: size})),
				detect.BMP:  bmp(size.X, size.Y),
			} {
				res, err := validate.Bytes(context.Background(), b, validate.Options{Rules: c.rules})
				if c.ok[i] {
					require.NoError(t, err, "%s: %v %s", name, size, format)
					continue
				}
				refusal := requireRefusal(t, err, validate.CodeCorrupted, name, c.reason)
				require.Equal(t, format, refusal.Format)
				require.Equal(t, []int64{c.limit, c.got}, []int64{refusal.Limit, refusal.Got}, name)
				require.Equal(t, c.advice, refusal.Advice(), name)
				require.Equal(t, size, image.Pt(res.Width, res.Height), "a refused picture's size is known")
			}
		}
	}
}

func wide(side int) image.Point { return image.Pt(side, 30) }
func high(side int) image.Point { return image.Pt(30, side) }

// The cases of package fuzz lie at the bounds in all formats: HEIC grids, turned and cropped
// pictures, animations.
func TestRulesOfCases(t *testing.T) {
	testenv.OneGoroutine(t)
	seen := map[detect.Format]map[validate.Reason]int{}
	for c := range fuzz.Cases() {
		if c.Rules == (validate.Rules{}) {
			require.Empty(t, c.Breaks, c.Name)
			continue
		}
		if seen[c.Format] == nil {
			seen[c.Format] = map[validate.Reason]int{}
		}
		seen[c.Format][c.Breaks]++
		res, err := validate.Bytes(context.Background(), c.Data, validate.Options{Rules: c.Rules})
		if c.Breaks == "" {
			require.NoError(t, err, c.Name)
			continue
		}
		refusal := requireRefusal(t, err, validate.CodeCorrupted, c.Name, c.Breaks)
		require.NotEqual(t, refusal.Limit, refusal.Got, c.Name)
		require.Positive(t, res.Width, c.Name)
	}
	require.Len(t, seen, 5)
	for format, reasons := range seen {
		require.GreaterOrEqual(t, reasons[""], 4, format)
		for _, r := range []validate.Reason{validate.TooSmall, validate.TooLargeSide, validate.AspectRatio} {
			require.Positive(t, reasons[r], "%s: %s", format, r)
		}
	}
	require.Positive(t, seen[detect.PNG][validate.Animated])
	require.Positive(t, seen[detect.WebP][validate.Animated])
}

// The first broken rule is reported: width, height, aspect, frames.
func TestRulesInOrder(t *testing.T) {
	b := encodePNG(t, image.NewGray(image.Rect(0, 0, 100, 20)))
	for _, c := range []struct {
		rules  validate.Rules
		reason validate.Reason
	}{
		{validate.Rules{MinWidth: 101, MaxHeight: 19, MinAspect: 9}, validate.TooSmall},
		{validate.Rules{MaxHeight: 19, MinAspect: 9}, validate.TooLargeSide},
		{validate.Rules{MinAspect: 9}, validate.AspectRatio},
	} {
		_, err := validate.Bytes(context.Background(), b, validate.Options{Rules: c.rules})
		requireRefusal(t, err, validate.CodeCorrupted, "", c.reason)
	}
}

// Rules are checked after verification and before Checks: a Check never sees a picture that
// breaks one, and a broken file is reported as broken.
func TestRulesComeBeforeChecks(t *testing.T) {
	calls := 0
	opts := validate.Options{Rules: validate.Rules{MinWidth: 1000}, Checks: []validate.Check{
		func(context.Context, *validate.Picture) error { calls++; return nil },
	}}
	b := encodePNG(t, image.NewGray(image.Rect(0, 0, 100, 20)))
	_, err := validate.Bytes(context.Background(), b, opts)
	requireRefusal(t, err, validate.CodeCorrupted, "", validate.TooSmall)
	require.Zero(t, calls)
	_, err = validate.Bytes(context.Background(), b[:len(b)-13], opts)
	requireRefusal(t, err, validate.CodeCorrupted, "", validate.Truncated)
	opts.Tolerance = validate.Strict
	_, err = validate.Bytes(context.Background(), append(bytes.Clone(b), 0), opts)
	requireRefusal(t, err, validate.CodeCorrupted, "", validate.TrailingData)
}

// A picture that lies on its side is judged as it is shown.
func TestRulesOfTurnedPictures(t *testing.T) {
	jpg := encodeJPEG(t, stored(1, 64, 32))
	for orientation := 1; orientation <= 8; orientation++ {
		b := slices.Insert(bytes.Clone(jpg), 2, exifSegment("Exif\x00\x00"+tiffOf(orientation))...)
		upright, lying := validate.Rules{MaxWidth: 32, MaxAspect: 1}, validate.Rules{MinWidth: 33, MinAspect: 1}
		if orientation < 5 {
			upright, lying = lying, upright
		}
		res, err := validate.Bytes(context.Background(), b, validate.Options{Rules: upright})
		require.NoError(t, err, orientation)
		width, height := res.Shown()
		require.Equal(t, orientation >= 5, width < height)
		_, err = validate.Bytes(context.Background(), b, validate.Options{Rules: lying})
		requireRefusal(t, err, validate.CodeCorrupted, "", validate.TooSmall, validate.TooLargeSide)
	}
}

// Shown is the size of the pixels that a hook gets, for every good file.
func TestShownIsTheSizeOfThePixels(t *testing.T) {
	for name, b := range allGood(t) {
		opts := validate.Options{Checks: []validate.Check{func(ctx context.Context, p *validate.Picture) error {
			img, err := p.Image(ctx, 0)
			require.NoError(t, err, name)
			width, height := p.Shown()
			require.Equal(t, image.Pt(width, height), img.Bounds().Size(), name)
			return nil
		}}}
		_, err := validate.Bytes(context.Background(), b, opts)
		require.NoError(t, err, name)
	}
}

func TestRulesProblems(t *testing.T) {
	inf := math.Inf(1)
	for _, bad := range []validate.Rules{
		{MinWidth: -1}, {MinHeight: -1}, {MaxWidth: -1}, {MaxHeight: -1}, {MaxFrames: -1},
		{MinAspect: -0.5}, {MaxAspect: -0.5}, {MinAspect: math.NaN()}, {MaxAspect: math.NaN()}, {MinAspect: inf}, {MaxAspect: inf},
		{MinWidth: 2, MaxWidth: 1}, {MinHeight: 2, MaxHeight: 1}, {MinAspect: 2, MaxAspect: 1},
	} {
		require.Error(t, validate.Options{Rules: bad}.Problems(), "%+v", bad)
		_, err := validate.Bytes(context.Background(), []byte{1}, validate.Options{Rules: bad})
		requireOperational(t, err, "bad rules")
	}
	for _, good := range []validate.Rules{
		{}, {MinWidth: 2}, {MinWidth: 2, MaxWidth: 2, MinHeight: 2, MaxHeight: 2, MinAspect: 1, MaxAspect: 1, MaxFrames: 1},
		{MinAspect: 16.0 / 9}, {MaxAspect: 0.1},
	} {
		require.NoError(t, validate.Options{Rules: good}.Problems(), "%+v", good)
	}
}
