package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/logs"
)

// readyTimeout bounds what /readyz asks.
const readyTimeout = time.Second

// errLeaving is why a server that shuts down is not ready.
var errLeaving = errors.New("shutting down")

// Status is what /healthz and /readyz tell.
type Status struct {
	leaving atomic.Bool
	ask     func(context.Context) error
}

// NewStatus returns the status of a server that is ready while ask, if there is one, returns nil.
func NewStatus(ask func(context.Context) error) *Status { return &Status{ask: ask} }

// Leave says that the server is shutting down.
func (s *Status) Leave() { s.leaving.Store(true) }

// ready returns why the server is not ready.
func (s *Status) ready(ctx context.Context) error {
	if s.leaving.Load() {
		return errLeaving
	}
	if s.ask == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	return s.ask(ctx)
}

// Dial returns a question for NewStatus: does somebody listen at address?
func Dial(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			return fmt.Errorf("upstream: %w", err)
		}
		return conn.Close()
	}
}

// Handler answers
//
//	/healthz  200 as long as the process answers at all
//	/readyz   200 if it takes uploads, 503 and why if it does not
//	/metrics  what Prometheus scrapes
func Handler(s *Status, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	text := func(w http.ResponseWriter, status int, line string) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		fmt.Fprintln(w, line)
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.ready(r.Context()); err != nil {
			text(w, http.StatusServiceUnavailable, "not ready: "+err.Error())
			return
		}
		text(w, http.StatusOK, "ready")
	})
	mux.Handle("GET /metrics", metrics)
	return mux
}

// Serve answers on ln until the returned function is called.
func Serve(ln net.Listener, handler http.Handler, log *slog.Logger) (stop func()) {
	srv := &http.Server{
		Handler: handler, ErrorLog: logs.Std(log, "admin server"),
		ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
	}
	go func() {
		if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the admin address failed", "error", err)
		}
	}()
	return func() { _ = srv.Close() }
}
