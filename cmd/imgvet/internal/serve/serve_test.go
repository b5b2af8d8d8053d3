package serve

import (
	"context"
	"encoding/json"
	"image"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/clitest"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/uploads"
	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

const goodDir = "../../../../testdata/good"

// newTestServer is "imgvet serve" without its log.
func newTestServer(t *testing.T, opts middleware.Options) *httptest.Server {
	opts.Logger = slog.New(slog.DiscardHandler)
	handler, _, err := New(opts)
	require.NoError(t, err)
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv
}

func TestServe(t *testing.T) {
	srv := newTestServer(t, middleware.Options{Authorize: uploads.Authorizer([]string{"secret"}, "expired")})
	jpeg, err := os.ReadFile(goodDir + "/jpeg/video-001.jpeg")
	require.NoError(t, err)
	res, body := clitest.Upload(t, srv.URL, "secret", "photo.jpg", jpeg)
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
		res, body := clitest.Upload(t, srv.URL, c.token, "photo.jpg", c.file)
		require.Equal(t, c.status, res.StatusCode)
		require.Equal(t, c.body, body)
	}

	none, err := http.Get(srv.URL + "/none")
	require.NoError(t, err)
	defer none.Body.Close()
	require.Equal(t, http.StatusNotFound, none.StatusCode)
}

func TestServeTakesAnyTokenByDefault(t *testing.T) {
	srv := newTestServer(t, middleware.Options{Authorize: uploads.Authorizer(nil)})
	png, err := os.ReadFile(goodDir + "/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	res, body := clitest.Upload(t, srv.URL, "anything", "a.png", png)
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
	res, body := clitest.Upload(t, srv.URL, "", "a.jpg", jpeg)
	require.Equal(t, http.StatusOK, res.StatusCode, body)
	require.Contains(t, body, `"faces":[{"x":10,"y":20,"width":30,"height":40,"score":0.75,"landmarks":[[15,30]]}]`)

	png, err := os.ReadFile(goodDir + "/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	res, body = clitest.Upload(t, srv.URL, "", "a.png", png)
	require.Equal(t, http.StatusUnprocessableEntity, res.StatusCode)
	require.Equal(t, `{"error":{"code":4,"message":"face not found"}}`, body)
}
