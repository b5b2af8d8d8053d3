package listen

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/imgvet/imgvet/internal/cli"
)

// How long clients may take.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 2 * time.Minute
	WriteTimeout      = 3 * time.Minute // from the end of the request header on
	shutdownTimeout   = 10 * time.Second
)

// On listens on an address, such as 127.0.0.1:8080.
func On(ctx context.Context, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, cli.Failure{Err: err}
	}
	return ln, nil
}

// Run answers requests until ctx is done, then lets those under way finish.
func Run(ctx context.Context, ln net.Listener, handler http.Handler, log *slog.Logger) error {
	srv := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      WriteTimeout,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ln) }()
	select {
	case err := <-ended:
		return cli.Failure{Err: err}
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := srv.Shutdown(last); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return cli.Failure{Err: err}
	}
	return nil
}
