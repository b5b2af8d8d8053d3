// Package clitest holds what tests of the servers share: uploads, and a service that
// stands behind the proxy.
package clitest

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// Upload makes a request as the API documents it, and returns the answer and its body.
func Upload(t *testing.T, url, token, name string, file []byte) (*http.Response, string) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	require.NoError(t, form.WriteField("token", token))
	part, err := form.CreateFormFile("image_bytes", name)
	require.NoError(t, err)
	_, err = part.Write(file)
	require.NoError(t, err)
	require.NoError(t, form.Close())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/face_recon/run_pipeline", &body)
	require.NoError(t, err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res, string(b)
}

// Upstream is a service that remembers the last request it got.
type Upstream struct {
	*httptest.Server
	Calls  atomic.Int32
	Header http.Header
	URI    string
	Host   string
	Length int64
	Body   []byte
}

// NewUpstream starts one that answers 201 until the test ends.
func NewUpstream(t *testing.T) *Upstream {
	u := &Upstream{}
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.Calls.Add(1)
		u.Header, u.URI, u.Host, u.Length = r.Header, r.RequestURI, r.Host, r.ContentLength
		u.Body, _ = io.ReadAll(r.Body)
		w.Header().Set("X-Service", "yes")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, "done")
	}))
	t.Cleanup(u.Close)
	return u
}
