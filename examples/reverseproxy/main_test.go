package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/examples/internal/try"
)

// TestUpload has a service behind that knows nothing of the middleware.
func TestUpload(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, _, err := r.FormFile("image")
		if err != nil {
			http.Error(w, err.Error(), http.StatusTeapot)
			return
		}
		defer file.Close()
		io.Copy(w, file)
	}))
	defer service.Close()
	target, err := url.Parse(service.URL)
	require.NoError(t, err)
	handler, err := newHandler(target)
	require.NoError(t, err)
	try.Handler(t, handler)
}
