package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/cli"
	"github.com/imgvet/imgvet/middleware"
)

// TestProxyForms: a form arrives in one plain spelling, or as it was sent; a log-in form if
// it may; a file in another field if it may.
func TestProxyForms(t *testing.T) {
	service := newUpstream(t)
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
			service.body = nil
			res, err := http.Post(srv.URL, kind, strings.NewReader(tt.body))
			require.NoError(t, err)
			res.Body.Close()
			require.Equal(t, tt.status, res.StatusCode)
			if tt.status != 201 {
				require.Nil(t, service.body)
				return
			}
			want := tt.body
			if tt.got != "" {
				_, boundary, _ := strings.Cut(service.header.Get("Content-Type"), "boundary=")
				require.NotContains(t, string(service.body), "client")
				want = strings.ReplaceAll(tt.got, "--B", "--"+boundary)
			}
			require.Equal(t, want, string(service.body))
			require.EqualValues(t, len(want), service.length)
		})
	}
}

// TestProxyRewritesByDefault runs the command as an operator does.
func TestProxyRewritesByDefault(t *testing.T) {
	png, err := os.ReadFile(goodDir + "/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	for flag, anew := range map[string]bool{"": true, "--rewrite=false": false} {
		service := newUpstream(t)
		stdout, stdoutWriter := io.Pipe()
		ended := make(chan int, 1)
		args := []string{"proxy", "--upstream", service.URL, "--addr", "127.0.0.1:0"}
		if flag != "" {
			args = append(args, flag)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() { ended <- run(ctx, args, nil, stdoutWriter, io.Discard) }()
		line := make([]byte, 200)
		n, err := stdout.Read(line)
		require.NoError(t, err)
		address := strings.Fields(string(line[:n]))[3]
		res, body := upload(t, address, "any", "a.png", png)
		require.Equal(t, http.StatusCreated, res.StatusCode, body)
		require.True(t, bytes.Contains(service.body, png))
		require.Equal(t, anew, strings.Contains(service.header.Get("Content-Type"), "boundary=imgvet"))
		cancel()
		require.Equal(t, cli.ExitOK, <-ended)
	}
}
