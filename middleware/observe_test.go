package middleware_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

func TestObserveOnceAFile(t *testing.T) {
	png, bad := goodPNG(t), goodPNG(t)
	bad = bad[:len(bad)-1]
	file := func(name string, b []byte) field { return field{name: name, file: name + ".png", data: b} }
	for _, tt := range []struct {
		name   string
		fields []field
		header string
		want   string // field:outcome ...
	}{
		{"all good", []field{file("a", png), {"t", "", nil}, file("b", png)}, "good", "a:passed b:passed"},
		{"second cut", []field{file("a", png), file("b", bad), file("c", png)}, "good", "a:passed b:refused c:unjudged"},
		{"wrong type ends it at once", []field{file("a", png), file("b", []byte("no")), file("c", png)}, "good", "a:unjudged b:refused"},
		{"no access", []field{file("a", png)}, "bad", ":refused"},
		{"token after", []field{file("a", png), {"token", "", []byte("bad")}}, "", "a:unjudged"},
		{"hook failed", []field{file("a", png), {"token", "", []byte("broken")}}, "", "a:failed"},
		{"no file", nil, "good", ":refused"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			opts := middleware.Options{
				Authorize: new(access).authorize,
				Observe: func(_ *http.Request, o middleware.Observation) {
					got = append(got, o.Field+":"+string(o.Outcome))
					require.NotNil(t, o.Result)
					require.Positive(t, o.Duration)
				},
			}
			body, contentType := formBody(t, tt.fields...)
			r := post(body, contentType)
			if tt.header != "" {
				r.Header.Set("Authorization", "Bearer "+tt.header)
			}
			send(t, opts, r)
			require.Equal(t, tt.want, strings.Join(got, " "))
		})
	}
}

func TestObserveAfterPanic(t *testing.T) {
	var got []middleware.Outcome
	h := newMiddleware(t, middleware.Options{
		Validate: validate.Options{Checks: []validate.Check{func(ctx, *validate.Picture) error { panic("hook") }}},
		Observe:  func(_ *http.Request, o middleware.Observation) { got = append(got, o.Outcome) },
	}).Wrap(http.NotFoundHandler())
	require.Panics(t, func() { h.ServeHTTP(httptest.NewRecorder(), post(goodPNG(t), "image/png")) })
	require.Equal(t, []middleware.Outcome{middleware.Failed}, got)
}

func TestLog(t *testing.T) {
	var out bytes.Buffer
	opts := middleware.Options{Logger: slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	line := func(r *http.Request) map[string]any {
		out.Reset()
		send(t, opts, r)
		require.Equal(t, 1, strings.Count(out.String(), "\n"), "a line a request")
		var v map[string]any
		require.NoError(t, json.Unmarshal(out.Bytes(), &v))
		return v
	}
	png := goodPNG(t)
	v := line(post(png, "image/png"))
	require.Equal(t, "DEBUG", v["level"])
	require.EqualValues(t, len(png), v["received"])

	v = line(post(png[:len(png)-1], "image/png"))
	require.Equal(t, "INFO", v["level"])
	require.Equal(t, "truncated", v["verdict"].(map[string]any)["reason"])
	require.Contains(t, v["verdict"], "offset")
	require.EqualValues(t, 422, v["status"])

	r := post(png, "image/png")
	r.Body = io.NopCloser(&failAfter{bytes.NewReader(nil), errors.New("cable cut")})
	v = line(r)
	require.Contains(t, v["cause"], "cable cut")

	// A line of a body that is not multipart is not quoted.
	v = line(post([]byte(strings.Replace(goodForm(t), "Content-Type:", "SECRET LINE", 1)), formType))
	require.NotContains(t, out.String(), "SECRET")
	require.EqualValues(t, 400, v["status"])
}

func TestFaceOfErrors(t *testing.T) {
	bad := func(accept string) *http.Request {
		r := post(goodPNG(t)[:100], "image/png")
		if accept != "" {
			r.Header.Set("Accept", accept)
		}
		return r
	}
	for accept, problem := range map[string]bool{
		"": false, "*/*": false, "application/json": false, "application/*": false,
		"application/problem+json":                        true,
		"text/html, Application/Problem+JSON ; q=0.5":     true,
		"application/problem+json;q=0":                    false,
		"application/problem+json;q=0.0,application/json": false,
	} {
		w, s := send(t, middleware.Options{ProblemJSON: true}, bad(accept))
		require.False(t, s.called)
		require.Equal(t, 422, w.Code)
		require.Equal(t, "Accept", w.Header().Get("Vary"))
		if !problem {
			requireRefused(t, w, s, 5)
			continue
		}
		require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
		var v map[string]any
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v))
		require.EqualValues(t, 5, v["code"])
		require.EqualValues(t, 422, v["status"])
		require.Equal(t, "truncated", v["reason"])
		require.NotEmpty(t, v["advice"])
	}
	w, s := send(t, middleware.Options{}, bad("application/problem+json"))
	requireRefused(t, w, s, 5)

	w, _ = send(t, middleware.Options{Status: func(validate.Code) int { return 415 }}, bad(""))
	require.Equal(t, 415, w.Code)
	require.Equal(t, corrupted, w.Body.String())

	w, _ = send(t, middleware.Options{WriteRefusal: func(w http.ResponseWriter, _ *http.Request, f *middleware.Refusal) {
		w.WriteHeader(f.Status)
		_, _ = io.WriteString(w, "own words: "+f.Message)
	}}, bad(""))
	require.Equal(t, "own words: file corrupted", w.Body.String())
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
}

func TestUnauthorizedNamesItsScheme(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	w, _ := send(t, middleware.Options{Authorize: new(access).authorize}, r)
	require.Equal(t, 401, w.Code)
	require.Equal(t, "Bearer", w.Header().Get("WWW-Authenticate"))
}
