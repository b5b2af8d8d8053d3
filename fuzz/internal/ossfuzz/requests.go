package ossfuzz

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// FuzzRequest sends the raw bytes of an HTTP/1.1 request through the middleware: it is refused with
// a status of an error, or each file that the next handler is given is accepted by itself.
func FuzzRequest(raw []byte) int {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		return 0
	}
	opts := validate.Options{MaxBytes: 64 << 10, MaxPixels: 1 << 16}
	m, err := middleware.New(middleware.Options{
		Validate:        opts,
		JSONField:       "image",
		DecodeContent:   true,
		Rewrite:         len(raw)%2 == 0,
		MemoryThreshold: 1 << 20, // no temporary files
		Logger:          slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	called, passed := false, 0
	next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		called = true
		for _, f := range middleware.Files(r.Context()) {
			if err := again(r.Context(), f, opts); err != nil {
				panic(fmt.Sprintf("file %q passed: %v", f.Field, err))
			}
			passed = 1
		}
	})
	w := httptest.NewRecorder()
	m.Wrap(next).ServeHTTP(w, r)
	if !called && w.Code < http.StatusBadRequest {
		panic(fmt.Sprintf("refused with status %d", w.Code))
	}
	return passed
}

// again verifies the bytes of a file that has passed.
func again(ctx context.Context, f middleware.File, opts validate.Options) error {
	content, err := f.Open()
	if err != nil {
		return err
	}
	b, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	if int64(len(b)) != f.Size {
		return errors.New("its size is another")
	}
	_, err = validate.Bytes(ctx, b, opts)
	return err
}
