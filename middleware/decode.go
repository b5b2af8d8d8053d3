package middleware

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Content codings (RFC 9110, 8.4). The next handler gets decoded bytes, not the
// coded ones with their header: it would have to decode again, without our
// limits, and decoders differ in what they make of a second gzip member or of
// bytes behind the last.

const unsupportedCoding = "unsupported content encoding"

// codings returns what Accept-Encoding of a 415 names.
func (o *Options) codings() string {
	if o.DecodeContent {
		return "gzip"
	}
	return "identity"
}

// readContentEncoding puts a decoder behind the body if there is one coding that
// may be decoded.
//
// "deflate" is none: it means zlib's format, and many senders' raw DEFLATE.
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

// isGzip reports whether a coding is gzip; x-gzip is the same (RFC 9110, 8.4.1.3).
func isGzip(coding string) bool {
	return strings.EqualFold(coding, "gzip") || strings.EqualFold(coding, "x-gzip")
}

// decode splits the source in two: wire below counts what the client sends and
// holds it to its deadlines, source above counts what that decodes to and keeps
// it. Both have the limit of a body, so that a bomb ends as any large body does.
func (c *check) decode() {
	c.source = &source{
		ctx: c.ctx, body: &gunzip{in: c.wire}, clock: &clock{off: true},
		sinks: c.wire.sinks, limit: c.wire.limit,
	}
	c.wire.sinks = nil
}

// coded reports whether the body is decoded on its way.
func (c *check) coded() bool { return c.source != c.wire }

// gunzip decodes a body of one or more gzip members (RFC 1952, 2.2), up to its
// very end. No byte at all is an empty body, whatever its header says.
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

// failure returns why decoding failed: the connection, or else the bytes.
func (g *gunzip) failure(err error) error {
	if failed := g.in.failed(); failed != nil {
		return failed
	}
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return badRequest("malformed content encoding", "gzip: cut off")
	}
	return badRequest("malformed content encoding", err.Error())
}

// decodedHeader returns h as it is true of the decoded body.
func decodedHeader(h http.Header, size int64) http.Header {
	h = h.Clone()
	h.Del("Content-Encoding")
	if h.Get("Content-Length") != "" {
		h.Set("Content-Length", strconv.FormatInt(size, 10))
	}
	return h
}
