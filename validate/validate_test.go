package validate_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/validate"
)

func TestGoodFilesPass(t *testing.T) {
	seen := map[detect.Format]int{}
	for name, b := range allGood(t) {
		for way, call := range ways(t, b) {
			res, err := call(context.Background(), validate.Options{})
			require.NoError(t, err, "%s, %s", name, way)
			require.EqualValues(t, len(b), res.Size, name)
			require.Positive(t, res.Width, name)
			require.Positive(t, res.Height, name)
			require.Positive(t, res.Frames, name)
			require.True(t, 1 <= res.Orientation && res.Orientation <= 8, name)
			require.Empty(t, res.Faces)
			if way == "bytes" {
				seen[res.Format]++
			}
		}
	}
	for _, f := range []detect.Format{detect.PNG, detect.JPEG, detect.HEIC, detect.BMP, detect.WebP} {
		require.GreaterOrEqual(t, seen[f], 5, "good files of %s", f)
	}
}

// TestVariantsPass tries legal files that Go's decoders do not know, or that continue after the
// picture.
func TestVariantsPass(t *testing.T) {
	for _, dir := range []string{"variants", "tails"} {
		files := folder(t, testdata+dir)
		require.NotEmpty(t, files)
		for name, b := range files {
			_, err := validate.Bytes(context.Background(), b, validate.Options{})
			require.NoError(t, err, name)
		}
	}
}

func TestSizeLimits(t *testing.T) {
	for _, f := range []detect.Format{detect.PNG, detect.JPEG, detect.BMP} {
		b := good(t, f)
		for way, call := range ways(t, padded(b, validate.MaxBytes-1)) {
			res, err := call(context.Background(), validate.Options{})
			require.NoError(t, err, "%s of 10,485,759 bytes, %s", f, way)
			require.EqualValues(t, validate.MaxBytes-1, res.Size)
		}
		for way, call := range ways(t, padded(b, validate.MaxBytes)) {
			_, err := call(context.Background(), validate.Options{})
			e := requireRefusal(t, err, validate.CodeTooLarge, way, validate.TooLarge)
			require.EqualValues(t, validate.MaxBytes, e.Limit)
			require.EqualValues(t, validate.MaxBytes, e.Got)
		}
	}
	b := good(t, detect.PNG)
	n := int64(len(b))
	for way, call := range ways(t, b) {
		_, err := call(context.Background(), validate.Options{MaxBytes: n + 1})
		require.NoError(t, err, way)
		_, err = call(context.Background(), validate.Options{MaxBytes: n})
		requireRefusal(t, err, validate.CodeTooLarge, way)
	}
}

func TestPixelLimitIsInclusive(t *testing.T) {
	for _, f := range []detect.Format{detect.PNG, detect.JPEG, detect.HEIC, detect.BMP, detect.WebP} {
		b := good(t, f)
		res, err := validate.Bytes(context.Background(), b, validate.Options{})
		require.NoError(t, err)
		n := int64(res.Width) * int64(res.Height)
		_, err = validate.Bytes(context.Background(), b, validate.Options{MaxPixels: n})
		require.NoError(t, err, f)
		if n == 1 {
			continue // nothing is below one pixel
		}
		_, err = validate.Bytes(context.Background(), b, validate.Options{MaxPixels: n - 1})
		e := requireRefusal(t, err, validate.CodeCorrupted, string(f), validate.TooManyPixels)
		require.Equal(t, n-1, e.Limit)
		require.Equal(t, n, e.Got)
	}
}

func TestEmpty(t *testing.T) {
	for way, call := range ways(t, nil) {
		_, err := call(context.Background(), validate.Options{})
		requireRefusal(t, err, validate.CodeEmpty, way, validate.Empty)
	}
}

// endless yields zeros for ever and counts them.
type endless struct{ n int64 }

func (e *endless) Read(p []byte) (int, error) {
	clear(p)
	e.n += int64(len(p))
	return len(p), nil
}

func TestEndlessZerosEndAtTheHead(t *testing.T) {
	r := &endless{}
	_, err := validate.Validate(context.Background(), r, validate.Options{})
	requireRefusal(t, err, validate.CodeCorrupted, "zeros", validate.UnknownFormat)
	require.LessOrEqual(t, r.n, int64(detect.HeadSize))

	// With a good head an endless upload ends at the limit, not a byte later.
	r = &endless{}
	b := good(t, detect.PNG)
	_, err = validate.Validate(context.Background(), io.MultiReader(bytes.NewReader(b), r), validate.Options{})
	requireRefusal(t, err, validate.CodeTooLarge, "good head")
	require.LessOrEqual(t, r.n+int64(len(b)), int64(validate.MaxBytes))
}

func TestFailuresAreNoVerdict(t *testing.T) {
	ctx := context.Background()
	broken := errors.New("connection reset")
	b := good(t, detect.JPEG)
	for _, n := range []int{0, 1, 3, len(b) / 2, len(b)} {
		r := io.MultiReader(bytes.NewReader(b[:n]), iotest.ErrReader(broken))
		_, err := validate.Validate(ctx, r, validate.Options{})
		requireOperational(t, err, fmt.Sprint("broken after ", n))
		require.ErrorIs(t, err, broken)
	}
	_, err := validate.Validate(ctx, io.MultiReader(bytes.NewReader(b[:9]), iotest.ErrReader(io.ErrUnexpectedEOF)), validate.Options{})
	requireOperational(t, err, "unexpected EOF of the connection")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)

	_, err = validate.Validate(ctx, iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(b))), validate.Options{})
	requireOperational(t, err, "timeout")
	_, err = validate.Validate(ctx, stuck{}, validate.Options{})
	requireOperational(t, err, "no progress")
	require.ErrorIs(t, err, io.ErrNoProgress)
	for _, r := range []io.Reader{nil, (*bytes.Reader)(nil), (*bytes.Buffer)(nil), (*os.File)(nil)} {
		_, err = validate.Validate(ctx, r, validate.Options{})
		requireOperational(t, err, fmt.Sprintf("nil %T", r))
	}
	// A reader may be fed by another validation: that one's refusal is not ours.
	_, err = validate.Validate(ctx, iotest.ErrReader(validate.ErrCorrupted), validate.Options{})
	requireOperational(t, err, "a refusal as a read error")

	done, cancel := context.WithCancelCause(ctx)
	cancel(errors.New("gone"))
	for _, content := range [][]byte{b, nil, []byte("junk")} {
		for way, call := range ways(t, content) {
			_, err := call(done, validate.Options{})
			requireOperational(t, err, way)
			require.ErrorIs(t, err, context.Canceled, way)
		}
	}

	_, err = validate.File(ctx, filepath.Join(t.TempDir(), "none"), validate.Options{})
	requireOperational(t, err, "no file")
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = validate.File(ctx, t.TempDir(), validate.Options{})
	requireOperational(t, err, "a folder")
}

// stuck never reads anything and never fails.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestCancelWhileReading(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	b := good(t, detect.PNG)
	r := io.MultiReader(bytes.NewReader(b[:8]), readerFunc(func(p []byte) (int, error) {
		cancel()
		return copy(p, b[8:]), nil
	}))
	_, err := validate.Validate(ctx, r, validate.Options{})
	requireOperational(t, err, "cancelled")
	require.ErrorIs(t, err, context.Canceled)
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestUnknownAndDisallowedFormats(t *testing.T) {
	for name, content := range map[string]string{
		"text": "hello", "gif": "GIF89a\x01\x00\x01\x00\x00\x00\x00;", "pdf": "%PDF-1.7\n", "one byte": "x",
		"svg": `<svg xmlns="http://www.w3.org/2000/svg"/>`, "tiff": "II*\x00\x08\x00\x00\x00\x00\x00",
	} {
		_, err := validate.Bytes(context.Background(), []byte(content), validate.Options{})
		requireRefusal(t, err, validate.CodeCorrupted, name, validate.UnknownFormat)
	}
	b := good(t, detect.WebP)
	res, err := validate.Bytes(context.Background(), b, validate.Options{Formats: []detect.Format{detect.PNG, detect.JPEG}})
	e := requireRefusal(t, err, validate.CodeCorrupted, "webp", validate.FormatNotAllowed)
	require.Equal(t, detect.WebP, e.Format)
	require.Equal(t, detect.WebP, res.Format)
}

func TestStrictRefusesWarnings(t *testing.T) {
	b := good(t, detect.PNG)
	_, err := validate.Bytes(context.Background(), b, validate.Options{Tolerance: validate.Strict})
	require.NoError(t, err)

	long := append(bytes.Clone(b), "more"...)
	res, err := validate.Bytes(context.Background(), long, validate.Options{})
	require.NoError(t, err)
	require.Len(t, res.Warnings, 1)
	require.Equal(t, validate.TrailingData, res.Warnings[0].Reason)
	require.EqualValues(t, len(b), res.Warnings[0].Offset)

	_, err = validate.Bytes(context.Background(), long, validate.Options{Tolerance: validate.Strict})
	e := requireRefusal(t, err, validate.CodeCorrupted, "strict", validate.TrailingData)
	require.EqualValues(t, len(b), e.Offset)
}

// TestSamsungTrailer: the metadata of Samsung's phones behind EOI is no hidden tail, as
// long as its directory accounts for every byte, and it is no longer than a segment.
func TestSamsungTrailer(t *testing.T) {
	b := encodeJPEG(t, quadrants(40, 30))
	entry := append([]byte{0, 0, 1, 10, 14, 0, 0, 0}, "Image_UTC_Data1559399669115"...)
	trailer := func(entry []byte, size, count int) []byte {
		le := binary.LittleEndian
		dir := le.AppendUint32([]byte("SEFHj\x00\x00\x00"), uint32(count))
		dir = append(dir, 0, 0, 1, 10)
		dir = le.AppendUint32(dir, uint32(len(entry)))
		dir = le.AppendUint32(dir, uint32(size))
		out := append(bytes.Clone(entry), dir...)
		return append(le.AppendUint32(out, uint32(len(dir))), "SEFT"...)
	}
	good := trailer(entry, len(entry), 1)
	with := func(value string) []byte {
		e := append(bytes.Clone(entry), value...)
		return trailer(e, len(e), 1)
	}
	// Two entries that both begin at the first byte, and say nothing of the second half.
	half := append(append(bytes.Clone(entry), "<?php evil(); ?>"...), make([]byte, len(entry)-16)...)
	twice := trailer(half, len(entry), 2)
	twice = slices.Insert(twice, len(twice)-8, twice[len(twice)-20:len(twice)-8]...)
	twice[len(twice)-8] += 12
	other := bytes.Clone(good)
	other[2]++
	for name, c := range map[string]struct {
		tail []byte
		ok   bool
	}{
		"Samsung's":              {good, true},
		"a byte behind it":       {append(bytes.Clone(good), 0), false},
		"a byte before it":       {append([]byte{0}, good...), false},
		"an entry too short":     {trailer(entry, len(entry)-1, 1), false},
		"an entry too long":      {trailer(entry, len(entry)+1, 1), false},
		"an entry too many":      {trailer(entry, len(entry), 2), false},
		"no directory":           {[]byte("SEFT"), false},
		"a directory of its own": {append(entry, "\x0c\x00\x00\x00SEFT"...), false},
		"more text":              {with(`, {"a": [1.5, -2]}`), true},
		"a script":               {with("<?php system($_GET[0]); ?>"), false},
		"an archive":             {with("PK\x05\x06" + string(make([]byte, 18))), false},
		"a second picture":       {with(string(b)), false},
		"entries over another":   {twice, false},
		"an entry of two types":  {other, false},
		"an entry without name":  {trailer(make([]byte, 8), 8, 1), false},
		"longer than a segment":  {trailer(make([]byte, 65536), 65536, 1), false},
	} {
		file := append(bytes.Clone(b), c.tail...)
		res, err := validate.Bytes(context.Background(), file, validate.Options{})
		require.NoError(t, err, name)
		require.Equal(t, c.ok, len(res.Warnings) == 0, "%s: %v", name, res.Warnings)
		_, err = validate.Bytes(context.Background(), file, validate.Options{Tolerance: validate.Strict})
		require.Equal(t, c.ok, err == nil, name)
	}
}

// TestOrder gives one file every fault at once and takes them away in the
// documented order: empty, size, format, verification, checks, face.
func TestOrder(t *testing.T) {
	var called []string
	opts := validate.Options{
		MaxBytes: 100_000,
		Checks: []validate.Check{func(context.Context, *validate.Picture) error {
			called = append(called, "check")
			return &validate.Error{Code: validate.CodeCorrupted, Reason: "house_rule", Offset: -1}
		}},
		Faces: validate.FaceFinderFunc(func(context.Context, image.Image) ([]validate.Face, error) {
			called = append(called, "face")
			return nil, nil
		}),
	}
	judge := func(b []byte) error {
		_, err := validate.Bytes(context.Background(), b, opts)
		return err
	}
	png := good(t, detect.PNG)
	broken := bytes.Clone(png)
	broken[len(broken)-20] ^= 0xff

	requireRefusal(t, judge(nil), validate.CodeEmpty, "empty")
	requireRefusal(t, judge(make([]byte, 100_000)), validate.CodeTooLarge, "size before format")
	requireRefusal(t, judge(make([]byte, 99_999)), validate.CodeCorrupted, "format", validate.UnknownFormat)
	requireRefusal(t, judge(broken), validate.CodeCorrupted, "verification before checks", validate.Malformed, validate.Truncated)
	require.Empty(t, called, "no hook sees a file that was not verified")
	requireRefusal(t, judge(png), validate.CodeCorrupted, "checks before face", "house_rule")
	require.Equal(t, []string{"check"}, called)
	opts.Checks = nil
	requireRefusal(t, judge(png), validate.CodeFaceNotFound, "face", validate.NoFace)
	opts.Faces = nil
	require.NoError(t, judge(png))
}

// There is no exception: even a WebP's last byte that is only padding is counted in
// its RIFF size.
func TestEveryPrefixIsRefused(t *testing.T) {
	testenv.OneGoroutine(t)
	for name, b := range allGood(t) {
		for n := 0; n < len(b); n += step(n, len(b)) {
			_, err := validate.Bytes(context.Background(), b[:n], validate.Options{})
			want := validate.CodeCorrupted
			if n == 0 {
				want = validate.CodeEmpty
			}
			requireRefusal(t, err, want, fmt.Sprintf("%s cut to %d of %d bytes", name, n, len(b)))
		}
	}
}

// step returns the distance to the next prefix to try: 1 at both ends and, with
// IMGVET_EXHAUSTIVE set, everywhere.
func step(n, size int) int {
	const ends = 300
	if n < ends || size-n <= ends || os.Getenv("IMGVET_EXHAUSTIVE") != "" {
		return 1
	}
	return min(997, size-n-ends)
}

// TestHugeClaimsCostNothing tries files of under 1 KB that claim pictures for which a decoder
// would allocate gigabytes.
func TestHugeClaimsCostNothing(t *testing.T) {
	for _, f := range []detect.Format{detect.PNG, detect.JPEG, detect.HEIC, detect.BMP, detect.WebP} {
		b := fuzz.Bomb(f, 16383, 16383)
		require.Less(t, len(b), 1024, f)
		require.Equal(t, f, detect.Detect(b))
		requireCheap(t, string(f), b)
	}
	vp8l := []byte("RIFF\x14\x00\x00\x00WEBPVP8L\x07\x00\x00\x00\x2f\xff\xff\xff\x0f\x00\x00\x00")
	require.Len(t, vp8l, 28)
	requireCheap(t, "28 bytes of VP8L", vp8l)
}

// requireCheap fails unless b is refused for its size within 50 ms of processor time and 8 MB.
func requireCheap(t *testing.T, what string, b []byte) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	_, err := validate.Bytes(context.Background(), b, validate.Options{})
	runtime.ReadMemStats(&after)
	best := time.Hour // the best of several runs: the collector and neighbours work at the same time
	for run := 0; run < 10 && best >= 50*time.Millisecond; run++ {
		start := cputime.Used()
		_, _ = validate.Bytes(context.Background(), b, validate.Options{})
		best = min(best, cputime.Used()-start)
	}
	requireRefusal(t, err, validate.CodeCorrupted, what, validate.TooManyPixels)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20), what)
	require.Less(t, best, 50*time.Millisecond, what)
}
