package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// front starts a proxy with TLS before address, and returns its URL.
type front func(t *testing.T, address string, cert, key []byte, roots *x509.CertPool) string

// fronts are the proxies with TLS that TestBehind can run.
var fronts = map[string]front{
	"go":    goFront,
	"caddy": program("caddy", "Caddyfile", caddyfile, "run", "--config", "Caddyfile", "--adapter", "caddyfile"),
	"nginx": program("nginx", "nginx.conf", nginxConf, "-p", ".", "-c", "nginx.conf", "-e", "error.log"),
}

const caddyfile = `{
	admin off
	auto_https off
}
https://localhost:PORT {
	bind 127.0.0.1
	tls DIR/cert.pem DIR/key.pem
	reverse_proxy ADDRESS
}
`

// proxy_request_buffering off: an upload reaches the check while it arrives.
const nginxConf = `daemon off;
worker_processes 1;
pid DIR/nginx.pid;
events {}
http {
	access_log off;
	client_max_body_size 40m;
	client_body_temp_path DIR/body;
	proxy_temp_path DIR/proxy;
	fastcgi_temp_path DIR/fastcgi;
	uwsgi_temp_path DIR/uwsgi;
	scgi_temp_path DIR/scgi;
	map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
	server {
		listen 127.0.0.1:PORT ssl;
		ssl_certificate DIR/cert.pem;
		ssl_certificate_key DIR/key.pem;
		location / {
			proxy_pass http://ADDRESS;
			proxy_http_version 1.1;
			proxy_request_buffering off;
			proxy_set_header Host $http_host;
			proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
			proxy_set_header X-Forwarded-Proto $scheme;
			proxy_set_header Upgrade $http_upgrade;
			proxy_set_header Connection $connection_upgrade;
		}
	}
}
`

// goFront is a proxy of Go's.
func goFront(t *testing.T, address string, cert, key []byte, _ *x509.CertPool) string {
	pair, err := tls.X509KeyPair(cert, key)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: address})
		r.Out.Host, r.Out.URL.RawQuery = r.In.Host, r.In.URL.RawQuery
		r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"] // as nginx does: to be appended to
		r.SetXForwarded()
	}}
	srv := httptest.NewUnstartedServer(proxy)
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)
}

// program returns a front that is another program, which reads a file of settings.
func program(name, file, text string, args ...string) front {
	return func(t *testing.T, address string, cert, key []byte, roots *x509.CertPool) string {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Skipf("NOT TESTED behind %s: it is not installed", name)
		}
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		_, port, err := net.SplitHostPort(ln.Addr().String())
		require.NoError(t, err)
		require.NoError(t, ln.Close())
		dir := t.TempDir()
		text := strings.NewReplacer("DIR", dir, "ADDRESS", address, "PORT", port).Replace(text)
		for name, content := range map[string][]byte{"cert.pem": cert, "key.pem": key, file: []byte(text)} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
		}
		ctx, cancel := context.WithCancel(context.Background())
		cmd := exec.CommandContext(ctx, path, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // nginx ends its workers
		cmd.WaitDelay = 10 * time.Second
		require.NoError(t, cmd.Start())
		t.Cleanup(func() {
			cancel()
			_ = cmd.Wait() // it was told to end
			if t.Failed() {
				t.Log(out.String())
			}
		})
		address = "localhost:" + port
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
		require.Eventually(t, func() bool {
			res, err := client.Get("https://" + address + "/none")
			if err == nil {
				_ = res.Body.Close()
			}
			return err == nil
		}, patience(), 20*time.Millisecond, fmt.Sprint(name, " answers"))
		return "https://" + address
	}
}
