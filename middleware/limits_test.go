package middleware_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

type ctx = context.Context

// counter counts the bytes read from it.
type counter struct {
	r io.ReadCloser
	n atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

func (c *counter) Close() error { return c.r.Close() }

// zeros is an endless reader.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// blanks is an endless reader of text.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestTenMebibytes(t *testing.T) {
	const limit = 10_485_760
	for _, size := range []int{limit - 1, limit, limit + 1} {
		data := bigPNG(t, size)
		form, formType := formBody(t, field{name: "token", data: []byte("x")}, field{name: "f", file: "f.png", data: data})
		for _, tt := range []struct {
			name, contentType string
			body              []byte
		}{{"raw", "image/png", data}, {"form", formType, form}} {
			for _, chunked := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %d chunked=%t", tt.name, size, chunked), func(t *testing.T) {
					r := post(tt.body, tt.contentType)
					if chunked {
						r.ContentLength, r.TransferEncoding = -1, []string{"chunked"}
					}
					w, s := send(t, middleware.Options{}, r)
					if size < limit {
						requirePassed(t, w, s, tt.body)
						return
					}
					requireRefused(t, w, s, 3)
				})
			}
		}
	}
}

func TestEndlessUploadIsRefusedAtTheHead(t *testing.T) {
	formHead := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f.png\"\r\n\r\n"
	for name, tt := range map[string]struct {
		contentType, head string
		atMost            int64
		code              int
	}{
		"raw":            {"image/png", "", 64 << 10, 5},
		"form":           {"multipart/form-data; boundary=" + boundary, formHead, 64 << 10, 5},
		"raw with magic": {"image/png", string(goodPNG(t)), 10<<20 + 64<<10, 3},
		"form and magic": {"multipart/form-data; boundary=" + boundary, formHead + string(goodPNG(t)), 10<<20 + 64<<10, 3},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(strings.NewReader(tt.head), zeros{}))
			r.Header.Set("Content-Type", tt.contentType)
			counted := &counter{r: r.Body}
			r.Body = counted
			w, s := send(t, middleware.Options{}, r)
			requireRefused(t, w, s, tt.code)
			require.LessOrEqual(t, counted.n.Load(), tt.atMost)
			require.Equal(t, "close", w.Header().Get("Connection"))
		})
	}
}

func TestEndlessNonFilesAreRefused(t *testing.T) {
	part := "--" + boundary + "\r\n"
	for name, head := range map[string]string{
		"preamble":    "",
		"header":      part + "X: ",
		"header line": part,
		"text":        part + "Content-Disposition: form-data; name=\"a\"\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(strings.NewReader(head), blanks{}))
			r.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
			counted := &counter{r: r.Body}
			r.Body = counted
			w, s := send(t, middleware.Options{}, r)
			requireFailed(t, w, s, http.StatusBadRequest)
			require.LessOrEqual(t, counted.n.Load(), int64(128<<10))
		})
	}
}

func TestDeclaredLength(t *testing.T) {
	form := "multipart/form-data; boundary=" + boundary
	head := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f.png\"\r\n\r\n" + string(goodPNG(t))
	for _, tt := range []struct {
		name, contentType string
		length            int64
		expect            bool
		read              int64 // at most
	}{
		{"raw at the limit", "image/png", 10 << 20, false, 0},
		{"raw", "image/png", 1 << 40, true, 0},
		{"form that asks first", form, 40 << 20, true, 0},
		{"form that sends", form, 40 << 20, false, 10<<20 + 64<<10},
		{"form within the request's limit", form, 20 << 20, true, 10<<20 + 64<<10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(strings.NewReader(head), zeros{}))
			r.ContentLength = tt.length
			r.Header.Set("Content-Type", tt.contentType)
			if tt.expect {
				r.Header.Set("Expect", "100-continue")
			}
			counted := &counter{r: r.Body}
			r.Body = counted
			w, s := send(t, middleware.Options{}, r)
			requireRefused(t, w, s, 3)
			require.LessOrEqual(t, counted.n.Load(), tt.read)
		})
	}
}

func TestRequestTooLargeWithoutALargeFile(t *testing.T) {
	opts := middleware.Options{Validate: validate.Options{MaxBytes: 1000}, MaxRequestBytes: 3000}
	png := goodPNG(t)
	require.Less(t, len(png), 500)
	var fields []field
	for range 12 {
		fields = append(fields, field{name: "f", file: "f.png", data: png})
	}
	body, contentType := formBody(t, fields...)
	require.Greater(t, len(body), 3000)
	for _, chunked := range []bool{false, true} {
		r := post(body, contentType)
		if chunked {
			r.ContentLength = -1
		}
		w, s := send(t, opts, r)
		requireFailed(t, w, s, http.StatusRequestEntityTooLarge)
	}
	// The limit itself is inclusive.
	opts.MaxRequestBytes = int64(len(body))
	w, s := send(t, opts, post(body, contentType))
	requirePassed(t, w, s, body)
	opts.MaxRequestBytes--
	w, s = send(t, opts, post(body, contentType))
	requireFailed(t, w, s, http.StatusRequestEntityTooLarge)
}

func TestFormatNotAllowedIsRefusedAtTheHead(t *testing.T) {
	opts := middleware.Options{Validate: validate.Options{Formats: []detect.Format{detect.JPEG}}}
	r := post(bigPNG(t, 1<<20), "image/jpeg")
	counted := &counter{r: r.Body}
	r.Body = counted
	w, s := send(t, opts, r)
	requireRefused(t, w, s, 5)
	require.LessOrEqual(t, counted.n.Load(), int64(64<<10))
}

// TestSmallLimit shows that the order is size, then format, as in validate.
func TestSmallLimit(t *testing.T) {
	opts := middleware.Options{Validate: validate.Options{MaxBytes: 100}}
	w, s := send(t, opts, post(bytes.Repeat([]byte{1}, 99), "image/png"))
	requireRefused(t, w, s, 5)
	w, s = send(t, opts, post(bytes.Repeat([]byte{1}, 100), "image/png"))
	requireRefused(t, w, s, 3)
}
