package middleware_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/imgvet/imgvet/internal/testenv"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
)

// gzipped returns b as one gzip member.
func gzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write(b)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return out.Bytes()
}

// gzipBomb returns a small body that decodes to start and size zeros.
func gzipBomb(t testing.TB, start []byte, size int64) []byte {
	t.Helper()
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	require.NoError(t, err)
	_, err = z.Write(start)
	require.NoError(t, err)
	_, err = io.CopyN(z, zeros{}, size)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return out.Bytes()
}

var decoding = middleware.Options{DecodeContent: true}

// postCoded is post with a Content-Encoding.
func postCoded(body []byte, contentType, coding string) *http.Request {
	r := post(body, contentType)
	r.Header.Set("Content-Encoding", coding)
	return r
}

// TestDecodeContent: the next handler gets what was verified, the decoded body,
// as if it had been sent so.
func TestDecodeContent(t *testing.T) {
	png := goodPNG(t)
	form, formType := formBody(t, field{name: "f", file: "f.png", data: png})
	object := []byte(`{"image":"` + base64.StdEncoding.EncodeToString(png) + `"}`)
	opts := decoding
	opts.JSONField = "image"
	for _, c := range []struct {
		contentType string
		body        []byte
	}{{"image/png", png}, {formType, form}, {"application/json", object}} {
		two := append(gzipped(t, c.body[:9]), gzipped(t, c.body[9:])...) // RFC 1952, 2.2
		for _, coded := range [][]byte{gzipped(t, c.body), two} {
			for _, coding := range []string{"gzip", "x-gzip", " GZIP "} {
				r := postCoded(coded, c.contentType, coding)
				r.Header.Set("Content-Length", "as a proxy left it")
				w, s := send(t, opts, r)
				requirePassed(t, w, s, c.body)
				require.NotContains(t, s.req.Header, "Content-Encoding")
				require.Len(t, s.files, 1)
				require.EqualValues(t, len(png), s.files[0].Result.Size)
				require.NotEqual(t, "as a proxy left it", s.req.Header.Get("Content-Length"))
				require.Equal(t, coding, r.Header.Get("Content-Encoding"), "the caller's request stays as it is")
			}
		}
	}
	w, s := send(t, decoding, postCoded(png, "image/png", "identity"))
	requirePassed(t, w, s, png)
	require.Equal(t, "identity", s.req.Header.Get("Content-Encoding"))
}

// TestDecodeContentRefuses: other codings, several codings, and bytes that are not gzip. None of
// these is a verdict on a picture.
func TestDecodeContentRefuses(t *testing.T) {
	png := goodPNG(t)
	coded := gzipped(t, png)
	for _, coding := range []string{"deflate", "br", "zstd", "gzip, gzip", "gzip, identity", "gzip;q=1", "*"} {
		w, s := send(t, decoding, postCoded(coded, "image/png", coding))
		requireFailed(t, w, s, http.StatusUnsupportedMediaType)
		require.Equal(t, "gzip", w.Header().Get("Accept-Encoding"))
	}
	twice := postCoded(gzipped(t, coded), "image/png", "gzip")
	twice.Header.Add("Content-Encoding", "gzip")
	w, s := send(t, decoding, twice)
	requireFailed(t, w, s, http.StatusUnsupportedMediaType)
	w, s = send(t, middleware.Options{}, postCoded(coded, "image/png", "gzip"))
	requireFailed(t, w, s, http.StatusUnsupportedMediaType)
	require.Equal(t, "identity", w.Header().Get("Accept-Encoding"))

	wrongSum := bytes.Clone(coded)
	wrongSum[len(wrongSum)-8] ^= 1 // CRC-32 of RFC 1952, 2.3.1
	for name, body := range map[string][]byte{
		"not gzip":        png,
		"a byte":          {0x1f},
		"header only":     coded[:10],
		"cut":             coded[:len(coded)/2],
		"no trailer":      coded[:len(coded)-8],
		"one byte short":  coded[:len(coded)-1],
		"wrong checksum":  wrongSum,
		"a byte behind":   append(bytes.Clone(coded), 0),
		"a second, cut":   append(bytes.Clone(coded), coded[:20]...),
		"a second, empty": append(bytes.Clone(coded), gzipped(t, nil)[:10]...),
	} {
		w, s := send(t, decoding, postCoded(body, "image/png", "gzip"))
		requireFailed(t, w, s, http.StatusBadRequest)
		require.Contains(t, w.Body.String(), "malformed content encoding", name)
	}
}

// TestDecodeContentVerdicts: the rules apply to the decoded file, including its size.
func TestDecodeContentVerdicts(t *testing.T) {
	png := goodPNG(t)
	w, s := send(t, decoding, postCoded(gzipped(t, png[:len(png)-4]), "image/png", "gzip"))
	requireRefused(t, w, s, 5)
	for _, body := range [][]byte{nil, gzipped(t, nil)} {
		w, s = send(t, decoding, postCoded(body, "image/png", "gzip"))
		requireRefused(t, w, s, 6)
	}
	const limit = 10 << 20
	w, s = send(t, decoding, postCoded(gzipped(t, bigPNG(t, limit-1)), "image/png", "gzip"))
	requirePassed(t, w, s, bigPNG(t, limit-1))
	w, s = send(t, decoding, postCoded(gzipped(t, bigPNG(t, limit)), "image/png", "gzip"))
	requireRefused(t, w, s, 3)

	// A body of more bytes than a file may have, which decodes to fewer: empty members cost 20
	// bytes each and decode to nothing.
	padded := append(gzipped(t, png), bytes.Repeat(gzipped(t, nil), limit/20)...)
	require.Greater(t, len(padded), limit)
	w, s = send(t, decoding, postCoded(padded, "image/png", "gzip"))
	requirePassed(t, w, s, png)
	large := append(padded, bytes.Repeat(padded, 3)...) // past MaxRequestBytes
	w, s = send(t, decoding, postCoded(large, "image/png", "gzip"))
	requireFailed(t, w, s, http.StatusRequestEntityTooLarge)
	r := postCoded(nil, "image/png", "gzip")
	r.Body, r.ContentLength = io.NopCloser(unsized(bytes.NewReader(large))), -1
	w, s = send(t, decoding, r)
	requireFailed(t, w, s, http.StatusRequestEntityTooLarge)
}

// TestDecodeContentBomb: 1 GiB in 1 MiB ends at the limits while it is decoded.
func TestDecodeContentBomb(t *testing.T) {
	png := goodPNG(t)
	size := int64(1 << 30)
	if !testenv.Long() {
		size = 1 << 28
	}
	var seen middleware.Observation
	opts := decoding
	opts.MaxTempBytes = 33 << 20
	opts.Observe = func(_ *http.Request, o middleware.Observation) { seen = o }
	bomb := gzipBomb(t, png, size)
	w, s := send(t, opts, postCoded(bomb, "image/png", "gzip"))
	requireRefused(t, w, s, 3)
	require.LessOrEqual(t, seen.Size, int64(10<<20+64<<10), "decoded no further than the limit")
	require.Less(t, seen.Received, int64(len(bomb)/4), "nor read")

	// In a field that nobody checks, the limit of the whole body ends it.
	head := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"other\"; filename=\"f\"\r\n\r\n"
	opts.Fields, opts.OtherFiles = []string{"f"}, true
	w, s = send(t, opts, postCoded(gzipBomb(t, []byte(head), size), "multipart/form-data; boundary="+boundary, "gzip"))
	requireFailed(t, w, s, http.StatusRequestEntityTooLarge)
	require.Less(t, seen.Received, int64(len(bomb)/4))
}

// TestDecodeContentOverHTTP: on a connection, deadlines count the bytes sent, and a refused
// upload is drained.
func TestDecodeContentOverHTTP(t *testing.T) {
	opts := decoding
	opts.IdleTimeout = time.Second
	srv := serve(t, opts, hashHandler(t))
	body := bigPNG(t, 3<<20)
	do := func(body io.Reader) (*http.Response, string) {
		req, err := http.NewRequest(http.MethodPost, srv.URL, body)
		require.NoError(t, err)
		req.Header.Set("Content-Type", "image/png")
		req.Header.Set("Content-Encoding", "gzip")
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res, string(b)
	}
	res, got := do(bytes.NewReader(gzipped(t, body)))
	require.Equal(t, http.StatusOK, res.StatusCode, got)
	sum := sha256.Sum256(body)
	require.Contains(t, got, hex.EncodeToString(sum[:]))

	res, got = do(bytes.NewReader(gzipBomb(t, goodPNG(t), 1<<28)))
	require.Equal(t, http.StatusRequestEntityTooLarge, res.StatusCode, got)
	require.Equal(t, canonical(3), got)

	coded := gzipped(t, body)
	silent, w := io.Pipe()
	defer w.Close()
	res, got = do(io.MultiReader(bytes.NewReader(coded[:len(coded)/2]), silent))
	require.Equal(t, http.StatusRequestTimeout, res.StatusCode, got)
	require.True(t, strings.HasPrefix(got, `{"error":{"code":-1,`), got)
}
