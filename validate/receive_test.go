package validate_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/validate"
)

// upload is an Arriving that hands out b in pieces, and then err or the end.
type upload struct {
	b    []byte
	size int64
	step func() int
	sent int
	err  error
}

func arriving(b []byte, step int) *upload {
	return &upload{b: b, size: -1, step: func() int { return step }}
}

func (u *upload) Size() int64 { return u.size }

func (u *upload) More(_ context.Context, have int) ([]byte, bool, error) {
	if have != u.sent {
		panic("Receive asks for bytes that it has")
	}
	if u.sent == len(u.b) && u.err != nil {
		return nil, false, u.err
	}
	u.sent = min(len(u.b), u.sent+u.step())
	return bytes.Clone(u.b[:u.sent]), u.sent == len(u.b) && u.err == nil, nil
}

// verdict returns all that is said of a file.
func verdict(res *validate.Result, err error) validate.Verdict {
	return validate.VerdictOf("f", res, err)
}

// TestReceive: the two parts together give the verdict of Bytes, whether the size is known or
// not; and the checks wait for the second.
func TestReceive(t *testing.T) {
	ctx := context.Background()
	checked := 0
	opts := validate.Options{Checks: []validate.Check{func(context.Context, *validate.Picture) error { checked++; return nil }}}
	for name, b := range allGood(t) {
		want := verdict(validate.Bytes(ctx, b, opts))
		for _, step := range []int{1 + len(b)/40, 5000, len(b)} {
			for _, size := range []int64{-1, int64(len(b))} {
				checked = 0
				u := arriving(b, step)
				u.size = size
				received, err := validate.Receive(ctx, u, opts)
				require.NoError(t, err, name)
				require.Zero(t, checked, "%s: a check ran before Judge", name)
				require.Equal(t, b, received.Bytes(), name)
				require.EqualValues(t, len(b), received.Result().Size, name)
				require.Equal(t, want, verdict(received.Judge(ctx, received.Bytes())), name)
				require.Equal(t, 1, checked, name)
			}
		}
	}
}

func TestReceiveStopsAtErrors(t *testing.T) {
	ctx, b := context.Background(), good(t, detect.PNG)
	broken := errors.New("connection reset")
	for _, n := range []int{0, 5, detect.HeadSize, len(b) - 1, len(b)} {
		u := arriving(b[:min(n, len(b))], 1000)
		u.err = broken
		received, err := validate.Receive(ctx, u, validate.Options{})
		requireOperational(t, err, "broken")
		require.ErrorIs(t, err, broken)
		require.EqualValues(t, min(n, len(b)), received.Result().Size)
	}
	done, cancel := context.WithCancel(ctx)
	u := arriving(b, 100)
	u.step = func() int { cancel(); return 100 }
	_, err := validate.Receive(done, u, validate.Options{})
	requireOperational(t, err, "cancelled")
	require.ErrorIs(t, err, context.Canceled)

	_, err = validate.Receive(ctx, arriving(b, 0), validate.Options{})
	requireOperational(t, err, "nothing comes")
	_, err = validate.Receive(ctx, arriving(b, 1), validate.Options{MaxWork: -1})
	requireOperational(t, err, "options")
}

func TestReceiveGates(t *testing.T) {
	ctx, b := context.Background(), good(t, detect.PNG)
	opts := validate.Options{MaxBytes: int64(len(b))}
	u := arriving(b, 1000)
	received, err := validate.Receive(ctx, u, opts)
	requireRefusal(t, err, validate.CodeTooLarge, "as large as the limit")
	require.EqualValues(t, len(b), received.Result().Size)

	u = arriving(b, 1000)
	u.size = int64(len(b))
	_, err = validate.Receive(ctx, u, opts)
	requireRefusal(t, err, validate.CodeTooLarge, "size is known")
	require.Zero(t, u.sent, "nothing was read")

	_, err = validate.Receive(ctx, arriving(nil, 1), opts)
	requireRefusal(t, err, validate.CodeEmpty, "empty")
	u = arriving(bytes.Repeat([]byte("text "), 1<<20), 1000)
	received, err = validate.Receive(ctx, u, validate.Options{})
	requireRefusal(t, err, validate.CodeCorrupted, "text", validate.UnknownFormat)
	require.LessOrEqual(t, u.sent, detect.HeadSize+1000)
	require.EqualValues(t, detect.HeadSize, received.Result().Size)
}

// counting counts what was read.
type counting struct {
	r io.Reader
	n int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// grains is a picture that does not compress.
func grains(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	rnd := rand.New(rand.NewPCG(8, 8))
	for i := range img.Pix {
		if img.Pix[i] = byte(rnd.IntN(256)); i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	return img
}

// TestBrokenEarly: a file that breaks is refused before the rest of it has come, whatever the
// reader does; and its verdict is that of Bytes, but for the size.
func TestBrokenEarly(t *testing.T) {
	ctx := context.Background()
	const window = 256 << 10
	for name, b := range map[string][]byte{"png": encodePNG(t, grains(1200, 900)), "jpeg": encodeJPEG(t, grains(2400, 1600))} {
		require.Greater(t, len(b), 5*window, name)
		at := len(b) / 20
		copy(b[at:], []byte{0xff, 0xd9, 0xff, 0xd9})
		want, wantErr := validate.Bytes(ctx, b, validate.Options{})
		refusal := requireRefusal(t, wantErr, validate.CodeCorrupted, name)
		for how, r := range map[string]io.Reader{
			"large reads": bytes.NewReader(b), "small reads": iotest.HalfReader(iotest.HalfReader(bytes.NewReader(b))),
		} {
			c := &counting{r: r}
			res, err := validate.Validate(ctx, c, validate.Options{})
			got := requireRefusal(t, err, validate.CodeCorrupted, name+", "+how)
			require.Equal(t, []any{refusal.Reason, refusal.Offset, refusal.Unwrap().Error()}, []any{got.Reason, got.Offset, got.Unwrap().Error()}, name)
			require.Equal(t, refusal.Offset+window, res.Size, name)
			require.LessOrEqual(t, int64(c.n), res.Size+64<<10, "%s, %s: %d bytes", name, how, len(b))
			want.Size = res.Size
			require.Equal(t, want, res, name)
		}
	}
}

func TestMaxWork(t *testing.T) {
	ctx := context.Background()
	for f, weight := range map[detect.Format]int64{detect.PNG: 20, detect.JPEG: 4, detect.HEIC: 25} {
		b := good(t, f)
		_, err := validate.Bytes(ctx, b, validate.Options{MaxWork: int64(len(b)) * weight})
		require.NoError(t, err, f)
		for name, judge := range ways(t, b) {
			_, err = judge(ctx, validate.Options{MaxWork: 10})
			refusal := requireRefusal(t, err, validate.CodeCorrupted, string(f)+" "+name, validate.TooMuchWork)
			require.EqualValues(t, 10, refusal.Limit)
			require.Greater(t, refusal.Got, refusal.Limit)
			require.Equal(t, f, refusal.Format)
		}
	}
	require.Error(t, validate.Options{MaxWork: -1}.Problems())
	require.NoError(t, validate.Options{MaxWork: 1}.Problems())
}

// FuzzSplit checks that a verdict does not depend on how a file arrives, and is that of the file
// in memory.
func FuzzSplit(f *testing.F) {
	n := 0
	for _, b := range allGood(f) {
		if len(b) < 5_000 {
			f.Add(b, uint64(len(b)))
			n++
		}
	}
	for c := range fuzz.Cases() {
		if len(c.Data) < 2_000 {
			f.Add(c.Data, uint64(len(c.Data)))
			n++
		}
	}
	if n < minSeeds {
		f.Fatalf("%d seeds, want at least %d", n, minSeeds)
	}
	f.Fuzz(func(t *testing.T, b []byte, seed uint64) {
		ctx := context.Background()
		opts := validate.Options{MaxPixels: 1 << 20, Tolerance: validate.Tolerance(seed % 3)}
		rnd := rand.New(rand.NewPCG(seed, 1))
		most := 1 + rnd.IntN(len(b)+1)
		u := &upload{b: b, size: -1, step: func() int { return 1 + rnd.IntN(most) }}
		received, err := validate.Receive(ctx, u, opts)
		res := received.Result()
		if err == nil {
			res, err = received.Judge(ctx, received.Bytes())
		}
		want := verdict(validate.Bytes(ctx, b, opts))
		got := verdict(res, err)
		if int64(len(b)) > res.Size && want.Error != nil && want.Reason == validate.Truncated {
			return // it is also cut, far behind
		}
		got.Size = want.Size
		require.Equal(t, want, got)
	})
}

// shrinking is an Arriving whose file seems to end before what it had.
type shrinking struct {
	b     []byte
	calls int
}

func (s *shrinking) Size() int64 { return -1 }

func (s *shrinking) More(_ context.Context, have int) ([]byte, bool, error) {
	if s.calls++; s.calls == 3 {
		return s.b[:have-100], true, nil
	}
	return s.b[:have+1000], false, nil
}

// A file that shrinks is the caller's fault: no verdict, and no panic.
func TestReceiveOfShrinkingFile(t *testing.T) {
	for _, f := range []detect.Format{detect.PNG, detect.JPEG, detect.BMP, detect.WebP, detect.HEIC} {
		b := good(t, f)
		b = append(b[:len(b):len(b)], make([]byte, 4000)...)
		_, err := validate.Receive(t.Context(), &shrinking{b: b}, validate.Options{})
		if errors.As(err, new(*validate.Error)) {
			continue // refused before
		}
		require.ErrorContains(t, err, "no more bytes", f)
	}
}
