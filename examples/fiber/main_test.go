package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/examples/internal/try"
	"github.com/imgvet/imgvet/middleware"
)

// listen starts an app, and returns its address.
func listen(t *testing.T, app *fiber.App) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- app.Listener(ln, fiber.ListenConfig{DisableStartupMessage: true}) }()
	t.Cleanup(func() {
		require.NoError(t, app.Shutdown())
		require.NoError(t, <-ended)
	})
	return ln.Addr().String()
}

func listenExample(t *testing.T) string {
	app, err := newApp()
	require.NoError(t, err)
	return listen(t, app)
}

func TestUpload(t *testing.T) {
	try.Address(t, listenExample(t))
}

// TestBodyLimit: who declares more than fiber reads gets the canonical answer too, at once.
func TestBodyLimit(t *testing.T) {
	address := listenExample(t)
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST /upload HTTP/1.1\r\nHost: %s\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n", address, 100<<20)
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)
	require.Equal(t, "application/json; charset=utf-8", resp.Header.Get("Content-Type"))
	require.Equal(t, `{"error":{"code":3,"message":"file must be less than 10mb"}}`, string(got))
}

// TestNoForm: the middleware takes a picture that is no file of a form; the handler tells who sends one.
func TestNoForm(t *testing.T) {
	req, err := http.NewRequest(http.MethodPost, "http://"+listenExample(t)+"/upload", bytes.NewReader(try.Pictures(t)[0].File))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "image/jpeg")
	req.Header.Set("Authorization", "Bearer secret")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
}

// TestOtherRoute: what is not the upload's business gets fiber's own errors.
func TestOtherRoute(t *testing.T) {
	resp, err := http.Get("http://" + listenExample(t) + "/nothing")
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
}

// TestAdaptor: with fiber's own adaptor of middleware the files are found too, as docs/adapters.md has it.
func TestAdaptor(t *testing.T) {
	vet := middleware.Must(middleware.New(middleware.Options{}))
	app := fiber.New()
	app.Post("/upload", adaptor.HTTPMiddleware(vet.Wrap), func(c fiber.Ctx) error {
		for _, f := range middleware.Files(c) {
			return c.SendString(f.Result.Format.MIME())
		}
		return fiber.ErrTeapot
	})
	url := "http://" + listen(t, app) + "/upload"
	resp, err := http.Post(url, "image/jpeg", bytes.NewReader(try.Pictures(t)[0].File))
	require.NoError(t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, "image/jpeg", string(got))
}
