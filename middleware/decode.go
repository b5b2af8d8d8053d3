package middleware

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Content codings (RFC 9110, 8.4). The next handler gets decoded bytes. Given the coded ones and
// their header it would have to decode again, without our limits, and decoders differ in how
// they read a second gzip member or bytes after the last.

const unsupportedCoding = "unsupported content encoding"

// codings returns the Accept-Encoding of a 415.
func (o *Options) codings() string {
	if o.DecodeContent {
		return "gzip"
	}
	return "identity"
}

// readContentEncoding puts a decoder on the body if it has one coding and that may be decoded.
//
// "deflate" never may: it means zlib's format, but many senders write raw DEFLATE.
func (c *check) readContentEncoding(values []string) error {
	var codings []string
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" && !strings.EqualFold(v, "identity") {
			codings = append(codings, v)
		}
	}
	switch {
	case len(codings) == 0:
		return nil
	case len(codings) == 1 && c.m.opts.DecodeContent && isGzip(codings[0]):
		c.decode()
		return nil
	}
	return &failure{status: http.StatusUnsupportedMediaType, message: unsupportedCoding}
}

// isGzip reports whether a coding is gzip, also called x-gzip (RFC 9110, 8.4.1.3).
func isGzip(coding string) bool {
	return strings.EqualFold(coding, "gzip") || strings.EqualFold(coding, "x-gzip")
}

// decode splits the source in two. wire, the lower one, counts what the client sends and
// enforces the deadlines. source, above it, counts the decoded bytes and keeps them. Both have
// the limit of a body, so that a decompression bomb ends as any large body does.
func (c *check) decode() {
	c.source = &source{
		ctx: c.ctx, body: &gunzip{in: c.wire}, clock: &clock{off: true},
		keep: c.wire.keep, limit: c.wire.limit,
	}
	c.wire.keep = nil
	c.body.mem.expect = 0 // the announced length is that of the coded bytes
}

// coded reports whether the body has a content coding, which is decoded as it arrives.
func (c *check) coded() bool { return c.source != c.wire }

// gunzip decodes a body of one or more gzip members (RFC 1952, 2.2), to its very end. A body
// without a byte is empty, whatever its header says.
type gunzip struct {
	in *source
	z  *gzip.Reader
}

func (g *gunzip) Read(p []byte) (int, error) {
	if g.z == nil {
		z, err := gzip.NewReader(g.in)
		if err == io.EOF && g.in.n == 0 {
			return 0, io.EOF
		}
		if err != nil {
			return 0, g.failure(err)
		}
		g.z = z
	}
	n, err := g.z.Read(p)
	if err != nil && err != io.EOF {
		err = g.failure(err)
	}
	return n, err
}

// failure returns the connection's failure, if it failed, and otherwise blames the bytes.
func (g *gunzip) failure(err error) error {
	if failed := g.in.failed(); failed != nil {
		return failed
	}
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return badRequest("malformed content encoding", "gzip: cut off")
	}
	return badRequest("malformed content encoding", err.Error())
}

// decodedHeader returns h, corrected for the decoded body.
func decodedHeader(h http.Header, size int64) http.Header {
	h = h.Clone()
	h.Del("Content-Encoding")
	if h.Get("Content-Length") != "" {
		h.Set("Content-Length", strconv.FormatInt(size, 10))
	}
	return h
}
