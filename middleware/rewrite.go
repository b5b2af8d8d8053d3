package middleware

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/imgvet/imgvet/internal/form"
)

// This file makes the request that the next handler gets.

// request returns the request for the next handler.
func (c *check) request() *http.Request {
	r := c.r.WithContext(withFiles(c.ctx, c.verified()))
	r.TransferEncoding = nil
	r.Body, r.GetBody, r.ContentLength = c.body.open(), c.body.reopen, c.body.size
	r.Header = withoutLookalikes(r.Header)
	if c.coded() {
		r.Header = decodedHeader(r.Header, c.body.size)
	}
	if !c.m.opts.Rewrite || c.count() == 0 && c.kind != multipart {
		return r
	}
	switch c.kind {
	case multipart:
		c.rewriteForm(r)
	case raw:
		r.Header = r.Header.Clone()
		r.Header.Set("Content-Type", c.files[0].Result.Format.MIME())
	}
	return r
}

// rewriteForm replaces the client's form by the canonical one. Only the data of its parts is
// still the client's.
func (c *check) rewriteForm(r *http.Request) {
	out := form.NewCanonical()
	var pieces []piece
	size := int64(0)
	add := func(p piece) {
		pieces = append(pieces, p)
		size += p.size()
	}
	for _, p := range c.parts {
		add(piece{text: out.Header(p.Part, !p.text, c.canonicalType(p))})
		add(piece{off: p.Offset, n: p.Size})
		add(piece{text: out.AfterData()})
	}
	add(piece{text: out.End()})

	r.Header = r.Header.Clone()
	r.Header.Set("Content-Type", out.ContentType())
	for _, name := range []string{"Content-Digest", "Repr-Digest", "Digest", "Content-MD5"} {
		r.Header.Del(name) // they describe the client's bytes
	}
	if r.Header.Get("Content-Length") != "" {
		r.Header.Set("Content-Length", strconv.FormatInt(size, 10))
	}
	r.ContentLength = size
	r.GetBody = func() (io.ReadCloser, error) {
		if c.body.closed.Load() {
			return nil, http.ErrBodyReadAfterClose
		}
		return &replayReader{ReadSeeker: gathered{c.body.pieces(pieces)}, replay: c.body}, nil
	}
	r.Body, _ = r.GetBody()
}

// canonicalType returns the Content-Type for a part: that of its content if it was verified, and
// none for plain text, since parsers that go by the type alone would take a text field with one
// for a file.
func (c *check) canonicalType(p *received) string {
	switch {
	case p.file != nil && !p.file.blank:
		return p.file.Result.Format.MIME()
	case !p.text || p.Charset == "" || isUTF8(p.Charset):
		if p.text && p.Type == "text/plain" {
			return ""
		}
		return p.Type
	}
	return p.Type + "; charset=" + p.Charset // without it the bytes would mean something else
}

func isUTF8(charset string) bool {
	return slices.Contains([]string{"utf-8", "utf8", "us-ascii", "ascii"}, strings.ToLower(charset))
}
