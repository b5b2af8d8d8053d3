package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/detect"
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

//go:embed page
var page embed.FS

func serveCommand() *cobra.Command {
	var (
		addr   string
		tokens []string
		opts   validate.Options
	)
	cmd := &cobra.Command{
		Use:   "serve [flags]",
		Short: "Serve an upload page and the API's path behind the middleware",
		Long: `Serve answers POST ` + pipelinePath + ` as the API does: multipart/form-data with
a text field "token" and a file field "` + imageField + `". A refused upload gets the
canonical error; an accepted one gets {"result":{...}} with what was verified.
GET / is a page to try it.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
			handler, err := newServer(tokens, opts, log)
			if err != nil {
				return err
			}
			var lc net.ListenConfig
			ln, err := lc.Listen(cmd.Context(), "tcp", addr)
			if err != nil {
				return failure{err}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "imgvet: listening on http://%s\n", ln.Addr())
			return serve(cmd.Context(), ln, handler, log)
		},
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:8080", "listen on this address")
	cmd.Flags().StringArrayVar(&tokens, "token", nil, "take only this token; may be given more than once (default: take any)")
	cmd.Flags().BoolVar(&opts.Strict, "strict", false, "refuse what is otherwise only warned of")
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
		return failure{err}
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := srv.Shutdown(last); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return failure{err}
	}
	return nil
}

// newServer returns the page and the API's path behind the middleware.
func newServer(tokens []string, opts validate.Options, log *slog.Logger) (http.Handler, error) {
	mw, err := middleware.New(middleware.Options{
		Validate:  opts,
		Fields:    []string{imageField},
		Authorize: authorizer(tokens),
		Logger:    log,
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("POST "+pipelinePath, mw.Wrap(http.HandlerFunc(runPipeline)))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		// The page holds its style and script itself and talks to nobody else.
		w.Header().Set("Content-Security-Policy",
			"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src blob:; connect-src 'self'; form-action 'self'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		http.ServeFileFS(w, r, page, "page/index.html")
	})
	return mux, nil
}

// authorizer returns an access hook that takes the given tokens, or nil, which
// takes all, if there are none.
func authorizer(tokens []string) func(*http.Request, string) error {
	if len(tokens) == 0 {
		return nil
	}
	return func(_ *http.Request, token string) error {
		if !slices.Contains(tokens, token) {
			return validate.ErrUnregisteredToken
		}
		return nil
	}
}

// pipelineResult is what the stand-in for the expensive service answers.
type pipelineResult struct {
	Format      detect.Format `json:"format"`
	Width       int           `json:"width"`
	Height      int           `json:"height"`
	Orientation int           `json:"orientation"`
	Frames      int           `json:"frames"`
	Size        int64         `json:"size"`
	Warnings    []warningLine `json:"warnings,omitempty"`
}

// runPipeline stands where the expensive service would: it tells what reached it.
func runPipeline(w http.ResponseWriter, r *http.Request) {
	files := middleware.Files(r.Context())
	if len(files) == 0 {
		// The middleware lets no POST without a file through.
		http.Error(w, "no verified file", http.StatusInternalServerError)
		return
	}
	res := files[0].Result
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(map[string]pipelineResult{"result": {
		Format:      res.Format,
		Width:       res.Width,
		Height:      res.Height,
		Orientation: res.Orientation,
		Frames:      res.Frames,
		Size:        res.Size,
		Warnings:    warningLines(res.Warnings),
	}}) // a client that has gone does not matter here
}
