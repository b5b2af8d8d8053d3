package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/conform"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/serve"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/uploads"
	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/middleware"
)

func TestConform(t *testing.T) {
	handler, _, err := serve.New(middleware.Options{Authorize: uploads.Authorizer([]string{"conform"}), Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	good := httptest.NewServer(handler)
	defer good.Close()
	flags := []string{"conform", "--field", serve.ImageField, "--unknown-token", "nobody", "--headers", "--only", "png/ihdr"}
	out, errs, code := imgvet("", append(flags, good.URL+serve.PipelinePath)...)
	require.Equal(t, cli.ExitOK, code, out+errs)
	require.Contains(t, out, "requests, no faults\n")
	require.Contains(t, out, "no request with two readings was sent\n")

	bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	defer bad.Close()
	out, errs, code = imgvet("", append(flags, bad.URL)...)
	require.Equal(t, cli.ExitRefused, code, out+errs)
	require.Contains(t, out, "a bad file passed: ")

	bad.Close()
	_, errs, code = imgvet("", append(flags, bad.URL)...)
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, "connection refused")
}

// TestConformReadings: a service that reports its files is sent the requests with
// two readings, and one that should and does not has a fault.
func TestConformReadings(t *testing.T) {
	form := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		files := []fuzz.SeenFile{}
		if r.ParseMultipartForm(1<<20) == nil {
			for field, headers := range r.MultipartForm.File {
				for _, h := range headers {
					f, err := h.Open()
					if err != nil {
						t.Error(err)
						return
					}
					seen, err := fuzz.SeeFile(field, h.Filename, f)
					f.Close()
					if err != nil {
						t.Error(err)
					}
					files = append(files, seen)
				}
			}
		}
		fuzz.ReportFiles(w, files)
	}))
	defer form.Close()
	flags := []string{"conform", "--field", "picture", "--only", "png/ihdr_zero_width", "--reports"}
	out, errs, code := imgvet("", append(flags, form.URL)...)
	require.Equal(t, cli.ExitRefused, code, out+errs)
	require.Contains(t, out, "another file than the one that was sent as a file arrived: ")
	require.NotContains(t, out, "a form that clients send was refused")
	require.NotContains(t, out, "no request with two readings was sent")

	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer silent.Close()
	out, _, code = imgvet("", append(flags, silent.URL)...)
	require.Equal(t, cli.ExitRefused, code)
	require.Contains(t, out, "files are not reported: 1 times")
	out, _, _ = imgvet("", append(flags[:len(flags)-1], silent.URL)...)
	require.Contains(t, out, "no request with two readings was sent")
}

// TestConformStopsEarly: where no good picture passes, a person learns why in place of a
// thousand faults.
func TestConformStopsEarly(t *testing.T) {
	require.Equal(t, serve.PipelinePath, conform.PipelinePath)
	require.Equal(t, serve.ImageField, conform.PipelineField)
	handler, _, err := serve.New(middleware.Options{Authorize: uploads.Authorizer([]string{"conform"}), Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	api := httptest.NewServer(handler)
	defer api.Close()
	vet := middleware.Must(middleware.New(middleware.Options{Fields: []string{"photo"}, Logger: slog.New(slog.DiscardHandler)}))
	own := httptest.NewServer(vet.Wrap(fuzz.Echo()))
	defer own.Close()
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--field", "picture", api.URL + serve.PipelinePath}, `is the field called "picture"?`},
		{[]string{"--token", "wrong", api.URL + serve.PipelinePath}, "(--token)"},
		{[]string{api.URL + "/nowhere"}, "is the path right?"},
		{[]string{own.URL}, `is the field called "image"?`},
	} {
		out, errs, code := imgvet("", append([]string{"conform", "--only", "png/ihdr"}, test.args...)...)
		require.Equal(t, cli.ExitRefused, code, out+errs)
		require.Contains(t, out, "No good picture passes")
		require.Contains(t, out, test.want)
		require.Contains(t, out, "5 requests", "one of each format")
	}
	out, errs, code := imgvet("", "conform", "--only", "png/ihdr", api.URL+serve.PipelinePath)
	require.Equal(t, cli.ExitOK, code, "the API's field is the default at the API's path: "+out+errs)
}

func TestConformUsage(t *testing.T) {
	for _, url := range []string{
		"http://10.0.0.1/", "http://example.com", "http://localhost.example.com", "http://0.0.0.0", "http://[::]",
		"http://127.0.0.1@example.com", "http://", "127.0.0.1:8080", "ftp://127.0.0.1",
	} {
		_, errs, code := imgvet("", "conform", url)
		require.Equal(t, cli.ExitUsage, code, url)
		require.NotEmpty(t, errs)
	}
	_, errs, code := imgvet("", "conform", "--only", "no such case", "http://127.0.0.1:9")
	require.Equal(t, cli.ExitUsage, code)
	require.Contains(t, errs, "no case has a name like this")
}
