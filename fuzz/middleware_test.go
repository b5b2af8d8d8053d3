package fuzz_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/fuzz"
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
		Status: middleware.StatusOf, Headers: true, UnknownToken: "nobody", DeniedToken: "blocked",
	})
}

func TestMiddlewareConformsToItsOptions(t *testing.T) {
	opts := validate.Options{MaxBytes: 400, MaxPixels: 1000, Strict: true}
	m, err := middleware.New(middleware.Options{Validate: opts, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	fuzz.Conform(t, m.Wrap(fuzz.Echo()), fuzz.ConformOptions{Validate: &opts, Modes: []fuzz.Mode{fuzz.TokenFirst, fuzz.Raw}})
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
