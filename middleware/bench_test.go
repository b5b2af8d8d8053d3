package middleware_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/middleware"
)

// threeMegapixels returns a JPEG of 2048x1536.
func threeMegapixels(t testing.TB) []byte { return photoLike(t, 2048, 1536, 85) }

// photoLike returns a JPEG with a photo's share of detail.
func photoLike(t testing.TB, width, height, quality int) []byte {
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	seed := uint32(1)
	for y := range height {
		for x := range width {
			seed = seed*1664525 + 1013904223
			img.Y[img.YOffset(x, y)] = uint8((x*y>>11)&0x7f) + uint8(seed>>28)
		}
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = uint8(i>>12), 128
	}
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}))
	return b.Bytes()
}

// BenchmarkUpload compares the middleware with what it replaces, io.ReadAll and image.Decode,
// over the same connections in turns. "ratio" is the requests per second with the middleware
// divided by those without: above 1 the middleware is faster.
func BenchmarkUpload(b *testing.B) {
	body := threeMegapixels(b)
	ok := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	checked := serve(b, middleware.Options{MaxWait: time.Minute}, ok)
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		if err == nil {
			_, _, err = image.Decode(bytes.NewReader(data))
		}
		if err != nil {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer plain.Close()
	for _, clients := range []int{8, 64} {
		b.Run(strconv.Itoa(clients)+"clients", func(b *testing.B) {
			b.SetBytes(int64(2 * clients * len(body)))
			var with, without time.Duration
			for b.Loop() {
				without += round(b, plain.URL, body, clients)
				with += round(b, checked.URL, body, clients)
			}
			requests := float64(b.N * clients)
			b.ReportMetric(requests/with.Seconds(), "checked-req/s")
			b.ReportMetric(requests/without.Seconds(), "plain-req/s")
			b.ReportMetric(without.Seconds()/with.Seconds(), "ratio")
		})
	}
}

// round sends one upload per client, all at once, and returns how long that took.
func round(b *testing.B, url string, body []byte, clients int) time.Duration {
	start := time.Now()
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			r, err := http.Post(url, "image/jpeg", bytes.NewReader(body))
			if err != nil {
				b.Error(err)
				return
			}
			r.Body.Close()
			if r.StatusCode != http.StatusNoContent {
				b.Error(r.Status)
			}
		})
	}
	group.Wait()
	return time.Since(start)
}

// BenchmarkRewrite compares a proxy that hands forms on unchanged with one that rewrites them,
// through the same service and in turns. "cpu-ratio" is the processor time of a request with
// Rewrite divided by that without, client and service included.
func BenchmarkRewrite(b *testing.B) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer service.Close()
	target, err := url.Parse(service.URL)
	require.NoError(b, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	plain := serve(b, middleware.Options{MaxWait: time.Minute}, proxy)
	anew := serve(b, middleware.Options{MaxWait: time.Minute, Rewrite: true}, proxy)
	small, large := goodPNG(b), bigPNG(b, 4<<20)
	for _, file := range [][]byte{small, large} {
		body, contentType := formBody(b, field{"note", "", []byte("hello")}, field{"f", "f.png", file})
		b.Run(strconv.Itoa(len(file))+"bytes", func(b *testing.B) {
			var with, without time.Duration
			send := func(to string) time.Duration {
				start := cputime.Used()
				for range 8 {
					r, err := http.Post(to, contentType, bytes.NewReader(body))
					require.NoError(b, err)
					r.Body.Close()
					require.Equal(b, http.StatusNoContent, r.StatusCode)
				}
				return cputime.Used() - start
			}
			for b.Loop() {
				without += send(plain.URL)
				with += send(anew.URL)
			}
			b.ReportMetric(with.Seconds()/without.Seconds(), "cpu-ratio")
		})
	}
}
