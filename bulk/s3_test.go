package bulk_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"
	_ "gocloud.dev/blob/s3blob"

	"github.com/imgvet/imgvet/bulk"
	"github.com/imgvet/imgvet/validate"
)

// fakeS3 is an S3 server that counts the bytes of objects that it sends, and fails when it is told
// to.
type fakeS3 struct {
	*blob.Bucket
	gets, sent atomic.Int64
	fail       func(r *http.Request) int // a status, or 0
}

type countingWriter struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (w countingWriter) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.n.Add(int64(n))
	return n, err
}

func newS3(t testing.TB) *fakeS3 {
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	s := &fakeS3{}
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("photos"))
	inner := gofakes3.New(backend).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.fail != nil {
			if status := s.fail(r); status != 0 {
				http.Error(w, "", status)
				return
			}
		}
		if r.Method == http.MethodGet && r.URL.Query().Get("list-type") == "" {
			s.gets.Add(1)
			w = countingWriter{w, &s.sent}
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	var err error
	s.Bucket, err = blob.OpenBucket(t.Context(), "s3://photos?region=us-east-1&use_path_style=true&endpoint="+server.URL)
	require.NoError(t, err)
	t.Cleanup(func() { s.Bucket.Close() })
	return s
}

func (s *fakeS3) put(t testing.TB, key string, b []byte) bulk.Object {
	require.NoError(t, s.WriteAll(t.Context(), key, b, nil))
	return bulk.Object{Key: key, Size: int64(len(b))}
}

// do judges objects and returns the line of each.
func do(t testing.TB, b *blob.Bucket, opts validate.Options, objects ...bulk.Object) []bulk.Line {
	part, err := bulk.Do(t.Context(), b, bulk.Shard{Objects: objects}, opts)
	require.NoError(t, err)
	var all []bulk.Line
	for l, err := range bulk.Verdicts(part) {
		require.NoError(t, err)
		require.Equal(t, objects[len(all)].Key, l.Key, "the lines are in the order of the shard")
		all = append(all, l)
	}
	require.Len(t, all, len(objects))
	return all
}

func picture(t testing.TB) []byte {
	b, err := os.ReadFile("../testdata/good/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	return b
}

// TestEgress: an object is read no further than its verdict needs.
func TestEgress(t *testing.T) {
	s := newS3(t)
	png := picture(t)
	large := append(bytes.Clone(png), make([]byte, 1<<20)...) // the picture, and more
	for _, c := range []struct {
		name    string
		object  []byte
		planned int64 // size; -1 is that of the object
		reason  validate.Reason
		sent    int64
	}{
		{"good", png, -1, "", int64(len(png))},
		{"good, planned as empty", png, 0, "", int64(len(png))},
		{"wrong type", bytes.Repeat([]byte("text "), 1<<18), -1, validate.UnknownFormat, 4096},
		{"wrong type, small", []byte("text"), -1, validate.UnknownFormat, 4},
		{"picture", large, -1, validate.TrailingData, int64(len(large))},
		{"too large", make([]byte, validate.MaxBytes), -1, validate.TooLarge, 4096},
		{"empty", nil, -1, validate.Empty, 0},
		{"empty, planned as a picture", nil, 1000, validate.Empty, 0},
	} {
		o := s.put(t, c.name, c.object)
		if c.planned >= 0 {
			o.Size = c.planned
		}
		s.sent.Store(0)
		l := do(t, s.Bucket, validate.Options{Tolerance: validate.Strict}, o)[0]
		require.Equal(t, c.reason, l.Reason, "%s: %+v", c.name, l)
		require.Equal(t, c.reason == "", l.OK)
		require.NotEmpty(t, l.ETag, c.name)
		if c.name != "empty, planned as a picture" { // the error that the range gets is XML
			require.LessOrEqual(t, s.sent.Load(), c.sent, c.name)
			if c.reason != validate.TooLarge { // of which the head is not waited for
				require.Equal(t, c.sent, s.sent.Load(), c.name)
			}
		}
	}
}

// TestVerdicts: the line of an object is that of its bytes in a file, whatever the store.
func TestVerdicts(t *testing.T) {
	s := newS3(t)
	png := picture(t)
	for i, b := range [][]byte{
		png, nil, {0}, png[:len(png)-1], append(bytes.Clone(png), make([]byte, 100_000)...), make([]byte, 4096), make([]byte, 4097),
		make([]byte, validate.MaxBytes-1), make([]byte, validate.MaxBytes), make([]byte, validate.MaxBytes+1), []byte("GIF89a"),
	} {
		path := t.TempDir() + "/file"
		require.NoError(t, os.WriteFile(path, b, 0o600))
		res, err := validate.File(t.Context(), path, validate.Options{})
		key := fmt.Sprintf("ü/%d & <b>.png", i)
		want := validate.VerdictOf(key, res, err)
		require.Equal(t, want, do(t, s.Bucket, validate.Options{}, s.put(t, key, b))[0].Verdict)
	}
}

// TestGone: what is not there is a line, and a bucket that is not there is an error.
func TestGone(t *testing.T) {
	s := newS3(t)
	there := s.put(t, "there", picture(t))
	gone := bulk.Object{Key: "gone", Size: 100}
	all := do(t, s.Bucket, validate.Options{}, gone, there, gone)
	require.True(t, all[1].OK)
	require.Contains(t, all[0].Failure, "not there any more")
	require.Nil(t, all[0].Error, "a failure is no verdict")
	do(t, s.Bucket, validate.Options{}, gone, gone)

	s.fail = func(r *http.Request) int { return http.StatusNotFound }
	_, err := bulk.Do(t.Context(), s.Bucket, bulk.Shard{Objects: []bulk.Object{there}}, validate.Options{})
	require.ErrorIs(t, err, bulk.ErrStore)
}

// TestStoreErrors: errors of the store are tried again, and one object that it does not give is a
// line. The status is one that the client of S3 does not try again by itself.
func TestStoreErrors(t *testing.T) {
	s := newS3(t)
	var objects []bulk.Object
	for i := range 20 {
		objects = append(objects, s.put(t, fmt.Sprint(i), picture(t)))
	}
	var mu sync.Mutex
	failures := map[string]int{}
	s.fail = func(r *http.Request) int {
		mu.Lock()
		defer mu.Unlock()
		if failures[r.URL.Path]++; failures[r.URL.Path] < 3 {
			return http.StatusBadRequest
		}
		return 0
	}
	for _, l := range do(t, s.Bucket, validate.Options{}, objects...) {
		require.True(t, l.OK, l.Failure)
	}
	if testing.Short() {
		return
	}
	s.fail = func(r *http.Request) int {
		if strings.HasSuffix(r.URL.Path, "/7") {
			return http.StatusBadRequest
		}
		return 0
	}
	for i, l := range do(t, s.Bucket, validate.Options{}, objects...) {
		require.Equal(t, i != 7, l.OK)
		require.Equal(t, i == 7, strings.HasPrefix(l.Failure, "read 7 times"), l.Failure)
	}
	s.fail = func(r *http.Request) int { return http.StatusBadRequest }
	_, err := bulk.Do(t.Context(), s.Bucket, bulk.Shard{Objects: objects[:3]}, validate.Options{})
	require.ErrorIs(t, err, bulk.ErrStore)
}

// TestChanged: an object that is written between two reads is read again, from the beginning.
func TestChanged(t *testing.T) {
	s := newS3(t)
	png := picture(t)
	long := append(bytes.Clone(png), make([]byte, 10_000)...)
	o := s.put(t, "a", long)
	cut := append(bytes.Clone(png[:len(png)-20]), make([]byte, 10_020)...)
	var gets atomic.Int64
	s.fail = func(r *http.Request) int {
		if r.Method == http.MethodGet && gets.Add(1) == 2 {
			s.fail = nil
			s.put(t, "a", cut)
		}
		return 0
	}
	l := do(t, s.Bucket, validate.Options{}, o)[0]
	require.False(t, l.OK, "the object as it is, not half of it as it was")
	attrs, err := s.Attributes(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, attrs.ETag, l.ETag)
}

func TestDoRefuses(t *testing.T) {
	s := newS3(t)
	o := s.put(t, "a", picture(t))
	one := bulk.Shard{Objects: []bulk.Object{o}}
	_, err := bulk.Do(t.Context(), nil, one, validate.Options{})
	require.Error(t, err)
	_, err = bulk.Do(t.Context(), s.Bucket, bulk.Shard{Objects: []bulk.Object{{}}}, validate.Options{})
	require.Error(t, err)
	_, err = bulk.Do(t.Context(), s.Bucket, bulk.Shard{Objects: one.Objects, InFlight: -1}, validate.Options{})
	require.Error(t, err)
	_, err = bulk.Do(t.Context(), s.Bucket, one, validate.Options{MaxBytes: -1})
	require.Error(t, err)
	part, err := bulk.Do(t.Context(), s.Bucket, bulk.Shard{}, validate.Options{})
	require.NoError(t, err)
	require.Empty(t, part)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = bulk.Do(ctx, s.Bucket, one, validate.Options{})
	require.ErrorIs(t, err, context.Canceled)
}

// TestPanic: a hook that panics is a failure of its object.
func TestPanic(t *testing.T) {
	s := newS3(t)
	a, b := s.put(t, "a", picture(t)), s.put(t, "b", picture(t))
	var n atomic.Int64
	opts := validate.Options{Checks: []validate.Check{func(context.Context, *validate.Picture) error {
		if n.Add(1) == 1 {
			panic("oops")
		}
		return nil
	}}}
	all := do(t, s.Bucket, opts, a, b)
	failed := 0
	for _, l := range all {
		if !l.OK {
			failed++
			require.Contains(t, l.Failure, "panic: oops")
		}
	}
	require.Equal(t, 1, failed)
}

// TestInFlight: objects that are read and objects that are verified are two numbers.
func TestInFlight(t *testing.T) {
	s := newS3(t)
	var objects []bulk.Object
	for i := range 40 {
		objects = append(objects, s.put(t, fmt.Sprint(i), picture(t)))
	}
	var reading, most, verifying, mostVerifying atomic.Int64
	peak := func(now int64, most *atomic.Int64) {
		for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
		}
	}
	gate := make(chan struct{})
	var once sync.Once
	s.fail = func(r *http.Request) int {
		peak(reading.Add(1), &most)
		if reading.Load() == 8 {
			once.Do(func() { close(gate) })
		}
		<-gate // until as many are on their way as may be
		reading.Add(-1)
		return 0
	}
	limiter, err := validate.NewLimiter(2, 0)
	require.NoError(t, err)
	opts := validate.Options{Limiter: limiter, Checks: []validate.Check{func(context.Context, *validate.Picture) error {
		peak(verifying.Add(1), &mostVerifying)
		verifying.Add(-1)
		return nil
	}}}
	_, err = bulk.Do(t.Context(), s.Bucket, bulk.Shard{Objects: objects, InFlight: 8}, opts)
	require.NoError(t, err)
	require.Equal(t, int64(8), most.Load())
	require.LessOrEqual(t, mostVerifying.Load(), int64(2))
}
