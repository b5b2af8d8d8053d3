package middleware_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// steps notes what a Trace is told: "+step" and "-step", with the reason it ended for.
type steps struct{ log []string }

type stepKey struct{}

func (s *steps) Begin(ctx context.Context, step middleware.Step) (context.Context, func(*validate.Result, *middleware.Refusal)) {
	s.log = append(s.log, "+"+string(step))
	return context.WithValue(ctx, stepKey{}, step), func(res *validate.Result, f *middleware.Refusal) {
		line := "-" + string(step)
		if res != nil && res.Width > 0 {
			line += fmt.Sprintf("(%d)", res.Width)
		}
		if f != nil {
			line += ":" + f.Reason()
		}
		s.log = append(s.log, line)
	}
}

func (s *steps) End(f *middleware.Refusal, files int, received int64) {
	line := fmt.Sprintf("end %d %d", files, received)
	if f != nil {
		line += ":" + f.Reason()
	}
	s.log = append(s.log, line)
}

// TestTrace: each step begins and ends once and in order, also where a file is verified while it
// arrives, a hook refuses, fails or panics; and a hook works in the context of StepHooks.
func TestTrace(t *testing.T) {
	png := goodPNG(t)
	large, err := os.ReadFile("../testdata/good/jpeg/video-001.jpeg")
	require.NoError(t, err)
	large = append(bytes.Clone(large), make([]byte, 400<<10)...) // a warning, and more than a batch
	in := func(ctx context.Context) { require.Equal(t, middleware.StepHooks, ctx.Value(stepKey{})) }
	good := func(ctx context.Context, _ *validate.Picture) error { in(ctx); return nil }
	refuse := func(ctx context.Context, _ *validate.Picture) error {
		in(ctx)
		return &validate.Error{Code: validate.CodeCorrupted, Reason: "mine", Offset: -1}
	}
	for _, tt := range []struct {
		name   string
		body   []byte
		checks []validate.Check
		opts   middleware.Options
		want   string
	}{
		{"small", png, nil, middleware.Options{}, "+receive -receive +wait -wait +verify -verify(32) end 1 N"},
		{"small with hooks", png, []validate.Check{good, good}, middleware.Options{},
			"+receive -receive +wait -wait +verify -verify(32) +hooks -hooks(32) end 1 N"},
		{"large", large, nil, middleware.Options{}, "+receive +verify +wait -wait -verify(150) -receive end 1 N"},
		{"large with hooks", large, []validate.Check{good}, middleware.Options{},
			"+receive +verify +wait -wait -verify(150) -receive +wait -wait +hooks -hooks(150) end 1 N"},
		{"cut", png[:len(png)-1], nil, middleware.Options{},
			"+receive -receive +wait -wait +verify -verify(32):truncated end 1 N:truncated"},
		{"hook refuses", png, []validate.Check{good, refuse}, middleware.Options{},
			"+receive -receive +wait -wait +verify -verify(32) +hooks -hooks(32):mine end 1 N:mine"},
		{"hook fails", png, []validate.Check{func(context.Context, *validate.Picture) error { return errors.New("x") }}, middleware.Options{},
			"+receive -receive +wait -wait +verify -verify(32) +hooks -hooks(32):internal_error end 1 N:internal_error"},
		{"access", png, nil, middleware.Options{Authorize: func(*http.Request, string) error { return validate.ErrFailAuthorization }},
			"+authorize -authorize:fail_authorization end 0 0:fail_authorization"},
		{"access for a while", png, nil, middleware.Options{Authorize: func(*http.Request, string) error { return middleware.ErrUnavailable }},
			"+authorize -authorize:service_unavailable end 0 0:service_unavailable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &steps{}
			tt.opts.Trace = func(*http.Request) middleware.Trace { return s }
			tt.opts.Validate.Checks = tt.checks
			var ctx context.Context
			m := newMiddleware(t, tt.opts)
			m.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { ctx = r.Context() })).
				ServeHTTP(httptest.NewRecorder(), post(tt.body, "image/x"))
			require.Equal(t, strings.ReplaceAll(tt.want, "N", fmt.Sprint(len(tt.body))), strings.Join(s.log, " "))
			if ctx != nil {
				require.Nil(t, ctx.Value(stepKey{}), "the next handler is in no step")
			}
		})
	}
}

// TestTraceFaces: a face finder works in StepHooks too, and a panic ends every step.
func TestTraceFaces(t *testing.T) {
	s := &steps{}
	m := newMiddleware(t, middleware.Options{
		Trace:    func(*http.Request) middleware.Trace { return s },
		Validate: validate.Options{Faces: finder(func(ctx context.Context) { require.Equal(t, middleware.StepHooks, ctx.Value(stepKey{})); panic("hook") })},
	})
	other, err := m.With(func(o *middleware.Options) { o.Optional = true })
	require.NoError(t, err)
	for _, m := range []*middleware.Middleware{m, other} {
		s.log = nil
		require.Panics(t, func() {
			m.Wrap(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), post(goodPNG(t), "image/png"))
		})
		require.Equal(t, "+receive -receive +wait -wait +verify -verify(32) +hooks -hooks end 1 145:internal_error", strings.Join(s.log, " "))
	}
}

// finder is a face finder that only looks at its context.
type finder func(context.Context)

func (f finder) FindFaces(ctx context.Context, _ *validate.Picture) (validate.Faces, error) {
	f(ctx)
	return validate.Faces{}, nil
}

// TestReasons: a refusal of every kind has a reason of one word, and a 503 says what ran out.
func TestReasons(t *testing.T) {
	for want, f := range map[string]*middleware.Refusal{
		"truncated":              {Verdict: &validate.Error{Code: 5, Reason: validate.Truncated}, Message: "file corrupted"},
		"unregistered_token":     {Verdict: validate.ErrUnregisteredToken, Message: "unregistered token"},
		"verifications":          {Status: 503, Message: "server busy", Budget: middleware.BudgetVerifications},
		"request_cancelled":      {Status: 503, Message: "request cancelled"},
		"malformed_content_type": {Status: 400, Message: "malformed Content-Type"},
	} {
		require.Equal(t, want, f.Reason())
	}
}
