package middleware_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// TestOptional checks that a request without a file passes, and that one with a file is checked,
// whatever type it claims.
func TestOptional(t *testing.T) {
	png := goodPNG(t)
	bad := png[:len(png)-1]
	text, textType := formBody(t, field{name: "user", data: []byte("ann")}, field{name: "password", data: []byte("x")})
	blank := []byte("--" + boundary + "\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"\"\r\n" +
		"Content-Type: application/octet-stream\r\n\r\n\r\n--" + boundary + "--\r\n")
	good, _ := formBody(t, field{name: "photo", file: "a.png", data: png})
	broken, _ := formBody(t, field{name: "photo", file: "a.png", data: bad})
	unmarked, _ := formBody(t, field{name: "photo", data: bad})
	for _, tt := range []struct {
		name, contentType string
		body              []byte
		files             int // -1 means code 5
	}{
		{"no body", "", nil, 0},
		{"form without a file", textType, text, 0},
		{"form with a blank input", textType, blank, 0},
		{"form with a photo", textType, good, 1},
		{"form with half a photo", textType, broken, -1},
		{"half a photo in a text field", textType, unmarked, -1},
		{"log-in form", "application/x-www-form-urlencoded", []byte("user=ann&password=x"), 0},
		{"JSON", "application/json", []byte(`{"a":1}`), 0},
		{"text", "text/plain; charset=utf-8", []byte("hello"), 0},
		{"XML", "application/soap+xml", []byte("<a/>"), 0},
		{"half a photo as JSON", "application/json", bad, -1},
		{"half a photo as text", "text/plain", bad, -1},
		{"half a photo as XML", "image/svg+xml", bad, -1},
		{"half a photo as a log-in form", "application/x-www-form-urlencoded", bad, -1},
		{"half a photo", "image/png", bad, -1},
		{"half a photo without a type", "", bad, -1},
		{"photo as text", "text/plain", png, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, opts := range []middleware.Options{{Optional: true}, {Optional: true, Fields: []string{"photo"}}} {
				w, s := send(t, opts, post(tt.body, tt.contentType))
				if tt.files < 0 {
					requireRefused(t, w, s, 5)
					continue
				}
				requirePassed(t, w, s, tt.body)
				require.Len(t, s.files, tt.files)
			}
		})
	}
	w, s := send(t, middleware.Options{Optional: true}, post(png, "multipart/mixed; boundary=x"))
	requireFailed(t, w, s, http.StatusUnsupportedMediaType)
}

// TestRawByContent checks that a body with a wrong type is judged by its content.
func TestRawByContent(t *testing.T) {
	png := goodPNG(t)
	for _, contentType := range []string{
		"application/x-www-form-urlencoded", "binary/octet-stream", "application/heic", "video/mp4", "audio/mpeg", "application/pdf", "x/y", "image/svg+xml",
	} {
		w, s := send(t, middleware.Options{}, post(png, contentType))
		requirePassed(t, w, s, png)
		require.Len(t, s.files, 1)
		w, s = send(t, middleware.Options{}, post(png[:40], contentType))
		requireRefused(t, w, s, 5)
		w, s = send(t, middleware.Options{}, post(nil, contentType))
		requireRefused(t, w, s, 6)
	}
}

// TestOtherFiles checks that a file in another field passes untouched, unless some parser reads
// the field's name as one of ours.
func TestOtherFiles(t *testing.T) {
	png := goodPNG(t)
	opts := middleware.Options{Fields: []string{"photo", "user_image"}, OtherFiles: true}
	pdf := []byte("%PDF-1.7\x00")
	for name, passes := range map[string]bool{
		"cv": true, "attachment[]": true, "photos": true, "photo2": true,
		"photo": false, "photo[]": false, "[photo]": false, "]photo": false, "[[photo": false, "photo[x]": false, "Photo": false, "user.image": false, "user image": false, "user_image[0][a]": false,
	} {
		body, contentType := formBody(t, field{"photo", "a.png", png}, field{name, "cv.pdf", pdf}, field{"cv", "", pdf})
		w, s := send(t, opts, post(body, contentType))
		if !passes {
			requireRefused(t, w, s, 5)
			continue
		}
		requirePassed(t, w, s, body)
		require.Len(t, s.files, 1, "the other files were not verified")
	}
	body, contentType := formBody(t, field{"cv", "cv.pdf", pdf})
	w, s := send(t, opts, post(body, contentType))
	requireRefused(t, w, s, 6)
}

func TestFieldRules(t *testing.T) {
	png := goodPNG(t)
	photo, banner := field{"photo", "a.png", png}, field{"banner", "b.png", png}
	opts := middleware.Options{
		Fields:     []string{"photo", "banner"},
		FieldRules: map[string]middleware.FieldRule{"photo": {Required: true, MaxFiles: 2}, "banner": {MaxFiles: 1}},
	}
	for _, tt := range []struct {
		name   string
		fields []field
		want   int // 0 passes
	}{
		{"required alone", []field{photo}, 0},
		{"both", []field{banner, photo}, 0},
		{"required missing", []field{banner}, 6},
		{"none", nil, 6},
		{"as many as may be", []field{photo, photo, banner}, 0},
		{"one too many", []field{photo, photo, photo}, -1},
		{"two banners", []field{photo, banner, banner}, -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, optional := range []bool{false, true} {
				opts.Optional = optional
				body, contentType := formBody(t, tt.fields...)
				w, s := send(t, opts, post(body, contentType))
				switch tt.want {
				case 0:
					requirePassed(t, w, s, body)
				case 6:
					requireRefused(t, w, s, 6)
				default:
					requireFailed(t, w, s, http.StatusBadRequest)
				}
			}
		})
	}
}

// TestFilePond sends the form of FilePond: the file's metadata as text in a field of the same
// name, before the file.
func TestFilePond(t *testing.T) {
	png := goodPNG(t)
	opts := middleware.Options{Fields: []string{"filepond"}}
	body, contentType := formBody(t, field{"filepond", "", []byte("{}")}, field{"filepond", "a.png", png})
	w, s := send(t, opts, post(body, contentType))
	requirePassed(t, w, s, body)
	require.Len(t, s.files, 1)
	require.Equal(t, "a.png", s.files[0].FileName)

	body, contentType = formBody(t, field{"filepond", "", []byte("{}")}, field{"filepond", "a.png", png[:50]})
	w, s = send(t, opts, post(body, contentType))
	requireRefused(t, w, s, 5)
	// Text of any script, and text that a terminal does not print, is not a file.
	for data, file := range map[string]bool{"a\tb\r\nc\x0b\x0c": false, "é ü 漢": false, "\xe9 Latin-1": false, "a\x00": true, "a\x01b": true, "\x7f": true, "\x1b[0m": true} {
		body, contentType = formBody(t, field{"note", "", []byte(data)}, field{"filepond", "a.png", png})
		w, s = send(t, middleware.Options{}, post(body, contentType))
		if file {
			requireRefused(t, w, s, 5)
			continue
		}
		requirePassed(t, w, s, body)
	}
	// Half a picture in place of the metadata is not metadata.
	body, contentType = formBody(t, field{"filepond", "", png[:50]}, field{"filepond", "a.png", png})
	w, s = send(t, opts, post(body, contentType))
	requireRefused(t, w, s, 5)
}

// TestConnectionCannotDropHeaders: a proxy drops the headers that Connection names.
func TestConnectionCannotDropHeaders(t *testing.T) {
	png := goodPNG(t)
	for _, value := range []string{"Content-Type", "close, content-type", "Content-Encoding", "keep-alive,Content-Length", "Authorization", "CONTENT-DISPOSITION"} {
		r := post(png, "image/png")
		r.Header.Set("Connection", value)
		w, s := send(t, middleware.Options{}, r)
		requireFailed(t, w, s, http.StatusBadRequest)
	}
	for _, value := range []string{"close", "keep-alive", "Upgrade, HTTP2-Settings", "TE"} {
		r := post(png, "image/png")
		r.Header.Set("Connection", value)
		w, s := send(t, middleware.Options{}, r)
		requirePassed(t, w, s, png)
	}
}

// TestLookalikeHeaders: several servers of other languages take an underscore for a hyphen, so
// such headers must not reach the next handler.
func TestLookalikeHeaders(t *testing.T) {
	png := goodPNG(t)
	r := post(png, "image/png")
	for _, name := range []string{"Content_Type", "content_length", "CONTENT_ENCODING", "Transfer_Encoding", "Content_Disposition", "Authorization_", "X_Custom", "My_Content"} {
		r.Header[name] = []string{"multipart/form-data; boundary=evil"}
	}
	before := r.Header.Clone()
	w, s := send(t, middleware.Options{}, r)
	requirePassed(t, w, s, png)
	var left []string
	for name := range s.req.Header {
		left = append(left, name)
	}
	require.ElementsMatch(t, []string{"Content-Type", "Authorization_", "X_Custom", "My_Content"}, left)
	require.Equal(t, before, r.Header, "the caller's request is not changed")
}

func TestMaxParts(t *testing.T) {
	var fields []field
	for range 40 {
		fields = append(fields, field{name: "text", data: []byte("x")})
	}
	body, contentType := formBody(t, append(fields, field{"f", "f.png", goodPNG(t)})...)
	w, s := send(t, middleware.Options{}, post(body, contentType))
	requireFailed(t, w, s, http.StatusBadRequest)
	w, s = send(t, middleware.Options{MaxParts: 41}, post(body, contentType))
	requirePassed(t, w, s, body)
	w, s = send(t, middleware.Options{MaxParts: 40}, post(body, contentType))
	requireFailed(t, w, s, http.StatusBadRequest)
}

// TestAuthorizeHandsOn checks that what the access hook looked up reaches the checks and the
// next handler.
func TestAuthorizeHandsOn(t *testing.T) {
	type user struct{}
	body, contentType := formBody(t, field{"f", "f.png", goodPNG(t)}, field{"token", "", []byte("ann")})
	checked := ""
	opts := middleware.Options{Authorize: func(r *http.Request, token string) error {
		*r = *r.WithContext(context.WithValue(r.Context(), user{}, "user "+token))
		return nil
	}}
	opts.Validate.Checks = append(opts.Validate.Checks, func(c ctx, _ *validate.Picture) error {
		checked, _ = c.Value(user{}).(string)
		return nil
	})
	w, s := send(t, opts, post(body, contentType))
	requirePassed(t, w, s, body)
	require.Equal(t, "user ann", s.req.Context().Value(user{}))
	require.Equal(t, "user ann", checked)
	require.Len(t, s.files, 1)
}

// TestWrapAMux checks that a whole site may be wrapped: its other routes work as before.
func TestWrapAMux(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "hello "+r.FormValue("user")) })
	mux.HandleFunc("POST /api", func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "page") })
	mux.HandleFunc("POST /photo", func(w http.ResponseWriter, r *http.Request) {
		_, header, err := r.FormFile("photo")
		require.NoError(t, err)
		_, _ = io.WriteString(w, header.Filename)
	})
	h := newMiddleware(t, middleware.Options{Optional: true}).Wrap(mux)
	photo, formType := formBody(t, field{"photo", "a.png", goodPNG(t)})
	login, _ := formBody(t, field{"user", "", []byte("ann")})
	for _, tt := range []struct{ method, path, contentType, body, want string }{
		{"GET", "/", "", "", "page"},
		{"POST", "/login", "application/x-www-form-urlencoded", "user=ann", "hello ann"},
		{"POST", "/login", formType, string(login), "hello ann"},
		{"POST", "/api", "application/json", `{"a":1}`, `{"a":1}`},
		{"POST", "/photo", formType, string(photo), "a.png"},
		{"POST", "/photo", formType, strings.Replace(string(photo), "PNG", "PMG", 1), corrupted},
	} {
		r := httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body))
		if tt.contentType != "" {
			r.Header.Set("Content-Type", tt.contentType)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, tt.want, w.Body.String(), tt.path)
	}
}
