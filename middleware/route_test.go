package middleware_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// TestWith checks that two routes have their own rules and share one set of budgets.
func TestWith(t *testing.T) {
	png := goodPNG(t)
	photos := newMiddleware(t, middleware.Options{Fields: []string{"photo"}, MaxVerifications: 1})
	avatars, err := photos.With(func(o *middleware.Options) {
		require.Equal(t, []string{"photo"}, o.Fields, "it begins with the options there are")
		o.Fields[0] = "avatar" // its own slice
		o.Optional = true
		o.Validate.MaxBytes = int64(len(png))
	})
	require.NoError(t, err)
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	try := func(m *middleware.Middleware, fields ...field) int {
		body, contentType := formBody(t, fields...)
		w := httptest.NewRecorder()
		m.Wrap(next).ServeHTTP(w, post(body, contentType))
		return w.Code
	}
	require.Equal(t, 204, try(photos, field{"photo", "a.png", png}))
	require.Equal(t, 400, try(photos, field{"avatar", "a.png", png}))
	require.Equal(t, 400, try(photos))
	require.Equal(t, 204, try(avatars))
	require.Equal(t, 413, try(avatars, field{"avatar", "a.png", png}))
	require.Equal(t, 400, try(avatars, field{"photo", "a.png", png[:5]}))

	// While one route verifies, the other one waits for the same slot.
	busy, free := make(chan struct{}), make(chan struct{})
	slow, err := photos.With(func(o *middleware.Options) {
		o.Validate.Checks = append(o.Validate.Checks, func(ctx, *validate.Picture) error {
			close(busy)
			<-free
			return nil
		})
	})
	require.NoError(t, err)
	impatient, err := photos.With(func(o *middleware.Options) { o.MaxWait = time.Millisecond })
	require.NoError(t, err)
	ended := make(chan int)
	go func() { ended <- try(slow, field{"photo", "a.png", png}) }()
	<-busy
	require.Equal(t, 1, photos.Stats().Verifying)
	require.Equal(t, 1, impatient.Stats().Verifying, "of all routes together")
	require.Equal(t, 503, try(impatient, field{"photo", "a.png", png}))
	close(free)
	require.Equal(t, 204, <-ended)
	require.Zero(t, photos.Stats().Verifying)
}

func TestWithKeepsTheBudgets(t *testing.T) {
	m := newMiddleware(t, middleware.Options{})
	for name, change := range map[string]func(*middleware.Options){
		"MemoryThreshold":  func(o *middleware.Options) { o.MemoryThreshold = 5 },
		"MaxMemory":        func(o *middleware.Options) { o.MaxMemory *= 2 },
		"MaxTempBytes":     func(o *middleware.Options) { o.MaxTempBytes = 0 + 1<<40 },
		"MaxClientBytes":   func(o *middleware.Options) { o.MaxClientBytes *= 2 },
		"TempDir":          func(o *middleware.Options) { o.TempDir = t.TempDir() },
		"MaxVerifications": func(o *middleware.Options) { o.MaxVerifications++; o.MaxMemory += 100 << 20 },
		"MaxBytes":         func(o *middleware.Options) { o.Validate.MaxBytes++ },
		"MaxRequestBytes":  func(o *middleware.Options) { o.MaxRequestBytes = 5 },
	} {
		_, err := m.With(change)
		require.ErrorContains(t, err, name)
	}
	again, err := m.With(func(*middleware.Options) {})
	require.NoError(t, err)
	w := httptest.NewRecorder()
	again.Wrap(http.NotFoundHandler()).ServeHTTP(w, post(nil, "image/png"))
	require.Equal(t, canonical(6), w.Body.String())
}

// TestClientShare checks that one client cannot hold everything, that its share is given back,
// and that the Refusal says what ran out.
func TestClientShare(t *testing.T) {
	const half = 100_000
	body := bigPNG(t, half)
	var last *middleware.Refusal
	opts := middleware.Options{
		MaxRequestBytes: half + half/2, MaxClientBytes: half + half/2, MemoryThreshold: 1000,
		Observe: func(_ *http.Request, o middleware.Observation) { last = o.Refusal },
	}
	opts.Validate.MaxBytes = half + 1
	m := newMiddleware(t, opts)
	send := func(from string, next http.HandlerFunc) int {
		r := post(body, "image/png")
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		m.Wrap(next).ServeHTTP(w, r)
		return w.Code
	}
	ok := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	for _, tt := range []struct {
		first, second string
		shared        bool
	}{
		{"192.0.2.1:1", "192.0.2.1:2", true},
		{"192.0.2.1:1", "192.0.2.2:1", false},
		{"[2001:db8::1]:1", "[2001:db8::ffff:1]:9", true}, // one customer's /64
		{"[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false},
		{"[::ffff:192.0.2.1]:1", "192.0.2.1:1", true},
		{"[fe80::1%eth0]:1", "[fe80::1]:1", true},
		{"unix", "unix", true},
	} {
		code := send(tt.first, func(w http.ResponseWriter, _ *http.Request) {
			require.Equal(t, 1, m.Stats().Clients)
			require.Equal(t, !tt.shared, send(tt.second, ok) == http.StatusNoContent, tt.second)
			if tt.shared {
				require.Equal(t, http.StatusServiceUnavailable, last.Status)
				require.Equal(t, middleware.BudgetClient, last.Budget)
			}
			ok(w, nil)
		})
		require.Equal(t, http.StatusNoContent, code)
		require.Equal(t, http.StatusNoContent, send(tt.second, ok), "it is given back")
		require.Zero(t, m.Stats().Clients)
	}
}

// TestStatsAndBudgets checks that Stats reports what is held, and the log which budget ran out.
func TestStatsAndBudgets(t *testing.T) {
	body := bigPNG(t, 100_000)
	var log bytes.Buffer
	opts := middleware.Options{MemoryThreshold: 1000, MaxTempBytes: 150_000, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	m := newMiddleware(t, opts)
	called := false
	m.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		called = true
		s := m.Stats()
		require.EqualValues(t, 100_000, s.TempBytes)
		require.EqualValues(t, 150_000, s.MaxTempBytes)
		require.Positive(t, s.MaxMemory)
		require.Zero(t, s.Verifying)
		require.Positive(t, s.MaxVerifications)
		w := httptest.NewRecorder()
		m.Wrap(http.NotFoundHandler()).ServeHTTP(w, post(body, "image/png"))
		require.Equal(t, http.StatusServiceUnavailable, w.Code)
		require.Contains(t, log.String(), "budget=temp_bytes")
	})).ServeHTTP(httptest.NewRecorder(), post(body, "image/png"))
	require.True(t, called)
	require.Zero(t, m.Stats().TempBytes)
}
