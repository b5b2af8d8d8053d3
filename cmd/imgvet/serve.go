package main

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/cli"
	"github.com/imgvet/imgvet/face"
	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// The API's path and file field.
const (
	pipelinePath = "/face_recon/run_pipeline"
	imageField   = "image_bytes"
)

// How long clients may take.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 2 * time.Minute
	writeTimeout      = 3 * time.Minute
	shutdownTimeout   = 10 * time.Second
)

func serveCommand() *cobra.Command {
	var (
		addr           string
		tokens, denied []string
		faces          bool
		opts           middleware.Options
	)
	cmd := &cobra.Command{
		Use:   "serve [flags]",
		Short: "Serve an upload page and the API's path behind the middleware",
		Long: `Serve answers POST ` + pipelinePath + ` as the API does: multipart/form-data with
a text field "token" and a file field "` + imageField + `". A refused upload gets the
canonical error; an accepted one gets {"result":{...}} with what was verified.

GET / is a page to try it: a picture is checked in the browser, then sent, and both
verdicts are shown side by side.

A picture in which no face is found gets code 4. The finder needs the pixels, so a
picture that no decoder here takes, though it is whole, is answered 500. With
--face=false neither happens.

Any token is taken. With --token only those given are, and any other gets code 0;
a token given with --deny-token is known and gets code 1.`,
		Example: `  imgvet serve
  imgvet serve --face=false
  imgvet serve --token mine --deny-token expired --addr 127.0.0.1:9000`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
			opts.Authorize, opts.Logger = authorizer(tokens, denied...), log
			if faces {
				finder, err := face.New(face.Options{})
				if err != nil {
					return cli.Failure{Err: err}
				}
				opts.Validate.Faces = finder
			}
			handler, err := newServer(opts)
			if err != nil {
				return err
			}
			var lc net.ListenConfig
			ln, err := lc.Listen(cmd.Context(), "tcp", addr)
			if err != nil {
				return cli.Failure{Err: err}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "imgvet: listening on http://%s\n", ln.Addr())
			return serve(cmd.Context(), ln, handler, log)
		},
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:8080", "listen on this address")
	cmd.Flags().StringArrayVar(&tokens, "token", nil, "take only this token; may be given more than once (default: take any)")
	cmd.Flags().StringArrayVar(&denied, "deny-token", nil, "know this token and refuse it with code 1; may be given more than once")
	cmd.Flags().BoolVar(&faces, "face", true, "refuse a picture without a face, with code 4")
	cli.ToleranceFlags(cmd.Flags(), &opts.Validate.Tolerance)
	cli.RuleFlags(cmd.Flags(), &opts.Validate.Rules)
	return cmd
}

// serve answers requests until ctx is done, then lets those under way finish.
func serve(ctx context.Context, ln net.Listener, handler http.Handler, log *slog.Logger) error {
	srv := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
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

// newServer returns the page, what it loads, and the API's path behind the
// middleware. The fields to check are the API's, whatever opts says.
func newServer(opts middleware.Options) (http.Handler, error) {
	opts.Fields = []string{imageField}
	mw, err := middleware.New(opts)
	if err != nil {
		return nil, err
	}
	look, err := newPreview(opts)
	if err != nil {
		return nil, err
	}
	files, err := newAssets()
	if err != nil {
		return nil, err
	}
	html, err := renderPage(opts, files)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("POST "+pipelinePath, mw.Wrap(http.HandlerFunc(runPipeline)))
	mux.Handle("POST "+previewPath, look)
	mux.Handle("GET "+assetsPath, files)
	mux.Handle("GET /{$}", html)
	return mux, nil
}

// authorizer returns an access hook that takes the given tokens, or all if there
// are none, but for those that are known and denied. It is nil if nothing is
// refused.
func authorizer(tokens []string, denied ...string) func(*http.Request, string) error {
	if len(tokens)+len(denied) == 0 {
		return nil
	}
	return func(_ *http.Request, token string) error {
		switch {
		case holdsToken(denied, token):
			return validate.ErrFailAuthorization
		case len(tokens) > 0 && !holdsToken(tokens, token):
			return validate.ErrUnregisteredToken
		}
		return nil
	}
}

// holdsToken reports whether token is one of tokens. How long it takes tells nothing of
// them: neither how far one is right nor how long it is.
func holdsToken(tokens []string, token string) bool {
	got := sha256.Sum256([]byte(token))
	found := 0
	for _, t := range tokens {
		want := sha256.Sum256([]byte(t))
		found |= subtle.ConstantTimeCompare(got[:], want[:])
	}
	return found == 1
}
