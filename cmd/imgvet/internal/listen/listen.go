package listen

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/admin"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/keypair"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/logs"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/requests"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/telemetry"
	"github.com/imgvet/imgvet/internal/cli"
)

// How long clients may take, beside what the flags say of uploads.
const (
	readHeaderTimeout = 10 * time.Second
	readMargin        = 30 * time.Second // beyond an upload's own time, for what is verified meanwhile
	receiveTimeout    = 10 * time.Minute // the middleware's default
	idleTimeout       = 2 * time.Minute  // between two requests
)

// Server answers requests until it is told to end.
type Server struct {
	Log *slog.Logger

	flags   Flags
	entry   requests.Entry
	pair    *keypair.Pair // nil without TLS
	receive time.Duration
	flush   func()
	stdout  io.Writer
}

// Site is what a server serves.
type Site struct {
	Handler http.Handler
	For     string                      // what stands behind it, for the line that tells the address; "" if nothing does
	Ready   func(context.Context) error // asked for /readyz; nil means always
	Export  telemetry.Exporter
}

// on listens on an address, such as 127.0.0.1:8080.
func on(ctx context.Context, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, cli.Failure{Err: err}
	}
	return ln, nil
}

// Run serves until ctx is done, and then lets the requests under way end.
func (s *Server) Run(ctx context.Context, site Site) error {
	defer s.flush()
	ln, err := on(ctx, s.flags.addr)
	if err != nil {
		return err
	}
	status := admin.NewStatus(site.Ready)
	line := "imgvet: listening on " + s.flags.url(ln.Addr())
	if site.For != "" {
		line += " for " + site.For
	}
	if s.flags.admin != "" {
		adminLn, err := on(ctx, s.flags.admin)
		if err != nil {
			_ = ln.Close()
			return err
		}
		defer admin.Serve(adminLn, admin.Handler(status, site.Export.Metrics()), s.Log)()
		line += "\nimgvet: health and metrics on http://" + adminLn.Addr().String()
	}
	fmt.Fprintln(s.stdout, line)

	srv := s.server(site)
	ended := make(chan error, 1)
	go func() {
		if s.pair != nil {
			ended <- srv.ServeTLS(ln, "", "")
			return
		}
		ended <- srv.Serve(ln)
	}()
	select {
	case err = <-ended:
		err = cli.Failure{Err: err}
	case <-ctx.Done():
		status.Leave()
		s.Log.Info("shutting down", "delay", s.flags.shutdownDelay, "timeout", s.flags.shutdownTimeout)
		err = s.end(srv, ended)
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), exportTimeout)
	defer cancel()
	// What could not be exported is no fault of the uploads, and of the exit code.
	if lost := site.Export.Shutdown(last); lost != nil {
		s.Log.Warn("telemetry could not be sent", "error", lost)
	}
	return err
}

// exportTimeout is how long what is to be exported may take at the end.
const exportTimeout = 5 * time.Second

// server returns the server of a site.
func (s *Server) server(site Site) *http.Server {
	receive := s.receive
	if receive == 0 {
		receive = receiveTimeout
	}
	srv := &http.Server{
		Handler:           s.entry.Wrap(site.Export.Wrap(site.Handler)),
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       receive + readMargin,
		IdleTimeout:       idleTimeout,
		ErrorLog:          logs.Std(s.Log, "server"),
		// A load balancer in front may speak HTTP/2 without TLS, and gRPC knows nothing else.
		Protocols: new(http.Protocols),
	}
	srv.Protocols.SetHTTP1(true)
	srv.Protocols.SetHTTP2(true)
	srv.Protocols.SetUnencryptedHTTP2(true)
	if s.pair != nil {
		srv.TLSConfig = s.pair.Config()
	}
	return srv
}

// end lets requests under way end: for a while as if nothing were, so that a load balancer sees
// that the server is not ready any more, and then without new connections.
func (s *Server) end(srv *http.Server, ended <-chan error) error {
	delay := time.NewTimer(s.flags.shutdownDelay)
	defer delay.Stop()
	select {
	case <-delay.C:
	case err := <-ended:
		return cli.Failure{Err: err}
	}
	last, cancel := context.WithTimeout(context.Background(), s.flags.shutdownTimeout)
	defer cancel()
	err := srv.Shutdown(last)
	if err == nil {
		s.Log.Info("shut down", "uploads_cut", 0)
		return nil
	}
	cut := s.entry.Uploads()
	_ = srv.Close()
	s.Log.Error("shut down before all requests had ended", "uploads_cut", cut)
	return cli.Failure{Err: fmt.Errorf("%d uploads were cut after %v", cut, s.flags.shutdownTimeout)}
}
