package middleware

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/imgvet/imgvet/internal/form"
)

// tokenField is the text field, or JSON member, of the access token.
const tokenField = "token"

// kind is what a body holds, by its Content-Type.
type kind int

const (
	raw       kind = iota // the body is the file
	multipart             // the body is a form
	object                // JSON that holds a file
	text                  // no file that we know of
	unsure                // the file or no file, which the bytes decide
)

// readHeaders learns from the headers what the body holds, and the token if they have one.
func (c *check) readHeaders() error {
	h := c.r.Header
	if c.r.MultipartForm != nil || c.r.PostForm != nil {
		return internalError(errors.New("middleware: the body was parsed before; wrap an outer handler"))
	}
	if dropsHeaders(h["Connection"]) {
		return badRequest("malformed Connection", "Connection names a header that describes the body or the client")
	}
	if err := c.readContentEncoding(h["Content-Encoding"]); err != nil {
		return err
	}
	if err := c.readContentType(h["Content-Type"]); err != nil {
		return err
	}
	return c.readToken(h["Authorization"])
}

// dropsHeaders reports whether a Connection header names a header that is not hop-by-hop (RFC
// 9110, 7.6.1). A proxy behind us would drop it, and we judged the body by it.
func dropsHeaders(values []string) bool {
	for name := range strings.SplitSeq(strings.ToLower(strings.Join(values, ",")), ",") {
		name = strings.TrimSpace(name)
		if strings.HasPrefix(name, "content-") || slices.Contains([]string{"authorization", "cookie", "host", "expect"}, name) {
			return true
		}
	}
	return false
}

// isLookalike reports whether the name of a header has an underscore and stands for a header
// that we judge the body by: CGI, WSGI and Rack cannot tell Content_Type from Content-Type (RFC
// 3875, 4.1.18).
func isLookalike(name string) bool {
	if !strings.Contains(name, "_") {
		return false
	}
	name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	return strings.HasPrefix(name, "content-") || slices.Contains([]string{"transfer-encoding", "authorization", "connection"}, name)
}

// withoutLookalikes returns h without lookalikes, which no handler misses. It returns h itself
// if there are none.
func withoutLookalikes(h http.Header) http.Header {
	for name := range h {
		if isLookalike(name) {
			h = h.Clone()
			maps.DeleteFunc(h, func(name string, _ []string) bool { return isLookalike(name) })
			return h
		}
	}
	return h
}

func (c *check) readContentType(values []string) error {
	if len(values) > 1 {
		return badRequest("malformed Content-Type", "several Content-Types")
	}
	if len(values) == 0 || strings.TrimSpace(values[0]) == "" {
		c.kind = raw // RFC 9110, 8.3
		return nil
	}
	t, err := form.ParseType(values[0])
	if err != nil {
		return badRequest("malformed Content-Type", err.Error())
	}
	c.media = t.Media
	switch {
	case t.Media == form.FormData:
		c.kind = multipart
		if c.boundary, err = t.Boundary(); err != nil {
			return formFailure(err)
		}
	case strings.HasPrefix(t.Media, "multipart/"):
		// The next handler may find files in the parts of such a body. We have no rule for it,
		// so it counts as a body without a file, which is code 6; it never passes.
		c.kind = text
		if c.m.opts.Optional {
			return unsupportedType("multipart, and no form")
		}
	case isJSON(t.Media) && c.m.opts.JSONField != "" && !c.m.opts.Optional:
		c.kind = object
	case t.Media == "application/x-www-form-urlencoded":
		// curl --data-binary and wget --post-file give this type to a file.
		c.kind = unsure
	case form.IsText(t.Media):
		c.kind = text
		if c.m.opts.Optional {
			c.kind = unsure // it may pass, but not for its declared type alone
		}
	}
	return nil
}

// isJSON reports whether a media type is JSON of some kind.
func isJSON(media string) bool {
	return strings.HasSuffix(media, "/json") || strings.HasSuffix(media, "+json")
}

// readToken takes the token of `Authorization: Bearer` (RFC 6750, 2.1). It ignores other
// schemes.
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

// hasBody reports whether r may have a body.
func hasBody(r *http.Request) bool {
	return r.Body != nil && r.Body != http.NoBody && r.ContentLength != 0
}

// needsBody reports whether requests of this method must have a body. Frameworks take methods in
// any case.
func needsBody(method string) bool {
	switch strings.ToUpper(method) {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		return true
	}
	return false
}

// expectsContinue reports whether the client waits for 100 Continue before it
// sends the body (RFC 9110, 10.1.1).
func expectsContinue(r *http.Request) bool {
	return r.ProtoAtLeast(1, 1) && strings.EqualFold(strings.TrimSpace(r.Header.Get("Expect")), "100-continue")
}
