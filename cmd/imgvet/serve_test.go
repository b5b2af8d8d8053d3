package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/validate"
)

// upload is a request as the API documents it.
func upload(t *testing.T, url, token, name string, file []byte) (*http.Response, string) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	require.NoError(t, form.WriteField("token", token))
	part, err := form.CreateFormFile(imageField, name)
	require.NoError(t, err)
	_, err = part.Write(file)
	require.NoError(t, err)
	require.NoError(t, form.Close())
	res, err := http.Post(url+pipelinePath, form.FormDataContentType(), &body)
	require.NoError(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res, string(b)
}

func TestServe(t *testing.T) {
	handler, err := newServer([]string{"secret"}, validate.Options{}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	srv := httptest.NewServer(handler)
	defer srv.Close()

	jpeg, err := os.ReadFile(goodDir + "/jpeg/video-001.jpeg")
	require.NoError(t, err)
	res, body := upload(t, srv.URL, "secret", "photo.jpg", jpeg)
	require.Equal(t, http.StatusOK, res.StatusCode, body)
	require.Equal(t, "application/json; charset=utf-8", res.Header.Get("Content-Type"))
	var got map[string]pipelineResult
	require.NoError(t, json.Unmarshal([]byte(body), &got))
	require.Equal(t, pipelineResult{Format: "jpeg", Width: 150, Height: 103, Orientation: 1, Frames: 1, Size: int64(len(jpeg))}, got["result"])

	for _, c := range []struct {
		token  string
		file   []byte
		status int
		body   string
	}{
		{"wrong", jpeg, http.StatusUnauthorized, `{"error":{"code":0,"message":"unregistered token"}}`},
		{"secret", jpeg[:len(jpeg)-2], http.StatusUnprocessableEntity, `{"error":{"code":5,"message":"file corrupted"}}`},
		{"secret", nil, http.StatusBadRequest, `{"error":{"code":6,"message":"empty input image"}}`},
	} {
		res, body := upload(t, srv.URL, c.token, "photo.jpg", c.file)
		require.Equal(t, c.status, res.StatusCode)
		require.Equal(t, c.body, body)
	}

	page, err := http.Get(srv.URL + "/")
	require.NoError(t, err)
	defer page.Body.Close()
	require.Equal(t, http.StatusOK, page.StatusCode)
	html, err := io.ReadAll(page.Body)
	require.NoError(t, err)
	require.Contains(t, string(html), imageField)
	require.Contains(t, page.Header.Get("Content-Security-Policy"), "default-src 'none'")

	none, err := http.Get(srv.URL + "/none")
	require.NoError(t, err)
	defer none.Body.Close()
	require.Equal(t, http.StatusNotFound, none.StatusCode)
}

func TestServeTakesAnyTokenByDefault(t *testing.T) {
	handler, err := newServer(nil, validate.Options{}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	srv := httptest.NewServer(handler)
	defer srv.Close()
	png, err := os.ReadFile(goodDir + "/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	res, body := upload(t, srv.URL, "anything", "a.png", png)
	require.Equal(t, http.StatusOK, res.StatusCode, body)
}

func TestServeStopsWhenAsked(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, ln, http.NotFoundHandler(), slog.New(slog.DiscardHandler)) }()
	res, err := http.Get("http://" + ln.Addr().String())
	require.NoError(t, err)
	res.Body.Close()
	cancel()
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(10 * time.Second):
		t.Fatal("still serving")
	}
}
