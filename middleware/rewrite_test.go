package middleware_test

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
)

// rewriting gives next the canonical form.
var rewriting = middleware.Options{Rewrite: true}

// oddForm is a form in spellings that real clients use and parsers read differently.
func oddForm(t *testing.T) ([]byte, []byte) {
	png := goodPNG(t)
	part := func(header string, data []byte) []byte {
		return []byte("--" + boundary + "\r\n" + header + "\r\n\r\n" + string(data) + "\r\n")
	}
	return bytes.Join([][]byte{
		part(`Content-Disposition: form-data; name=token`, []byte("secret")),
		part("content-type: text/plain; charset=utf-8\r\ncontent-disposition: form-data; name=note", []byte("hello")),
		part("Content-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json", []byte(`{"a":1}`)),
		part(`Content-Disposition: form-data; name="image[]"; filename="a\"b.png"`+"\r\nContent-Type: text/html\r\nContent-Length: "+strconv.Itoa(len(png)), png),
		part(`Content-Disposition: form-data; name=image; filename*=UTF-8''%C3%A9.jpg`, png),
		part("Content-Disposition: form-data; name=\"plain\"\r\nContent-Type: application/octet-stream", png),
		part("Content-Disposition: form-data; name=\"blank\"; filename=\"\"\r\nContent-Type: application/octet-stream", nil),
		[]byte("--" + boundary + "--\r\n"),
	}, nil), png
}

// TestRewrite checks that the next handler gets the canonical form: only the data of the parts
// is the client's, and names have one spelling.
func TestRewrite(t *testing.T) {
	body, png := oddForm(t)
	for _, threshold := range []int64{1 << 20, 100} { // in memory, and on disk
		opts := rewriting
		opts.MemoryThreshold = threshold
		r := post(body, formType)
		r.Header.Set("Content-Digest", "sha-256=:x:")
		w, s := send(t, opts, r)
		require.Equal(t, http.StatusNoContent, w.Code, w.Body.String())
		require.EqualValues(t, len(s.body), s.req.ContentLength)
		require.NotContains(t, string(s.body), boundary)
		require.Empty(t, s.req.Header.Get("Content-Digest"))
		require.Equal(t, formType, r.Header.Get("Content-Type"), "the caller's request is not changed")

		media, params, err := mime.ParseMediaType(s.req.Header.Get("Content-Type"))
		require.NoError(t, err)
		require.Equal(t, "multipart/form-data", media)
		var got []string
		reader := multipart.NewReader(bytes.NewReader(s.body), params["boundary"])
		for {
			p, err := reader.NextRawPart()
			if err == io.EOF {
				break
			}
			require.NoError(t, err)
			data, err := io.ReadAll(p)
			require.NoError(t, err)
			if bytes.Equal(data, png) {
				data = []byte("PNG")
			}
			got = append(got, p.Header.Get("Content-Disposition")+" | "+p.Header.Get("Content-Type")+" | "+string(data))
			require.LessOrEqual(t, len(p.Header), 2)
		}
		require.Equal(t, []string{
			`form-data; name="token" |  | secret`,
			`form-data; name="note" |  | hello`,
			`form-data; name="meta" | application/json | {"a":1}`,
			`form-data; name="image[]"; filename="a%22b.png" | image/png | PNG`,
			`form-data; name="image"; filename="é.jpg" | image/png | PNG`,
			`form-data; name="plain"; filename="file" | image/png | PNG`,
			`form-data; name="blank"; filename="" | application/octet-stream | `,
		}, got)
		require.Len(t, s.files, 3)
	}
}

// TestRewriteReplays checks that the canonical body can be read again and parsed, and is gone
// after the handler's end.
func TestRewriteReplays(t *testing.T) {
	body, png := oddForm(t)
	var kept io.ReadCloser
	newMiddleware(t, rewriting).Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		one, err := r.GetBody()
		require.NoError(t, err)
		first, err := io.ReadAll(one)
		require.NoError(t, err)
		f, header, err := r.FormFile("image[]")
		require.NoError(t, err)
		got, err := io.ReadAll(f)
		require.NoError(t, err)
		require.Equal(t, png, got)
		require.Equal(t, "a%22b.png", header.Filename)
		require.Equal(t, "secret", r.FormValue("token"))
		kept, err = r.GetBody()
		require.NoError(t, err)
		second, err := io.ReadAll(kept)
		require.NoError(t, err)
		require.Equal(t, first, second)
		kept, err = r.GetBody()
		require.NoError(t, err)
	})).ServeHTTP(httptest.NewRecorder(), post(body, formType))
	require.NotNil(t, kept)
	_, err := kept.Read(make([]byte, 1))
	require.ErrorIs(t, err, http.ErrBodyReadAfterClose)
}

// TestRewriteOtherBodies: a raw body gets the type of its content, other bodies stay.
func TestRewriteOtherBodies(t *testing.T) {
	png := goodPNG(t)
	for _, contentType := range []string{"", "application/x-www-form-urlencoded", "image/jpeg", "application/octet-stream"} {
		w, s := send(t, rewriting, post(png, contentType))
		requirePassed(t, w, s, png)
		require.Equal(t, "image/png", s.req.Header.Get("Content-Type"))
	}
	opts := middleware.Options{Rewrite: true, Optional: true, Fields: []string{"photo"}, OtherFiles: true}
	w, s := send(t, opts, post([]byte("user=ann"), "application/x-www-form-urlencoded"))
	requirePassed(t, w, s, []byte("user=ann"))
	require.Equal(t, "application/x-www-form-urlencoded", s.req.Header.Get("Content-Type"))

	// A form without a verified file is rewritten too, and other files stay files in it.
	body, contentType := formBody(t, field{"user", "", []byte("ann")}, field{"cv", "cv.pdf", []byte("%PDF")})
	w, s = send(t, opts, post(body, contentType))
	require.Equal(t, http.StatusNoContent, w.Code)
	require.NotContains(t, string(s.body), boundary)
	require.Contains(t, string(s.body), `name="cv"; filename="cv.pdf"`+"\r\nContent-Type: application/octet-stream\r\n\r\n%PDF\r\n")
	require.True(t, strings.HasSuffix(string(s.body), "--\r\n"))
}
