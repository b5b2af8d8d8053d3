package serve

import (
	"errors"
	"html/template"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/listen"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/telemetry"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/trust"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/uploads"
	"github.com/imgvet/imgvet/internal/settings"
	"github.com/imgvet/imgvet/middleware"
)

// The API's path and file field.
const (
	PipelinePath = "/face_recon/run_pipeline"
	ImageField   = "image_bytes"
)

// Command returns "imgvet serve", which exports what it does by what open makes.
func Command(open telemetry.Open) *cobra.Command {
	var (
		up     uploads.Flags
		server listen.Flags
	)
	cmd := &cobra.Command{
		Use:   "serve [flags]",
		Short: "Serve an upload page and the API's path behind the middleware",
		Long: `Serve answers POST ` + PipelinePath + ` as the API does: multipart/form-data with
a text field "token" and a file field "` + ImageField + `". A refused upload gets the
canonical error; an accepted one gets {"result":{...}} with what was verified.

GET / is a page to try it: a picture is checked in the browser, then sent, and both
verdicts are shown side by side. A HEIC that the browser cannot show is decoded in it.
A build without the browser's files, as of a fresh clone, makes them when it starts, from
the clone that it was built from; where it cannot, the log says so.

A picture in which no face is found gets code 4. The finder needs the pixels, so a
picture that no decoder here takes, though it is whole, is answered 500. With
--face=false neither happens.

Any token is taken. With --token only those given are, and any other gets code 0;
a token given with --deny-token is known and gets code 1.`,
		Example: `  imgvet serve
  imgvet serve --face=false
  imgvet serve --token-file tokens --deny-token expired --addr 127.0.0.1:9000`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			srv, opened := server.Open(cmd, up.Options.ReceiveTimeout)
			if err := errors.Join(opened, up.Finish()); err != nil {
				return err
			}
			up.Options.Logger = srv.Log
			up.Options.Client = func(r *http.Request) string { return trust.Of(r.Context()).Share() }
			export, err := open(cmd.Context(), srv.Log)
			if err != nil {
				return err
			}
			export.Use(&up.Options)
			check := checkOf(cmd.Context(), srv.Log)
			defer check.Stop()
			handler, mw, err := newHandler(up.Options, check)
			if err != nil {
				return err
			}
			export.Watch(mw)
			return srv.Run(cmd.Context(), listen.Site{Handler: handler, Export: export})
		},
	}
	f := cmd.Flags()
	up.Add(f, true)
	f.StringArrayVar(&up.Denied, "deny-token", nil, "know this token and refuse it with code 1; may be given more than once")
	server.Add(cmd)
	settings.Enable(cmd)
	return cmd
}

// New returns the page, what it loads, and the API's path behind the middleware, which it
// returns too. The fields to check are the API's, whatever opts says.
func New(opts middleware.Options) (http.Handler, *middleware.Middleware, error) {
	return newHandler(opts, builtIn())
}

func newHandler(opts middleware.Options, check browserCheck) (http.Handler, *middleware.Middleware, error) {
	opts.Fields = []string{ImageField}
	answer, err := template.ParseFS(pageFiles, "page/answer.html")
	if err != nil {
		return nil, nil, err
	}
	explain(&opts, answer)
	mw, err := middleware.New(opts)
	if err != nil {
		return nil, nil, err
	}
	page := newSite(opts, check)
	mux := http.NewServeMux()
	mux.Handle("POST "+PipelinePath, mw.Wrap(http.HandlerFunc(runPipeline)))
	mux.Handle("POST "+answerPath, mw.Wrap(answerAccepted(answer)))
	mux.Handle("GET "+stylePath, http.HandlerFunc(page.style))
	mux.Handle("GET "+assetsPath, page)
	mux.Handle("GET /{$}", page)
	return mux, mw, nil
}
