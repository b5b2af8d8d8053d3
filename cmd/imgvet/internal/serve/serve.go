package serve

import (
	"fmt"
	"log/slog"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/listen"
	"github.com/imgvet/imgvet/face"
	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/middleware"
)

// The API's path and file field.
const (
	PipelinePath = "/face_recon/run_pipeline"
	ImageField   = "image_bytes"
)

// Command returns "imgvet serve".
func Command() *cobra.Command {
	var (
		addr           string
		tokens, denied []string
		faces          bool
		opts           middleware.Options
	)
	cmd := &cobra.Command{
		Use:   "serve [flags]",
		Short: "Serve an upload page and the API's path behind the middleware",
		Long: `Serve answers POST ` + PipelinePath + ` as the API does: multipart/form-data with
a text field "token" and a file field "` + ImageField + `". A refused upload gets the
canonical error; an accepted one gets {"result":{...}} with what was verified.

GET / is a page to try it: a picture is checked in the browser, then sent, and both
verdicts are shown side by side. A HEIC that the browser cannot show is decoded in it.

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
			opts.Authorize, opts.Logger = listen.Authorizer(tokens, denied...), log
			if faces {
				finder, err := face.New(face.Options{})
				if err != nil {
					return cli.Failure{Err: err}
				}
				opts.Validate.Faces = finder
			}
			handler, err := New(opts)
			if err != nil {
				return err
			}
			ln, err := listen.On(cmd.Context(), addr)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "imgvet: listening on http://%s\n", ln.Addr())
			return listen.Run(cmd.Context(), ln, handler, log)
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

// New returns the page, what it loads, and the API's path behind the
// middleware. The fields to check are the API's, whatever opts says.
func New(opts middleware.Options) (http.Handler, error) {
	opts.Fields = []string{ImageField}
	mw, err := middleware.New(opts)
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
	mux.Handle("POST "+PipelinePath, mw.Wrap(http.HandlerFunc(runPipeline)))
	mux.Handle("GET "+assetsPath, files)
	mux.Handle("GET /{$}", html)
	return mux, nil
}
