package proxy

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/clitest"
	"github.com/imgvet/imgvet/middleware"
)

// TestProxyForms: a form arrives in one plain spelling, or as it was sent; a log-in form if
// it may; a file in another field if it may.
func TestProxyForms(t *testing.T) {
	service := clitest.NewUpstream(t)
	png, err := os.ReadFile(goodDir + "/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	const kind = "multipart/form-data; boundary=client"
	part := func(header, data string) string {
		return "--client\r\nContent-Disposition: form-data; " + header + "\r\n\r\n" + data + "\r\n"
	}
	const end = "--client--\r\n"
	photo := part(`name=photo; filename="a\"b.png"`, string(png))
	login := part("name=user", "ann")
	other := part(`name="cv"; filename="cv.pdf"`, "%PDF\x00")
	for _, tt := range []struct {
		name   string
		opts   middleware.Options
		body   string
		status int
		got    string // "" is the body as it was sent
	}{
		{"as it was sent", middleware.Options{}, login + photo + end, 201, ""},
		{"anew", middleware.Options{Rewrite: true}, login + photo + end, 201,
			"--B\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nann\r\n" +
				"--B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a%22b.png\"\r\nContent-Type: image/png\r\n\r\n" + string(png) + "\r\n--B--\r\n"},
		{"log-in form", middleware.Options{Rewrite: true}, login + end, 400, ""},
		{"log-in form that may pass", middleware.Options{Optional: true}, login + end, 201, ""},
		{"other file", middleware.Options{Fields: []string{"photo"}}, photo + other + end, 400, ""},
		{"other file that may pass", middleware.Options{Fields: []string{"photo"}, OtherFiles: true}, photo + other + end, 201, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := proxyTo(t, service.URL, tt.opts)
			service.Body = nil
			res, err := http.Post(srv.URL, kind, strings.NewReader(tt.body))
			require.NoError(t, err)
			res.Body.Close()
			require.Equal(t, tt.status, res.StatusCode)
			if tt.status != 201 {
				require.Nil(t, service.Body)
				return
			}
			want := tt.body
			if tt.got != "" {
				_, boundary, _ := strings.Cut(service.Header.Get("Content-Type"), "boundary=")
				require.NotContains(t, string(service.Body), "client")
				want = strings.ReplaceAll(tt.got, "--B", "--"+boundary)
			}
			require.Equal(t, want, string(service.Body))
			require.EqualValues(t, len(want), service.Length)
		})
	}
}
