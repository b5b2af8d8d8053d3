// Package try sends the examples what their clients would.
package try

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Token is what the examples take.
const Token = "secret"

const hugeUpload = 12 << 20

// Handler holds that h answers POST /upload with the bytes of the field "image"
// of a good upload, and refuses others with the canonical body.
func Handler(t *testing.T, h http.Handler) {
	t.Helper()
	srv := httptest.NewServer(h)
	defer srv.Close()
	Address(t, srv.Listener.Addr().String())
}

// Address does what Handler does with a server that listens there.
func Address(t *testing.T, address string) {
	t.Helper()
	url := "http://" + address
	// One in memory, and one that is replayed from a file.
	jpeg := read(t, "jpeg/video-001.jpeg")
	for _, file := range [][]byte{read(t, "png/pngsuite-basn2c08.png"), append(jpeg, make([]byte, 3<<20)...)} {
		status, _, got := upload(t, url, Token, file)
		require.Equal(t, http.StatusOK, status)
		require.True(t, bytes.Equal(file, got), "the handler got %d bytes of %d", len(got), len(file))
	}
	png := read(t, "png/pngsuite-basn2c08.png")
	for _, c := range []struct {
		token  string
		file   []byte
		status int
		body   string
	}{
		{Token, png[:len(png)-8], http.StatusUnprocessableEntity, `{"error":{"code":5,"message":"file corrupted"}}`},
		{Token, nil, http.StatusBadRequest, `{"error":{"code":6,"message":"empty input image"}}`},
		{"wrong", png, http.StatusUnauthorized, `{"error":{"code":0,"message":"unregistered token"}}`},
	} {
		status, header, got := upload(t, url, c.token, c.file)
		require.Equal(t, c.body, string(got))
		require.Equal(t, c.status, status)
		require.Equal(t, "application/json; charset=utf-8", header.Get("Content-Type"))
	}
	huge(t, address, png)
}

// Picture is a file, and what an API must say of it.
type Picture struct {
	Name    string
	File    []byte
	Code    int // that of the refusal, -1 for a good picture
	Message string
	Reason  string
}

// Pictures are a good picture and one for each kind of refusal. Those of wrong size have
// it by one byte.
func Pictures(t *testing.T) []Picture {
	jpeg := read(t, "jpeg/video-001.jpeg")
	padded := func(size int) []byte { return append(bytes.Clone(jpeg), make([]byte, size-len(jpeg))...) }
	return []Picture{
		{"good", jpeg, -1, "", ""},
		{"largest", padded(10<<20 - 1), -1, "", ""},
		{"cut", jpeg[:len(jpeg)-100], 5, "file corrupted", "truncated"},
		{"too large", padded(10 << 20), 3, "file must be less than 10mb", "too_large"},
		{"empty", nil, 6, "empty input image", "empty"},
		{"text", []byte("hello"), 5, "file corrupted", "unknown_format"},
	}
}

// read returns a picture of the corpus.
func read(t *testing.T, name string) []byte {
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "good", filepath.FromSlash(name)))
	require.NoError(t, err)
	return b
}

// upload posts a form, and returns the answer.
func upload(t *testing.T, url, token string, file []byte) (int, http.Header, []byte) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	require.NoError(t, form.WriteField("token", token))
	part, err := form.CreateFormFile("image", "upload.png")
	require.NoError(t, err)
	_, err = part.Write(file)
	require.NoError(t, err)
	require.NoError(t, form.Close())
	resp, err := http.Post(url+"/upload", form.FormDataContentType(), &body)
	require.NoError(t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, resp.Header, got
}

// huge writes 12 MiB before it reads, as many clients do, and must see the 413:
// that needs the deadlines of the connection, through whatever the framework
// wraps around the ResponseWriter.
func huge(t *testing.T, address string, png []byte) {
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST /upload HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n",
		address, Token, hugeUpload)
	require.NoError(t, err)
	_, err = conn.Write(append(bytes.Clone(png), make([]byte, hugeUpload-len(png))...))
	require.NoError(t, err, "the connection was reset")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)
	require.Equal(t, `{"error":{"code":3,"message":"file must be less than 10mb"}}`, string(got))
}
