package middleware

import (
	"errors"
	"mime"
	"net/http"
	"strings"
)

// tokenField is the text field, or JSON member, of the access token.
const tokenField = "token"

// kind is what a body is, by its Content-Type.
type kind int

const (
	other  kind = iota // holds no file that we know of
	raw                // is the file
	form               // multipart/form-data
	object             // JSON
)

// readHeaders learns from the headers what the body is, and the token if it is
// there.
func (c *check) readHeaders() error {
	h := c.r.Header
	if c.r.MultipartForm != nil || c.r.PostForm != nil {
		return internalError(errors.New("middleware: the body was parsed before; wrap an outer handler"))
	}
	if err := c.readContentEncoding(h["Content-Encoding"]); err != nil {
		return err
	}
	if err := c.readContentType(h["Content-Type"]); err != nil {
		return err
	}
	return c.readToken(h["Authorization"])
}

func (c *check) readContentType(values []string) error {
	if len(values) > 1 {
		return badRequest("malformed Content-Type", "several Content-Types")
	}
	if len(values) == 0 || strings.TrimSpace(values[0]) == "" {
		c.kind = raw // RFC 9110, 8.3
		return nil
	}
	switch media := mediaType(values[0]); {
	case isFileType(media):
		c.kind = raw
	case media == "application/json" && c.m.opts.JSONField != "":
		c.kind = object
	case media == "multipart/form-data":
		c.kind = form
		_, params, err := mime.ParseMediaType(values[0])
		boundary := params["boundary"]
		if err != nil || boundary == "" || len(boundary) > maxBoundary || !soundParameters(values[0]) {
			return malformed("bad boundary parameter")
		}
		c.boundary = boundary
	}
	return nil
}

// readToken takes the token of `Authorization: Bearer` (RFC 6750, 2.1). Other
// schemes are not ours.
func (c *check) readToken(values []string) error {
	for _, v := range values {
		scheme, token, _ := strings.Cut(strings.TrimSpace(v), " ")
		if token = strings.TrimSpace(token); token == "" || !strings.EqualFold(scheme, "Bearer") {
			continue
		}
		if err := c.setToken(token); err != nil {
			return err
		}
	}
	return nil
}

// expectsContinue reports whether the client waits for 100 Continue before it
// sends the body (RFC 9110, 10.1.1).
func expectsContinue(r *http.Request) bool {
	return r.ProtoAtLeast(1, 1) && strings.EqualFold(strings.TrimSpace(r.Header.Get("Expect")), "100-continue")
}
