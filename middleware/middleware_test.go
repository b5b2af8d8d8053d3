package middleware_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

func TestGoodFormPasses(t *testing.T) {
	png, jpg := goodPNG(t), goodFile(t, "jpeg/cjpeg-420.jpg")
	body, contentType := formBody(t,
		field{name: "note", data: []byte("hello")},
		field{name: "image", file: "dir/a.png", data: png},
		field{name: "more", file: "b.jpg", data: jpg},
	)
	r := post(body, contentType)
	before := *r
	w, s := send(t, middleware.Options{}, r)
	requirePassed(t, w, s, body)

	require.Len(t, s.files, 2)
	require.Equal(t, "image", s.files[0].Field)
	require.Equal(t, "a.png", s.files[0].FileName, "the base name, as FormFile gives it")
	require.Equal(t, detect.PNG, s.files[0].Result.Format)
	require.Equal(t, int64(len(png)), s.files[0].Result.Size)
	require.Equal(t, "more", s.files[1].Field)
	require.Equal(t, detect.JPEG, s.files[1].Result.Format)

	require.Equal(t, before.ContentLength, r.ContentLength)
	require.Nil(t, r.MultipartForm)
	require.NotSame(t, r, s.req, "the caller's request is not changed")
	require.Equal(t, before.Body, r.Body)
	require.Nil(t, middleware.Files(r.Context()))
}

func TestGoodRawBodyPasses(t *testing.T) {
	for _, name := range []string{"png/magick-rgb8.png", "jpeg/cjpeg-444-q95.jpg", "bmp/go-24.bmp", "webp/cwebp-lossy-q75.webp", "heic/grid-2x2.heic"} {
		body := goodFile(t, name)
		for _, contentType := range []string{"image/png", "IMAGE/whatever; x=y", "binary/octet-stream", "application/heic", "video/mp4; codecs=\"a, b\"", "application/x-www-form-urlencoded", "application/octet-stream", ""} {
			for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch} {
				r := post(body, contentType)
				r.Method = method
				w, s := send(t, middleware.Options{}, r)
				requirePassed(t, w, s, body)
				require.Len(t, s.files, 1, name)
				require.Empty(t, s.files[0].Field)
			}
		}
	}
}

// TestEveryMethod checks that a body is checked whatever the method, and that it may be missing
// if the method needs none.
func TestEveryMethod(t *testing.T) {
	form, formType := formBody(t, field{name: "f", file: "f.png", data: []byte("not a picture")})
	good := goodPNG(t)
	for _, method := range []string{
		"GET", "HEAD", "DELETE", "OPTIONS", "PROPFIND", "QUERY", "CONNECT", "TRACE",
		"POST", "PUT", "PATCH", "post", "Put", "pAtCh", "get", "X",
	} {
		for _, size := range []bool{true, false} {
			send := func(body []byte, contentType string) (*httptest.ResponseRecorder, *seen) {
				r := post(body, contentType)
				r.Method = method
				if !size {
					r.ContentLength = -1
				}
				return send(t, middleware.Options{}, r)
			}
			w, s := send([]byte("not a picture"), "image/png")
			requireRefused(t, w, s, 5)
			w, s = send(form, formType)
			requireRefused(t, w, s, 5)
			w, s = send(good, "image/png")
			requirePassed(t, w, s, good)
			require.Len(t, s.files, 1)

			w, s = send(nil, "")
			if strings.HasPrefix(strings.ToUpper(method), "P") && method != "PROPFIND" {
				requireRefused(t, w, s, 6)
				continue
			}
			require.Equal(t, http.StatusNoContent, w.Code, method)
			require.Nil(t, s.files)
		}
	}
}

// TestInsecureSkip checks that a request which it names passes unchanged.
func TestInsecureSkip(t *testing.T) {
	opts := middleware.Options{InsecureSkip: func(r *http.Request) bool { return r.Method == http.MethodDelete }}
	r := post([]byte("not a picture"), "image/png")
	r.Method = http.MethodDelete
	w, s := send(t, opts, r)
	require.Equal(t, http.StatusNoContent, w.Code)
	require.Equal(t, "not a picture", string(s.body))
	w, s = send(t, opts, post([]byte("not a picture"), "image/png"))
	requireRefused(t, w, s, 5)
}

func TestCanonicalRefusals(t *testing.T) {
	png := goodPNG(t)
	for _, tt := range []struct {
		name string
		data []byte
		code int
	}{
		{"empty", nil, 6},
		{"unknown", []byte("GIF89a is not ours"), 5},
		{"truncated", png[:len(png)-1], 5},
		{"head only", png[:60], 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, s := send(t, middleware.Options{}, post(tt.data, "image/png"))
			requireRefused(t, w, s, tt.code)
			body, contentType := formBody(t, field{name: "f", file: "f.png", data: tt.data})
			w, s = send(t, middleware.Options{}, post(body, contentType))
			requireRefused(t, w, s, tt.code)
			// A good file before it does not help.
			body, contentType = formBody(t, field{name: "g", file: "g.png", data: png}, field{name: "f", file: "f.png", data: tt.data})
			w, s = send(t, middleware.Options{}, post(body, contentType))
			requireRefused(t, w, s, tt.code)
		})
	}
}

func TestNoFile(t *testing.T) {
	noFile, formType := formBody(t, field{name: "token", data: []byte("x")})
	noPart, _ := formBody(t)
	blank := []byte("--" + boundary + "\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\"\r\n" +
		"Content-Type: application/octet-stream\r\n\r\n\r\n--" + boundary + "--\r\n")
	for _, r := range []*http.Request{
		post(noFile, formType),
		post(noPart, formType),
		post(blank, formType),
		post(nil, formType),
		post(nil, ""),
		post([]byte(`{"image":"AAAA"}`), "application/json"),
		post([]byte("a=b"), "application/x-www-form-urlencoded"),
		post(goodPNG(t), "multipart/mixed; boundary=x"),
		post(goodPNG(t), "text/plain"),
	} {
		w, s := send(t, middleware.Options{}, r)
		requireRefused(t, w, s, 6)
	}
}

func TestBlankFileInputIsNoFile(t *testing.T) {
	body, contentType := formBody(t, field{name: "f", file: "f.png", data: goodPNG(t)})
	blank := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"g\"; filename=\"\"\r\n" +
		"Content-Type: application/octet-stream\r\n\r\n\r\n"
	body = append([]byte(blank), body...)
	w, s := send(t, middleware.Options{}, post(body, contentType))
	requirePassed(t, w, s, body)
	require.Len(t, s.files, 1)
	require.Equal(t, "f", s.files[0].Field)
}

func TestFieldsFilter(t *testing.T) {
	opts := middleware.Options{Fields: []string{"a", "b"}}
	png := goodPNG(t)
	for _, tt := range []struct {
		name   string
		fields []field
		code   int // -1 means that it passes, -2 that it is malformed
	}{
		{"other field", []field{{"x", "x.txt", []byte("any")}, {"a", "a.png", png}}, -2},
		{"good file in another field", []field{{"a", "a.png", png}, {"x", "x.png", png}}, -2},
		{"name that PHP takes for ours", []field{{"a", "a.png", png}, {"a[]", "a.png", []byte("no")}}, -2},
		{"other text", []field{{"x", "", []byte("any")}, {"a", "a.png", png}}, -1},
		{"other text alone", []field{{"x", "", []byte("any")}}, 6},
		{"second of two", []field{{"a", "a.png", png}, {"b", "b.png", []byte("no")}}, 5},
		{"duplicates all verified", []field{{"a", "a.png", png}, {"a", "a.png", []byte("no")}}, 5},
		{"without file name", []field{{"a", "", []byte("no")}}, 5},
		{"good without file name", []field{{"a", "", png}}, -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body, contentType := formBody(t, tt.fields...)
			w, s := send(t, opts, post(body, contentType))
			switch tt.code {
			case -1:
				requirePassed(t, w, s, body)
			case -2:
				requireFailed(t, w, s, http.StatusBadRequest)
			default:
				requireRefused(t, w, s, tt.code)
			}
		})
	}
}

func TestNextParsesForm(t *testing.T) {
	png := goodPNG(t)
	body, contentType := formBody(t, field{name: "token", data: []byte("secret")}, field{name: "f", file: "f.png", data: png})
	for name, parse := range map[string]func(r *http.Request) ([]byte, error){
		"FormFile": func(r *http.Request) ([]byte, error) {
			f, _, err := r.FormFile("f")
			if err != nil {
				return nil, err
			}
			defer f.Close()
			if r.FormValue("token") != "secret" {
				return nil, errors.New("token lost")
			}
			return io.ReadAll(f)
		},
		"MultipartReader": func(r *http.Request) ([]byte, error) {
			m, err := r.MultipartReader()
			if err != nil {
				return nil, err
			}
			var p *multipart.Part
			for range 2 {
				if p, err = m.NextPart(); err != nil {
					return nil, err
				}
			}
			return io.ReadAll(p)
		},
		"GetBody": func(r *http.Request) ([]byte, error) {
			for range 2 { // as often as one likes
				b, err := r.GetBody()
				if err != nil {
					return nil, err
				}
				got, err := io.ReadAll(b)
				if err != nil || !bytes.Equal(got, body) {
					return nil, fmt.Errorf("GetBody: %d bytes, %w", len(got), err)
				}
			}
			return png, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			called := false
			h := newMiddleware(t, middleware.Options{}).Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				called = true
				got, err := parse(r)
				require.NoError(t, err)
				require.True(t, bytes.Equal(png, got))
			}))
			h.ServeHTTP(nil, post(body, contentType))
			require.True(t, called)
		})
	}
}

func TestBodyEndsWithTheHandler(t *testing.T) {
	var kept *http.Request
	h := newMiddleware(t, middleware.Options{}).Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { kept = r }))
	h.ServeHTTP(nil, post(goodPNG(t), "image/png"))
	_, err := kept.Body.Read(make([]byte, 1))
	require.ErrorIs(t, err, http.ErrBodyReadAfterClose)
	_, err = kept.GetBody()
	require.ErrorIs(t, err, http.ErrBodyReadAfterClose)
}

// failAfter returns its bytes, then err.
type failAfter struct {
	r   io.Reader
	err error
}

func (f *failAfter) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err == io.EOF {
		err = f.err
	}
	return n, err
}

func (f *failAfter) Close() error { return nil }

func TestReadErrorIsNoVerdict(t *testing.T) {
	png := goodPNG(t)
	form, formType := formBody(t, field{name: "f", file: "f.png", data: png})
	for _, cut := range []int{0, 1, 7, 50, 100, len(png) / 2, len(png)} {
		for _, contentType := range []string{"image/png", formType} {
			b := png
			if contentType == formType {
				b = form
			}
			r := post(b, contentType)
			r.Body = &failAfter{bytes.NewReader(b[:cut]), io.ErrUnexpectedEOF}
			w, s := send(t, middleware.Options{}, r)
			requireFailed(t, w, s, http.StatusBadRequest)

			ctx, cancel := context.WithCancel(context.Background())
			r = post(b, contentType).WithContext(ctx)
			r.Body = &failAfter{bytes.NewReader(b[:cut]), context.Canceled}
			cancel()
			w, s = send(t, middleware.Options{}, r)
			requireFailed(t, w, s, http.StatusServiceUnavailable)
		}
	}
}

func TestOperatorsOwnLimit(t *testing.T) {
	r := post(goodPNG(t), "image/png")
	w, s := send(t, middleware.Options{}, func() *http.Request {
		r.Body = http.MaxBytesReader(nil, r.Body, 20)
		return r
	}())
	requireFailed(t, w, s, http.StatusRequestEntityTooLarge)
}

func TestBodyParsedBefore(t *testing.T) {
	body, contentType := formBody(t, field{name: "f", file: "f.png", data: goodPNG(t)})
	r := post(body, contentType)
	require.NoError(t, r.ParseMultipartForm(1<<20))
	w, s := send(t, middleware.Options{}, r)
	requireFailed(t, w, s, http.StatusInternalServerError)
}

func TestContentEncoding(t *testing.T) {
	for value, ok := range map[string]bool{"identity": true, "": true, "gzip": false, "identity, br": false} {
		r := post(goodPNG(t), "image/png")
		r.Header.Set("Content-Encoding", value)
		w, s := send(t, middleware.Options{}, r)
		if ok {
			require.True(t, s.called, value)
			continue
		}
		requireFailed(t, w, s, http.StatusUnsupportedMediaType)
	}
}

func TestHooksOfValidate(t *testing.T) {
	face := func(found bool, err error) middleware.Options {
		return middleware.Options{Validate: validate.Options{Faces: validate.FacePresence(
			func(context.Context, image.Image) (bool, error) { return found, err })}}
	}
	w, s := send(t, face(true, nil), post(goodPNG(t), "image/png"))
	requirePassed(t, w, s, goodPNG(t))
	w, s = send(t, face(false, nil), post(goodPNG(t), "image/png"))
	requireRefused(t, w, s, 4)
	w, s = send(t, face(false, errors.New("model lost")), post(goodPNG(t), "image/png"))
	requireFailed(t, w, s, http.StatusInternalServerError)
	w, s = send(t, face(false, fmt.Errorf("warming up: %w", middleware.ErrUnavailable)), post(goodPNG(t), "image/png"))
	requireFailed(t, w, s, http.StatusServiceUnavailable)

	// Only the access hook may return codes 0 and 1.
	opts := middleware.Options{Validate: validate.Options{Checks: []validate.Check{
		func(context.Context, *validate.Picture) error { return validate.ErrUnregisteredToken },
	}}}
	w, s = send(t, opts, post(goodPNG(t), "image/png"))
	requireFailed(t, w, s, http.StatusInternalServerError)
}

func TestStatusOf(t *testing.T) {
	for c, want := range map[validate.Code]int{0: 401, 1: 403, 3: 413, 4: 422, 5: 422, 6: 400, 2: 500, 7: 500, -1: 500} {
		require.Equal(t, want, middleware.StatusOf(c))
	}
}
