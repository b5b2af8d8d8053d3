package fuzz_test

import (
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// checked is our middleware before Echo, with the documented rules and three
// tokens.
func checked(t testing.TB) http.Handler {
	m, err := middleware.New(middleware.Options{
		Authorize: func(_ *http.Request, token string) error { return access(token) },
		Logger:    slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	return m.Wrap(fuzz.Echo())
}

func TestMiddlewareConforms(t *testing.T) {
	fuzz.Conform(t, checked(t), fuzz.ConformOptions{
		Cases:  sample(6),
		Status: middleware.StatusOf, Headers: true, UnknownToken: "nobody", DeniedToken: "blocked",
	})
}

// sample yields every case in the long run; else one in n of those up to a MiB, among them some
// of each format, good and bad.
func sample(n int) iter.Seq[fuzz.Case] {
	return func(yield func(fuzz.Case) bool) {
		seen := map[string]int{}
		for c := range fuzz.Cases() {
			kind := fmt.Sprint(c.Format, c.OK, c.Code)
			if !testenv.Long() && (len(c.Data) > 1<<20 || seen[kind]%n != 0) {
				seen[kind]++
				continue
			}
			seen[kind]++
			if !yield(c) {
				return
			}
		}
	}
}

func TestMiddlewareConformsToItsOptions(t *testing.T) {
	opts := validate.Options{MaxBytes: 400, MaxPixels: 1000, Tolerance: validate.Strict}
	m, err := middleware.New(middleware.Options{Validate: opts, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	fuzz.Conform(t, m.Wrap(fuzz.Echo()), fuzz.ConformOptions{Cases: sample(6), Validate: &opts, Modes: []fuzz.Mode{fuzz.TokenFirst, fuzz.Raw}})
}

// TestMiddlewareHasOneReading: before a handler that says what it was given, no
// request of Readings brings another file, and those of real clients arrive.
func TestMiddlewareHasOneReading(t *testing.T) {
	none := func(func(fuzz.Case) bool) {}
	for name, opts := range map[string]middleware.Options{
		"plain": {}, "Fields": {Fields: []string{"image"}}, "Rewrite": {Rewrite: true}, "Optional": {Optional: true},
	} {
		if !testenv.Long() && name != "plain" && name != "Rewrite" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			opts.Logger = slog.New(slog.DiscardHandler)
			m, err := middleware.New(opts)
			require.NoError(t, err)
			fuzz.Conform(t, m.Wrap(http.HandlerFunc(reportForm)), fuzz.ConformOptions{Cases: none, Reports: true, Headers: true})
		})
	}
}

// reportForm reports the files that FormFile finds. GET and DELETE forms too: it does
// not look at the method.
func reportForm(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseMultipartForm(1 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		http.Error(w, "no form", http.StatusBadRequest)
		return
	}
	var files []fuzz.SeenFile
	if r.MultipartForm != nil {
		for field, headers := range r.MultipartForm.File {
			for _, h := range headers {
				f, err := h.Open()
				if err != nil {
					http.Error(w, "no file", http.StatusBadRequest)
					return
				}
				seen, err := fuzz.SeeFile(field, h.Filename, f)
				f.Close()
				if err != nil {
					http.Error(w, "no file", http.StatusBadRequest)
					return
				}
				files = append(files, seen)
			}
		}
	}
	fuzz.ReportFiles(w, files)
}

func FuzzMiddleware(f *testing.F) {
	fuzz.Handler(f, checked(f), fuzz.ConformOptions{Status: middleware.StatusOf, Headers: true})
}

// TestConformURL: the same run against a service that is reached by its address
// alone, and an error, not a report, where nobody listens.
func TestConformURL(t *testing.T) {
	srv := httptest.NewServer(checked(t))
	opts := fuzz.ConformOptions{Cases: quick, UnknownToken: "nobody", DeniedToken: "blocked"}
	report, err := fuzz.ConformURL(t.Context(), srv.URL, opts)
	require.NoError(t, err)
	require.Empty(t, report.Faults)
	// HTTP/2 is not spoken there: five modes are left, and the endless upload.
	require.Equal(t, 5*len(quickCases())+2*5+1, report.Requests)
	require.Contains(t, report.String(), "no faults")

	opts.Status = func(validate.Code) int { return http.StatusTeapot }
	report, err = fuzz.ConformURL(t.Context(), srv.URL, opts)
	require.NoError(t, err)
	require.NotEmpty(t, report.Faults)
	require.Contains(t, report.String(), "status of a refusal: ")
	require.Contains(t, report.String(), "want 418")

	srv.Close()
	_, err = fuzz.ConformURL(t.Context(), srv.URL, opts)
	require.Error(t, err)
}
