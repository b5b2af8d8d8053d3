package middleware_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// noisy returns a picture that no coder makes small.
func noisy(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	rnd := rand.New(rand.NewPCG(1, 2))
	for y := range h {
		for x := range w {
			v := rnd.Uint32()
			img.SetNRGBA(x, y, color.NRGBA{uint8(v), uint8(v >> 8), uint8(v >> 16), 255})
		}
	}
	return img
}

// noisyPNG has 1.2 MB, in chunks that are verified as they arrive.
func noisyPNG(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, noisy(640, 640)))
	return b.Bytes()
}

// noisyJPEG has 0.9 MB.
func noisyJPEG(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, noisy(1000, 1000), &jpeg.Options{Quality: 90}))
	return b.Bytes()
}

// doors are the ways into which a file is put: each returns a body with it, and its type.
var doors = map[string]func(t testing.TB, b []byte) ([]byte, string){
	"raw": func(_ testing.TB, b []byte) ([]byte, string) { return b, "image/png" },
	"form": func(t testing.TB, b []byte) ([]byte, string) {
		return formBody(t, field{name: "note", data: []byte("text")}, field{name: "image_bytes", file: "a.png", data: b})
	},
	"object": func(_ testing.TB, b []byte) ([]byte, string) {
		return []byte(`{"image":"` + base64.StdEncoding.EncodeToString(b) + `"}`), "application/json"
	},
}

// counted is a body that counts what was read of it, and hands it out in small pieces.
type counted struct {
	io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p[:min(len(p), 5000)])
	c.n += n
	return n, err
}

func (c *counted) Close() error { return nil }

// A file that breaks early is refused early, whichever way it comes.
func TestRefusedWhereItBreaks(t *testing.T) {
	for format, good := range map[string][]byte{"png": noisyPNG(t), "jpeg": noisyJPEG(t)} {
		bad := bytes.Clone(good)
		at := len(bad) / 20
		if format == "png" {
			clear(bad[at : at+2000])
		} else {
			copy(bad[at:], "\xff\xd9\xff\xd8")
		}
		_, want := validate.Bytes(t.Context(), bad, validate.Options{})
		var fault *validate.Error
		require.ErrorAs(t, want, &fault)
		for name, door := range doors {
			body, contentType := door(t, bad)
			r := post(body, contentType)
			src := &counted{Reader: bytes.NewReader(body)}
			r.Body = src
			var got []*validate.Error
			w, s := send(t, middleware.Options{JSONField: "image", MaxDrainBytes: 1, MaxDrainTime: 1, Observe: func(_ *http.Request, o middleware.Observation) {
				got = append(got, o.Refusal.Verdict)
			}}, r)
			require.False(t, s.called)
			require.JSONEq(t, canonical(5), w.Body.String())
			require.Len(t, got, 1)
			require.Equal(t, fault.Reason, got[0].Reason, "%s, %s", format, name)
			require.Equal(t, fault.Offset, got[0].Offset, "%s, %s", format, name)
			// What Judge waits for, what is received at a time, and base64's third.
			require.Less(t, src.n, (int(fault.Offset)+256<<10+128<<10+64<<10)*4/3, "%s, %s: read of %d", format, name, len(body))
		}
	}
}

// slowly begins an upload of file, and returns once the first n bytes of it have been read. The
// caller sends the rest. The status of the answer goes to done.
func slowly(t *testing.T, h http.Handler, file []byte, n int, done chan<- int) *io.PipeWriter {
	t.Helper()
	body, end := io.Pipe()
	r := post(nil, "image/png")
	r.Body, r.ContentLength = body, int64(len(file))
	go func() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		done <- w.Code
	}()
	_, err := end.Write(file[:n])
	require.NoError(t, err)
	return end
}

// A client that sends slowly keeps no slot: others are verified meanwhile, and it passes in the
// end.
func TestSlowClientsKeepNoSlot(t *testing.T) {
	m := newMiddleware(t, middleware.Options{MaxVerifications: 1, MaxWait: time.Minute})
	h := m.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		require.NoError(t, err)
		w.WriteHeader(http.StatusNoContent)
	}))
	file := noisyPNG(t)
	const slow = 5
	done := make(chan int, slow)
	var ends []*io.PipeWriter
	for range slow {
		ends = append(ends, slowly(t, h, file, len(file)/2, done))
	}
	require.Zero(t, m.Stats().Verifying)
	held := m.Stats().Memory
	require.Greater(t, held, int64(slow*len(file)/2))
	for range 3 {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, post(file, "image/png"))
		require.Equal(t, http.StatusNoContent, w.Code)
	}
	for _, end := range ends {
		_, err := end.Write(file[len(file)/2:])
		require.NoError(t, err)
		require.NoError(t, end.Close())
	}
	for range slow {
		require.Equal(t, http.StatusNoContent, <-done)
	}
	require.Zero(t, m.Stats().Memory)
}

// Whatever becomes of the memory while a file arrives, its verdict is that of its bytes, and the
// next handler gets these.
func TestArrivingIsVerifiedAsAWhole(t *testing.T) {
	good := noisyPNG(t)
	bad := bytes.Clone(good)
	clear(bad[len(bad)-30_000 : len(bad)-29_000])
	for _, opts := range []middleware.Options{
		{},
		{MemoryThreshold: 700_000}, // the body goes to disk on the way
		{MemoryThreshold: 100_000}, // before anything is verified
		{MaxMemory: 11 << 20},
		{Validate: validate.Options{Tolerance: validate.Strict}},
	} {
		opts.JSONField, opts.MaxVerifications, opts.TempDir = "image", 1, t.TempDir()
		opts.Validate.MaxBytes = 10 << 20
		for name, door := range doors {
			for _, hooks := range []bool{false, true} {
				var seen []byte
				opts.Validate.Checks = nil
				if hooks {
					opts.Validate.Checks = []validate.Check{func(_ context.Context, p *validate.Picture) error {
						seen = bytes.Clone(p.Bytes())
						return nil
					}}
				}
				body, contentType := door(t, good)
				r := post(body, contentType)
				r.Body = &counted{Reader: bytes.NewReader(body)}
				w, s := send(t, opts, r)
				require.Equal(t, http.StatusNoContent, w.Code, "%s, %+v: %s", name, opts, w.Body)
				require.True(t, bytes.Equal(body, s.body))
				require.Equal(t, int64(len(good)), s.files[0].Result.Size)
				require.Equal(t, 640, s.files[0].Result.Width)
				if hooks {
					require.True(t, bytes.Equal(good, seen), "what a hook sees")
				}
				body, contentType = door(t, bad)
				w, s = send(t, opts, post(body, contentType))
				require.False(t, s.called)
				require.JSONEq(t, canonical(5), w.Body.String(), name)
			}
		}
	}
}

// Two files of a form are each verified where they lie, though the body moves in memory as it
// grows; and hooks see the right bytes of both.
func TestArrivingFilesOfAForm(t *testing.T) {
	first, second := noisyPNG(t), noisyJPEG(t)
	var seen [][]byte
	opts := middleware.Options{Validate: validate.Options{Checks: []validate.Check{func(_ context.Context, p *validate.Picture) error {
		seen = append(seen, bytes.Clone(p.Bytes()))
		return nil
	}}}}
	body, contentType := formBody(t, field{name: "a", file: "a.png", data: first}, field{name: "b", file: "b.jpg", data: second})
	r := post(body, contentType)
	r.Body, r.ContentLength = &counted{Reader: bytes.NewReader(body)}, -1
	w, s := send(t, opts, r)
	require.Equal(t, http.StatusNoContent, w.Code)
	require.Len(t, s.files, 2)
	require.True(t, bytes.Equal(first, seen[0]))
	require.True(t, bytes.Equal(second, seen[1]))
}

// Nothing is verified before the access hook has spoken: a token may come behind the file.
func TestArrivingWaitsForAccess(t *testing.T) {
	bad := noisyPNG(t)
	clear(bad[60_000:62_000])
	body, contentType := formBody(t, field{name: "image_bytes", file: "a.png", data: bad}, field{name: "token", data: []byte("bad")})
	w, s := send(t, middleware.Options{Authorize: new(access).authorize}, post(body, contentType))
	require.False(t, s.called)
	require.NotEqual(t, canonical(5), w.Body.String())
	body, contentType = formBody(t, field{name: "token", data: []byte("good")}, field{name: "image_bytes", file: "a.png", data: bad})
	w, _ = send(t, middleware.Options{Authorize: new(access).authorize}, post(body, contentType))
	require.Equal(t, canonical(5), w.Body.String())
}

// A connection that breaks is no verdict, however much was verified.
func TestArrivingThatBreaksOff(t *testing.T) {
	file := noisyPNG(t)
	for name, door := range doors {
		body, contentType := door(t, file)
		r := post(body, contentType)
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)*2/3]), failing{}))
		var got []middleware.Outcome
		w, s := send(t, middleware.Options{JSONField: "image", Observe: func(_ *http.Request, o middleware.Observation) { got = append(got, o.Outcome) }}, r)
		require.False(t, s.called)
		require.NotEqual(t, canonical(5), w.Body.String(), name)
		require.Equal(t, []middleware.Outcome{middleware.Failed}, got, name)
	}
}

// failing is a reader that fails.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the cable was cut") }

// What verifications keep while they wait counts in the budget of memory, and where that is used
// up files are verified when they are whole.
func TestMemoryOfWaitingVerifications(t *testing.T) {
	testenv.OneGoroutine(t)
	file := noisyPNG(t)
	opts := middleware.Options{MaxVerifications: 1, TempDir: t.TempDir(), MemoryThreshold: 200_000}
	opts.MaxMemory = validate.MaxBytes + 2<<20
	m := newMiddleware(t, opts)
	h := m.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	const many = 20
	done := make(chan int, many)
	var ends []*io.PipeWriter
	for range many {
		ends = append(ends, slowly(t, h, file, 150_000, done))
		s := m.Stats()
		require.LessOrEqual(t, s.Memory, s.MaxMemory)
	}
	for _, end := range ends {
		_, err := end.Write(file[150_000:])
		require.NoError(t, err)
		require.NoError(t, end.Close())
	}
	for range many {
		require.Equal(t, http.StatusNoContent, <-done)
	}
	require.Zero(t, m.Stats().Memory)
}
