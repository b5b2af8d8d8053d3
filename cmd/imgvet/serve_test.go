package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
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

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// newTestServer is "imgvet serve" without its log.
func newTestServer(t *testing.T, opts middleware.Options) *httptest.Server {
	opts.Logger = slog.New(slog.DiscardHandler)
	handler, err := newServer(opts)
	require.NoError(t, err)
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv
}

// upload is a request as the API documents it.
func upload(t *testing.T, url, token, name string, file []byte) (*http.Response, string) {
	return post(t, url+pipelinePath, token, name, file)
}

func post(t *testing.T, url, token, name string, file []byte) (*http.Response, string) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	require.NoError(t, form.WriteField("token", token))
	part, err := form.CreateFormFile(imageField, name)
	require.NoError(t, err)
	_, err = part.Write(file)
	require.NoError(t, err)
	require.NoError(t, form.Close())
	res, err := http.Post(url, form.FormDataContentType(), &body)
	require.NoError(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res, string(b)
}

func TestServe(t *testing.T) {
	srv := newTestServer(t, middleware.Options{Authorize: authorizer([]string{"secret"}, "expired")})
	jpeg, err := os.ReadFile(goodDir + "/jpeg/video-001.jpeg")
	require.NoError(t, err)
	res, body := upload(t, srv.URL, "secret", "photo.jpg", jpeg)
	require.Equal(t, http.StatusOK, res.StatusCode, body)
	require.Equal(t, "application/json; charset=utf-8", res.Header.Get("Content-Type"))
	var got map[string]validate.Verdict
	require.NoError(t, json.Unmarshal([]byte(body), &got))
	require.Equal(t, validate.Verdict{
		File: "photo.jpg", OK: true, Format: "jpeg", Width: 150, Height: 103, Orientation: 1, Frames: 1, Size: int64(len(jpeg)),
		Facts: &validate.Facts{BitDepth: 8},
	}, got["result"])

	for _, c := range []struct {
		token  string
		file   []byte
		status int
		body   string
	}{
		{"wrong", jpeg, http.StatusUnauthorized, `{"error":{"code":0,"message":"unregistered token"}}`},
		{"expired", jpeg, http.StatusForbidden, `{"error":{"code":1,"message":"fail authorization"}}`},
		{"secret", jpeg[:len(jpeg)-2], http.StatusUnprocessableEntity, `{"error":{"code":5,"message":"file corrupted"}}`},
		{"secret", nil, http.StatusBadRequest, `{"error":{"code":6,"message":"empty input image"}}`},
	} {
		res, body := upload(t, srv.URL, c.token, "photo.jpg", c.file)
		require.Equal(t, c.status, res.StatusCode)
		require.Equal(t, c.body, body)
	}

	none, err := http.Get(srv.URL + "/none")
	require.NoError(t, err)
	defer none.Body.Close()
	require.Equal(t, http.StatusNotFound, none.StatusCode)
}

func TestServeTakesAnyTokenByDefault(t *testing.T) {
	srv := newTestServer(t, middleware.Options{Authorize: authorizer(nil)})
	png, err := os.ReadFile(goodDir + "/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	res, body := upload(t, srv.URL, "anything", "a.png", png)
	require.Equal(t, http.StatusOK, res.StatusCode, body)
}

// TestServeTellsOfFaces: boxes and landmarks reach the client, in the upright
// picture's pixels, and a picture without a face gets code 4.
func TestServeTellsOfFaces(t *testing.T) {
	found := []validate.Face{{Bounds: image.Rect(10, 20, 40, 60), Score: 0.75, Landmarks: []image.Point{{X: 15, Y: 30}}}}
	var opts middleware.Options
	opts.Validate.Faces = validate.FaceFinderFunc(func(_ context.Context, img image.Image) ([]validate.Face, error) {
		if img.Bounds().Dx() == 32 {
			return nil, nil
		}
		return found, nil
	})
	srv := newTestServer(t, opts)
	jpeg, err := os.ReadFile(goodDir + "/jpeg/video-001.jpeg")
	require.NoError(t, err)
	res, body := upload(t, srv.URL, "", "a.jpg", jpeg)
	require.Equal(t, http.StatusOK, res.StatusCode, body)
	require.Contains(t, body, `"faces":[{"x":10,"y":20,"width":30,"height":40,"score":0.75,"landmarks":[[15,30]]}]`)

	png, err := os.ReadFile(goodDir + "/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	res, body = upload(t, srv.URL, "", "a.png", png)
	require.Equal(t, http.StatusUnprocessableEntity, res.StatusCode)
	require.Equal(t, `{"error":{"code":4,"message":"face not found"}}`, body)

	// The picture is whole, so that a preview of it may be made.
	res, _ = post(t, srv.URL+previewPath, "", "a.png", png)
	require.Equal(t, http.StatusOK, res.StatusCode)
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
