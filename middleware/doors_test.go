package middleware_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
)

// These tests are about ways around the check that were once open.

// TestTextThatIsAPicture: a body that may pass as text is looked at to its end.
func TestTextThatIsAPicture(t *testing.T) {
	comment := append([]byte("\xff\xd8\xff\xfe\x20\x20"), bytes.Repeat([]byte{'a'}, 0x2020-2)...)
	broken := append(bytes.Clone(comment), "\xff\xd9\x00\x00"...)
	gif := []byte("GIF89a\x0a\x0a\x0a\x0a\x20\x20\x20!\xfe" + strings.Repeat("\xff"+strings.Repeat("a", 255), 40) + "\x00;")
	whole := append(bytes.Clone(comment), goodFile(t, "jpeg/cjpeg-420.jpg")[2:]...)
	for _, contentType := range []string{"text/plain", "application/json", "text/xml", "application/x-www-form-urlencoded"} {
		for _, body := range [][]byte{broken, gif, append(bytes.Repeat([]byte{'a'}, 1<<20), 0)} {
			w, s := send(t, middleware.Options{Optional: true}, post(body, contentType))
			requireRefused(t, w, s, 5)
		}
		w, s := send(t, middleware.Options{Optional: true}, post(whole, contentType))
		requirePassed(t, w, s, whole)
		require.Len(t, s.files, 1)
	}
	w, s := send(t, middleware.Options{}, post(whole, "application/x-www-form-urlencoded"))
	requirePassed(t, w, s, whole)
}

// TestJSONByAnyName: handlers read JSON whatever its type is called.
func TestJSONByAnyName(t *testing.T) {
	opts := middleware.Options{Optional: true, JSONField: "image"}
	bad := `{"image":"` + base64.StdEncoding.EncodeToString([]byte("no picture")) + `"}`
	good := `{"image":"` + base64.StdEncoding.EncodeToString(goodPNG(t)) + `"}`
	for _, contentType := range []string{
		"application/json", "text/json", "application/vnd.api+json", "application/problem+json", "text/plain", "application/x-www-form-urlencoded", "application/xml",
	} {
		w, s := send(t, opts, post([]byte(bad), contentType))
		requireRefused(t, w, s, 5)
		w, s = send(t, opts, post([]byte(" \n"+good), contentType))
		requirePassed(t, w, s, []byte(" \n"+good))
		require.Len(t, s.files, 1)
		for _, other := range []string{`[1,2]`, `{"a":1}`, `"text"`, `5`} {
			w, s = send(t, opts, post([]byte(other), contentType))
			requirePassed(t, w, s, []byte(other))
			require.Empty(t, s.files)
		}
		w, s = send(t, opts, post([]byte("\ufeff"+bad), contentType))
		require.False(t, s.called)
		require.GreaterOrEqual(t, w.Code, 400)
	}
	nul := strings.Replace(good, `}`, `,"image\u0000x":"eA=="}`, 1)
	w, s := send(t, opts, post([]byte(nul), "application/json"))
	requireFailed(t, w, s, http.StatusBadRequest)
}

// TestNamesOfFrameworks: a file that passes unchecked is not one of Fields to any framework.
func TestNamesOfFrameworks(t *testing.T) {
	opts := middleware.Options{Fields: []string{"photo", "user_photo", "avatar"}, OtherFiles: true}
	for _, name := range []string{"!photo", "model.photo", "top.photo", "user[photo", "user[photo]", "a[b][photo]", "PHOTO", "photo.", "_photo", "a/photo", "a:photo"} {
		body, contentType := formBody(t, field{"avatar", "a.png", goodPNG(t)}, field{name, "b.png", []byte("evil")})
		w, s := send(t, opts, post(body, contentType))
		requireRefused(t, w, s, 5)
	}
	one := middleware.Options{Fields: []string{"photo"}, OtherFiles: true, FieldRules: map[string]middleware.FieldRule{"photo": {MaxFiles: 1}}}
	body, contentType := formBody(t, field{"photo", "a.png", goodPNG(t)}, field{"photo[]", "a.png", goodPNG(t)})
	w, s := send(t, one, post(body, contentType))
	requireFailed(t, w, s, http.StatusBadRequest)
}

// TestBodyWithoutLength: net/http/fcgi has a body although the length says that there is none.
func TestBodyWithoutLength(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		r := httptest.NewRequest(method, "/", nil)
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader("evil")), 0
		w, s := send(t, middleware.Options{}, r)
		require.Equal(t, http.StatusNoContent, w.Code)
		require.Empty(t, s.body)
	}
}

// TestRequiredField: no kind of body gets around a rule.
func TestRequiredField(t *testing.T) {
	opts := middleware.Options{Optional: true, FieldRules: map[string]middleware.FieldRule{"photo": {Required: true}}}
	w, s := send(t, opts, post(goodPNG(t), "image/png"))
	requireRefused(t, w, s, 6)
	w, s = send(t, opts, post([]byte("text"), "text/plain"))
	requireRefused(t, w, s, 6)
	r := post(nil, formType)
	r.Method, r.ContentLength = http.MethodGet, -1
	w, _ = send(t, opts, r)
	require.Equal(t, http.StatusNoContent, w.Code, "no body after all")
}

// TestTempFileThatCannotBeMade checks that its budget is given back.
func TestTempFileThatCannotBeMade(t *testing.T) {
	dir := t.TempDir() + "/gone"
	require.NoError(t, os.Mkdir(dir, 0o700))
	m := newMiddleware(t, middleware.Options{TempDir: dir, MemoryThreshold: 1 << 20})
	require.NoError(t, os.Remove(dir))
	var budget middleware.Budget
	watching, err := m.With(func(o *middleware.Options) {
		o.TempDir = dir
		o.Observe = func(_ *http.Request, obs middleware.Observation) { budget = obs.Refusal.Budget }
	})
	if err != nil { // New checks the folder, and so does With
		require.NoError(t, os.Mkdir(dir, 0o700))
		watching, err = m.With(func(o *middleware.Options) {
			o.Observe = func(_ *http.Request, obs middleware.Observation) { budget = obs.Refusal.Budget }
		})
		require.NoError(t, err)
		require.NoError(t, os.Remove(dir))
	}
	for range 3 {
		w := httptest.NewRecorder()
		watching.Wrap(http.NotFoundHandler()).ServeHTTP(w, post(bigPNG(t, 2<<20), "image/png"))
		require.Equal(t, http.StatusServiceUnavailable, w.Code)
		require.Equal(t, middleware.BudgetDisk, budget)
		require.Zero(t, m.Stats().TempBytes)
	}
}

// TestObserveWithoutFile: a request that passes without a file is not observed.
func TestObserveWithoutFile(t *testing.T) {
	opts := middleware.Options{Optional: true, Observe: func(*http.Request, middleware.Observation) { t.Error("observed") }}
	w, s := send(t, opts, post([]byte("user=ann"), "application/x-www-form-urlencoded"))
	requirePassed(t, w, s, []byte("user=ann"))
}

// TestOpenOfARefusedFile: Observe can call Open too.
func TestOpenOfARefusedFile(t *testing.T) {
	opened := false
	opts := middleware.Options{Observe: func(_ *http.Request, o middleware.Observation) {
		opened = true
		_, err := o.Open()
		require.Error(t, err)
	}}
	w, s := send(t, opts, post(goodPNG(t)[:50], "image/png"))
	requireRefused(t, w, s, 5)
	require.True(t, opened)
}

// TestRewriteTwice: what one Middleware writes, another accepts.
func TestRewriteTwice(t *testing.T) {
	body, contentType := formBody(t, field{"f", strings.Repeat("'", 400) + ".png", goodPNG(t)})
	latin := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"t\"\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n\xe4\r\n"
	body = append([]byte(latin), body...)
	var got []byte
	next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got, _ = io.ReadAll(r.Body) })
	w := httptest.NewRecorder()
	newMiddleware(t, rewriting).Wrap(newMiddleware(t, rewriting).Wrap(next)).ServeHTTP(w, post(body, contentType))
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Contains(t, string(got), "Content-Type: text/plain; charset=iso-8859-1\r\n\r\n\xe4\r\n", "the text means what it meant")
	require.True(t, bytes.Contains(got, goodPNG(t)))
}

func TestWithNil(t *testing.T) {
	_, err := newMiddleware(t, middleware.Options{}).With(nil)
	require.Error(t, err)
}
