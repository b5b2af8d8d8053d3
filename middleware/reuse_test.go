package middleware_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// marked returns a good PNG of size bytes in which one byte fills a long comment.
func marked(t testing.TB, size int, mark byte) []byte {
	t.Helper()
	b := bigPNG(t, size)
	chunk := bytes.Index(b, []byte("tEXtComment\x00"))
	end := bytes.LastIndex(b, []byte("IEND")) - 8 // its length, and the comment's CRC
	for i := chunk + len("tEXtComment\x00"); i < end; i++ {
		b[i] = mark
	}
	binary.BigEndian.PutUint32(b[end:], crc32.ChecksumIEEE(b[chunk:end]))
	return b
}

// TestLeakedReaders: goroutines of a handler go on reading after it has returned, while other
// requests use the memory. They may get an error, and the bytes of their own request, but not one
// byte of another's. This is mostly for the race detector.
func TestLeakedReaders(t *testing.T) {
	const size = 300_000
	for _, kind := range []string{"raw", "form", "JSON", "rewritten form"} {
		t.Run(kind, func(t *testing.T) {
			var leaked sync.WaitGroup
			m := newMiddleware(t, middleware.Options{
				JSONField: "image", Rewrite: kind == "rewritten form", MaxWait: time.Minute,
			})
			h := m.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				mark := r.Header.Get("X-Mark")[0]
				f := middleware.Files(r.Context())[0]
				body, getBody := r.Body, r.GetBody
				for _, open := range []func() (io.Reader, error){
					func() (io.Reader, error) { return body, nil },
					func() (io.Reader, error) { return getBody() },
					func() (io.Reader, error) { return f.Open() },
					func() (io.Reader, error) {
						b, err := f.Open()
						return struct{ io.Reader }{b}, err // without WriteTo
					},
				} {
					leaked.Go(func() {
						w := &watch{t: t, mark: mark, json: kind == "JSON"}
						for {
							b, err := open()
							if err == nil {
								_, err = io.Copy(w, b)
							}
							if errors.Is(err, http.ErrBodyReadAfterClose) {
								return
							}
							if err != nil {
								t.Error(err)
								return
							}
						}
					})
				}
				leaked.Go(func() { hurry(t, f, mark) })
			}))
			var senders sync.WaitGroup
			for sender := range 3 {
				senders.Go(func() {
					for i := range 6 {
						mark := byte('a' + (sender*6+i)%26)
						body, contentType := marked(t, size, mark), "image/png"
						switch kind {
						case "JSON":
							body, contentType = []byte(`{"image":"`+base64.StdEncoding.EncodeToString(body)+`"}`), "application/json"
						case "form", "rewritten form":
							body, contentType = formBody(t, field{"f", "f.png", body})
						}
						r := post(body, contentType)
						r.Header.Set("X-Mark", string(mark))
						h.ServeHTTP(httptest.NewRecorder(), r)
					}
				})
			}
			senders.Wait()
			leaked.Wait()
			stats := m.Stats()
			require.Zero(t, stats.Memory)
			require.LessOrEqual(t, stats.Kept, stats.MaxMemory)
		})
	}
}

// hurry reads a file all the time, in large pieces, so that the request ends in the middle of one.
func hurry(t *testing.T, f middleware.File, mark byte) {
	b, err := f.Open()
	for p := make([]byte, f.Size); err == nil; {
		if _, err = b.Seek(0, io.SeekStart); err == nil {
			var n int
			n, err = b.Read(p)
			_, _ = (&watch{t: t, mark: mark}).check(p[:n])
		}
	}
	if !errors.Is(err, http.ErrBodyReadAfterClose) {
		t.Error(err)
	}
}

// watch is a slow writer that looks for the marks of other requests.
type watch struct {
	t    *testing.T
	mark byte
	json bool
}

func (w *watch) Write(p []byte) (int, error) {
	time.Sleep(time.Millisecond)
	return w.check(p)
}

func (w *watch) check(p []byte) (int, error) {
	if len(p) < 4096 {
		return len(p), nil
	}
	middle := p[len(p)/2 : len(p)/2+999]
	mark := bytes.Repeat([]byte{w.mark}, 3)
	coded := []byte(base64.StdEncoding.EncodeToString(mark)) // three marks make four characters
	if bytes.Count(middle, mark) < 333 && (!w.json || bytes.Count(middle, coded) < 248) {
		w.t.Errorf("bytes of another request in request %q: %q", w.mark, middle[:9])
	}
	return len(p), nil
}

// TestSlowWriterOfAClosedBody: WriteTo hands out the memory itself, and its writer is still busy
// with it when the handler has returned and another request has come.
func TestSlowWriterOfAClosedBody(t *testing.T) {
	m := newMiddleware(t, middleware.Options{})
	busy, release := make(chan struct{}), make(chan struct{})
	done := make(chan []byte)
	m.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body := r.Body
		go func() {
			var got []byte
			_, err := io.Copy(writerFunc(func(p []byte) (int, error) {
				close(busy)
				<-release
				got = bytes.Clone(p)
				return 0, errors.New("enough")
			}), body)
			if err == nil {
				t.Error("no error of the writer")
			}
			done <- got
		}()
		<-busy
	})).ServeHTTP(httptest.NewRecorder(), post(marked(t, 300_000, 'a'), "image/png"))
	for range 3 {
		m.Wrap(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), post(marked(t, 300_000, 'b'), "image/png"))
	}
	close(release)
	got := <-done
	require.True(t, bytes.HasPrefix(marked(t, 300_000, 'a'), got))
	require.NotEmpty(t, got)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestHookThatKeepsBytes breaks the rule that a check must not keep the file's bytes. It may see
// what it likes in them later, but not another client's file.
func TestHookThatKeepsBytes(t *testing.T) {
	for name, threshold := range map[string]int64{"in memory": 0, "on disk": 1000} {
		t.Run(name, func(t *testing.T) {
			var kept [][]byte
			opts := middleware.Options{MemoryThreshold: threshold, MaxVerifications: 1}
			opts.Validate.Checks = []validate.Check{func(_ context.Context, p *validate.Picture) error {
				kept = append(kept, p.Bytes())
				return nil
			}}
			h := newMiddleware(t, opts).Wrap(http.NotFoundHandler())
			for _, mark := range []byte("abc") {
				h.ServeHTTP(httptest.NewRecorder(), post(marked(t, 300_000, mark), "image/png"))
			}
			for i, mark := range []byte("abc") {
				require.True(t, bytes.Equal(marked(t, 300_000, mark), kept[i]))
			}
		})
	}
}

// TestAnnouncedLengthCostsNothing: memory follows the bytes that came, and not those announced.
func TestAnnouncedLengthCostsNothing(t *testing.T) {
	m := newMiddleware(t, middleware.Options{})
	client, server := io.Pipe()
	r := httptest.NewRequest(http.MethodPost, "/", client)
	r.Header.Set("Content-Type", "image/png")
	r.ContentLength = 9 << 20
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.Wrap(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), r)
	}()
	sent := 0
	for _, n := range []int{5000, 10_000, 100_000, 1 << 20} {
		_, err := server.Write(bigPNG(t, 9<<20)[sent : sent+n])
		require.NoError(t, err)
		sent += n
		memory := m.Stats().Memory
		require.LessOrEqual(t, memory, int64(4*sent+verify.Holds), "at most twice, all that it has moved out of, and the verification")
	}
	require.NoError(t, server.CloseWithError(errors.New("gone")))
	<-done
	require.Zero(t, m.Stats().Memory)
}

// TestMemoryOfMany: bodies that arrive at once share the budget, and go to disk when it is used
// up. Nothing is lost, and all comes back.
func TestMemoryOfMany(t *testing.T) {
	opts := middleware.Options{MaxVerifications: 2, MaxWait: time.Minute, TempDir: t.TempDir()}
	opts.Validate.MaxBytes = 2 << 20
	opts.MaxMemory = 2*2<<20 + 4<<20
	m := newMiddleware(t, opts)
	h := m.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := m.Stats()
		if s.Memory+s.Kept > s.MaxMemory || s.MaxMemory != 4<<20 {
			t.Errorf("%d and %d bytes of %d", s.Memory, s.Kept, s.MaxMemory)
		}
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		fmt.Fprintf(w, "%d", len(b))
	}))
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			size := 400_000 + i*30_000
			w := httptest.NewRecorder()
			h.ServeHTTP(w, post(bigPNG(t, size), "image/png"))
			if w.Body.String() != fmt.Sprint(size) {
				t.Errorf("%d bytes: %s", size, w.Body)
			}
		})
	}
	group.Wait()
	s := m.Stats()
	require.Zero(t, s.Memory)
	require.Zero(t, s.TempBytes)
	require.LessOrEqual(t, s.Kept, s.MaxMemory)
}
