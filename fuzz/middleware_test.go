package fuzz_test

import (
	"log/slog"
	"net/http"
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
		Cases: fuzz.Judged(), Status: middleware.StatusOf, Headers: true, UnknownToken: "nobody", DeniedToken: "blocked",
	})
}

func TestMiddlewareConformsToItsOptions(t *testing.T) {
	opts := validate.Options{MaxBytes: 400, MaxPixels: 1000, Strict: true}
	m, err := middleware.New(middleware.Options{Validate: opts, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	fuzz.Conform(t, m.Wrap(fuzz.Echo()), fuzz.ConformOptions{Cases: fuzz.Judged(), Validate: &opts, Modes: []fuzz.Mode{fuzz.TokenFirst, fuzz.Raw}})
}

func FuzzMiddleware(f *testing.F) {
	fuzz.Handler(f, checked(f), fuzz.ConformOptions{Status: middleware.StatusOf, Headers: true})
}
