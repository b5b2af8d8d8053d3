package middleware_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// brittle is a body in pieces of random sizes, that ends in one of several ways.
type brittle struct {
	rest []byte
	rnd  *rand.Rand
	most int
	end  func() error
}

func (b *brittle) Read(p []byte) (int, error) {
	if len(b.rest) == 0 {
		return 0, b.end()
	}
	n := copy(p[:min(len(p), 1+b.rnd.IntN(b.most))], b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

func (b *brittle) Close() error { return nil }

// However requests end while their files are verified, and many at once: what they held is given
// back, no goroutine writes to memory that another request reads, and of those that end well the
// verdict is that of the bytes.
func TestEndsWhileArriving(t *testing.T) {
	good := [][]byte{noisyPNG(t), noisyJPEG(t)}
	type ending int
	const (
		whole ending = iota
		panics
		breaks
		cancelled
		handlerPanics
		endings
	)
	for _, opts := range []middleware.Options{
		{},
		{MemoryThreshold: 700_000, MaxVerifications: 2},
		{MaxMemory: validate.MaxBytes*2 + 3<<20, MaxVerifications: 2},
		{Validate: validate.Options{Checks: []validate.Check{func(_ context.Context, p *validate.Picture) error {
			_ = bytes.Count(p.Bytes(), []byte{0})
			return nil
		}}}},
	} {
		opts.JSONField, opts.DecodeContent, opts.TempDir, opts.MaxWait = "image", true, t.TempDir(), time.Minute
		m := newMiddleware(t, opts)
		var senders sync.WaitGroup
		for sender := range 4 {
			senders.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(sender), 3))
				for range 3 {
					b := bytes.Clone(good[rnd.IntN(2)])
					for range rnd.IntN(3) {
						b[rnd.IntN(len(b))] ^= 1 << rnd.IntN(8)
					}
					_, want := validate.Bytes(t.Context(), b, validate.Options{})
					var body []byte
					var contentType string
					switch rnd.IntN(4) {
					case 0:
						body, contentType = doors["object"](t, b)
					case 1:
						body, contentType = doors["raw"](t, b)
					default:
						body, contentType = formBody(t, field{name: "a", file: "a.png", data: good[0]}, field{name: "b", file: "b.png", data: b})
					}
					r := post(nil, contentType)
					if rnd.IntN(4) == 0 {
						var z bytes.Buffer
						w := gzip.NewWriter(&z)
						_, _ = w.Write(body)
						_ = w.Close()
						r.Header.Set("Content-Encoding", "gzip")
						body = z.Bytes()
					}
					how := ending(rnd.IntN(int(endings)))
					src := &brittle{rest: body, rnd: rnd, most: []int{700, 40_000, 1 << 20}[rnd.IntN(3)], end: func() error { return io.EOF }}
					r.Body, r.ContentLength = src, -1
					ctx, cancel := context.WithCancel(t.Context())
					switch how {
					case panics:
						src.rest, src.end = body[:rnd.IntN(len(body))], func() error { panic("body") }
					case breaks:
						src.rest, src.end = body[:rnd.IntN(len(body))], func() error { return io.ErrUnexpectedEOF }
					case cancelled:
						src.rest, src.end = body[:rnd.IntN(len(body))], func() error { cancel(); return ctx.Err() }
					}
					called := false
					h := m.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
						called = true
						files := middleware.Files(r.Context())
						f, err := files[len(files)-1].Open()
						if err == nil {
							got, err := io.ReadAll(f)
							if err != nil || !bytes.Equal(got, b) {
								t.Error("other bytes than were sent", err)
							}
						}
						if how == handlerPanics {
							panic("handler")
						}
					}))
					func() {
						defer func() { _ = recover() }()
						h.ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))
					}()
					cancel()
					if whole := how == whole || how == handlerPanics; whole && called != (want == nil) || !whole && called && want != nil {
						t.Errorf("ending %d: called %v, want %v", how, called, want)
					}
				}
			})
		}
		senders.Wait()
		require.Eventually(t, func() bool { return m.Stats().Verifying == 0 }, time.Minute, time.Millisecond)
		s := m.Stats()
		require.Zero(t, s.Memory, "%+v", opts)
		require.Zero(t, s.TempBytes)
		require.Zero(t, s.Clients)
		require.Zero(t, s.Waiting)
		require.LessOrEqual(t, s.Kept, s.MaxMemory)
	}
}
