package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/examples/internal/try"
)

// upload posts a form with the file in field, and returns the answer.
func upload(t *testing.T, url, field string, file []byte) (*http.Response, map[string]any) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile(field, "photo.jpg")
	require.NoError(t, err)
	_, err = part.Write(file)
	require.NoError(t, err)
	require.NoError(t, form.Close())
	resp, err := http.Post(url+"/upload", form.FormDataContentType(), &body)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	var answer map[string]any
	require.NoError(t, json.Unmarshal(text, &answer), "%s", text)
	return resp, answer
}

func newServer(t *testing.T) string {
	t.Setenv("TMPDIR", t.TempDir())
	handler, err := newHandler()
	require.NoError(t, err)
	srv := httptest.NewServer(handler)
	t.Cleanup(func() {
		srv.Close() // waits for the handlers, and what the server cleans up after them
		left, err := os.ReadDir(os.TempDir())
		require.NoError(t, err)
		require.Empty(t, left, "temporary files are left")
	})
	return srv.URL
}

func TestUpload(t *testing.T) {
	url := newServer(t)
	statuses := map[int]int{-1: 200, 3: 413, 5: 422, 6: 400}
	for _, p := range try.Pictures(t) {
		t.Run(p.Name, func(t *testing.T) {
			resp, answer := upload(t, url, "image", p.File)
			require.Equal(t, statuses[p.Code], resp.StatusCode, answer)
			if p.Code < 0 {
				require.Equal(t, "jpeg", answer["format"])
				require.Positive(t, answer["width"])
				return
			}
			require.Equal(t, "application/problem+json", resp.Header.Get("Content-Type"))
			require.Equal(t, p.Message, answer["detail"])
			require.InDelta(t, p.Code, answer["code"], 0)
			require.Equal(t, p.Reason, answer["reason"])
			require.InDelta(t, statuses[p.Code], answer["status"], 0)
		})
	}
}

// TestForm: a form that is no upload is huma's to refuse, and so is one over the limit, of which
// no more is written to disk.
func TestForm(t *testing.T) {
	url := newServer(t)
	resp, answer := upload(t, url, "other", []byte("x"))
	require.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode, answer)
	require.Equal(t, "application/problem+json", resp.Header.Get("Content-Type"))

	resp, answer = upload(t, url, "image", make([]byte, maxForm))
	require.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode, answer)
	text, err := json.Marshal(answer)
	require.NoError(t, err)
	require.Contains(t, string(text), "request body too large")
}

// TestFailure: what fails in the service is told to its log alone.
func TestFailure(t *testing.T) {
	text, err := json.Marshal(problem(errors.New("secret")))
	require.NoError(t, err)
	require.NotContains(t, string(text), "secret")
}
