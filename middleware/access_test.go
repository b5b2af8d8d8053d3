package middleware_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// access is an Authorize that knows one token, and counts.
type access struct {
	calls int
	got   string
}

func (a *access) authorize(r *http.Request, token string) error {
	a.calls++
	a.got = token
	_ = r.FormValue("q") // must not read the body
	switch token {
	case "good":
		return nil
	case "poor":
		return fmt.Errorf("no credit: %w", validate.ErrFailAuthorization)
	case "broken":
		return errors.New("database down")
	case "busy":
		return fmt.Errorf("cache warming: %w", middleware.ErrUnavailable)
	case "verdict":
		return validate.ErrCorrupted
	}
	return validate.ErrUnregisteredToken
}

func TestAuthorize(t *testing.T) {
	png := goodPNG(t)
	file := field{name: "f", file: "f.png", data: png}
	token := func(v string) field { return field{name: "token", data: []byte(v)} }
	for _, tt := range []struct {
		name   string
		header string
		fields []field
		want   int // status; 204 means that it passed
		code   int
		got    string
	}{
		{"header", "Bearer good", []field{file}, 204, 0, "good"},
		{"header in lower case", "bearer  good", []field{file}, 204, 0, "good"},
		{"field before", "", []field{token("good"), file}, 204, 0, "good"},
		{"field after", "", []field{file, token("good")}, 204, 0, "good"},
		{"field with spaces is another", "", []field{file, token(" good")}, 401, 0, " good"},
		{"both agree", "Bearer good", []field{token("good"), file, token("good")}, 204, 0, "good"},
		{"unknown", "Bearer bad", []field{file}, 401, 0, "bad"},
		{"unknown after", "", []field{file, token("bad")}, 401, 0, "bad"},
		{"missing", "", []field{file}, 401, 0, ""},
		{"other scheme", "Basic good", []field{file}, 401, 0, ""},
		{"missing without file", "", nil, 401, 0, ""},
		{"no access", "Bearer poor", []field{file}, 403, 1, "poor"},
		{"no access after", "", []field{file, token("poor")}, 403, 1, "poor"},
		{"good without file", "Bearer good", nil, 400, 6, "good"},
		{"good token field without file", "", []field{token("good")}, 400, 6, "good"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body, contentType := formBody(t, tt.fields...)
			r := post(body, contentType)
			if tt.header != "" {
				r.Header.Set("Authorization", tt.header)
			}
			var a access
			w, s := send(t, middleware.Options{Authorize: a.authorize}, r)
			require.Equal(t, 1, a.calls)
			require.Equal(t, tt.got, a.got)
			if tt.want == 204 {
				requirePassed(t, w, s, body)
				return
			}
			requireRefused(t, w, s, tt.code)
			require.Equal(t, tt.want, w.Code)
		})
	}
}

func TestConflictingTokens(t *testing.T) {
	file := field{name: "f", file: "f.png", data: goodPNG(t)}
	token := func(v string) field { return field{name: "token", data: []byte(v)} }
	for _, fields := range [][]field{
		{token("good"), token("bad"), file},
		{token("good"), file, token("bad")},
		{file, token("bad"), token("good")},
	} {
		body, contentType := formBody(t, fields...)
		w, s := send(t, middleware.Options{Authorize: new(access).authorize}, post(body, contentType))
		requireFailed(t, w, s, http.StatusBadRequest)
		// Without an access hook the field is not ours.
		w, s = send(t, middleware.Options{}, post(body, contentType))
		requirePassed(t, w, s, body)
	}
	body, contentType := formBody(t, file, token("bad"))
	r := post(body, contentType)
	r.Header.Set("Authorization", "Bearer good")
	w, s := send(t, middleware.Options{Authorize: new(access).authorize}, r)
	requireFailed(t, w, s, http.StatusBadRequest)

	r = post(goodPNG(t), "image/png")
	r.Header["Authorization"] = []string{"Bearer good", "Bearer bad"}
	w, s = send(t, middleware.Options{Authorize: new(access).authorize}, r)
	requireFailed(t, w, s, http.StatusBadRequest)
}

func TestAuthorizeFailureIsNoVerdict(t *testing.T) {
	for token, status := range map[string]int{"broken": 500, "busy": 503, "verdict": 500} {
		r := post(goodPNG(t), "image/png")
		r.Header.Set("Authorization", "Bearer "+token)
		w, s := send(t, middleware.Options{Authorize: new(access).authorize}, r)
		requireFailed(t, w, s, status)
		require.NotContains(t, w.Body.String(), "database")
	}
}

// TestTypedToken is about clients that give every part a type.
func TestTypedToken(t *testing.T) {
	form := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"token\"\r\n" +
		"Content-Type: application/octet-stream\r\n\r\ngood\r\n" + goodForm(t)
	w, s := send(t, middleware.Options{Authorize: new(access).authorize}, post([]byte(form), formType))
	requirePassed(t, w, s, []byte(form))
}

// TestAuthorizeBeforeFile checks that a token known in time keeps the file from being read, and
// that verification never runs without access.
func TestAuthorizeBeforeFile(t *testing.T) {
	verified := 0
	opts := middleware.Options{
		Authorize: new(access).authorize,
		Validate: validate.Options{Checks: []validate.Check{func(_ ctx, _ *validate.Picture) error {
			verified++
			return nil
		}}},
	}
	big := bigPNG(t, 5<<20)
	for _, tt := range []struct {
		name   string
		header bool
		fields []field
		atMost int64
	}{
		{"header", true, []field{{"f", "f.png", big}}, 0},
		{"field before", false, []field{{"token", "", []byte("bad")}, {"f", "f.png", big}}, 64 << 10},
		{"field after", false, []field{{"f", "f.png", big}, {"token", "", []byte("bad")}}, 6 << 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body, contentType := formBody(t, tt.fields...)
			r := post(body, contentType)
			if tt.header {
				r.Header.Set("Authorization", "Bearer bad")
			}
			counted := &counter{r: r.Body}
			r.Body = counted
			w, s := send(t, opts, r)
			requireRefused(t, w, s, 0)
			require.LessOrEqual(t, counted.n.Load(), tt.atMost)
			require.Zero(t, verified)
		})
	}
}
