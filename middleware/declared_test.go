package middleware_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// What a client calls a file is compared with what the file is.
func TestTypeMismatch(t *testing.T) {
	png, err := os.ReadFile("../testdata/good/png/magick-rgb8.png")
	require.NoError(t, err)
	for _, c := range []struct {
		name, media string
		mismatch    bool
	}{
		{"a.png", "image/png", false},
		{"A.PNG", "image/x-png", false},
		{"a.apng", "image/apng", false},
		{"a", "", false},
		{"a.", "application/octet-stream", false},
		{"photo.final.1", "image/*", false},
		{"blob", "text/plain", false},
		{"a.png", "IMAGE/PNG; q=1", false},
		{"a.jpg", "image/png", true},
		{"a.png", "image/jpeg", true},
		{"a.png.php", "image/png", true},
		{"a.gif", "", true},
		{"a.png", "image/svg+xml", true},
		{"a.png", "text/html", true},
		{"a.png", "video/mp4", true},
	} {
		for _, refuse := range []bool{false, true} {
			var got []validate.Warning
			seen := 0
			mw := middleware.Must(middleware.New(middleware.Options{RefuseTypeMismatch: refuse, Logger: quiet}))
			h := mw.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				seen++
				got = middleware.Files(r.Context())[0].Result.Warnings
			}))
			r := typed(t, c.name, c.media, png)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if c.mismatch && refuse {
				require.Equal(t, http.StatusUnprocessableEntity, w.Code, "%+v", c)
				require.JSONEq(t, `{"error":{"code":5,"message":"file corrupted"}}`, w.Body.String())
				require.Zero(t, seen)
				continue
			}
			require.Equal(t, 1, seen, "%+v: %s", c, w.Body)
			if !c.mismatch {
				require.Empty(t, got, "%+v", c)
				continue
			}
			require.Len(t, got, 1, "%+v", c)
			require.Equal(t, validate.TypeMismatch, got[0].Reason)
			require.EqualValues(t, -1, got[0].Offset)
			require.NotContains(t, got[0].Text, c.name)
		}
	}
}

// A raw body is declared by the request's own Content-Type, and has no name.
func TestTypeMismatchOfRawBodies(t *testing.T) {
	png, err := os.ReadFile("../testdata/good/png/magick-rgb8.png")
	require.NoError(t, err)
	for media, mismatch := range map[string]bool{
		"image/png": false, "application/octet-stream": false, "": false, "image/jpeg": true, "application/x-www-form-urlencoded": false,
	} {
		var got []validate.Warning
		mw := middleware.Must(middleware.New(middleware.Options{Validate: validate.Options{Tolerance: validate.Strict}, Logger: quiet}))
		h := mw.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got = middleware.Files(r.Context())[0].Result.Warnings
		}))
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(png))
		if media != "" {
			r.Header.Set("Content-Type", media)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, http.StatusOK, w.Code, "%s: Strict is about the file: %s", media, w.Body)
		require.Equal(t, mismatch, len(got) > 0, media)
	}
}

// typed is an upload of one file with this name and type.
func typed(t *testing.T, name, media string, data []byte) *http.Request {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	h := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="photo"; filename="` + name + `"`}}
	if media != "" {
		h.Set("Content-Type", media)
	}
	p, err := w.CreatePart(h)
	require.NoError(t, err)
	_, err = p.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	r := httptest.NewRequest(http.MethodPost, "/", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}
