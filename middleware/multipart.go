package middleware

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"strings"
)

// part is what the header of one part says.
type part struct {
	name     string
	fileName string // as mime/multipart's Part.FileName returns it
	marked   bool   // has a filename parameter, be it empty
	picture  bool   // has a Content-Type of a file
}

// walkForm calls visit for each part of a multipart/form-data body, in order,
// and returns their number. What visit leaves unread is skipped.
//
// It reads with mime/multipart, as the next handler does, and refuses what
// another parser could read differently. An error is visit's own, or a failure
// 400; the caller knows whether r itself failed.
func walkForm(r io.Reader, boundary string, visit func(part, io.Reader) error) (int, error) {
	guard := &headerGuard{r: r}
	parser := multipart.NewReader(guard, boundary)
	for n := 0; ; n++ {
		guard.limit(maxPartHeaderBytes + parserBuffer)
		// Raw: NextPart would decode quoted-printable, and not say so.
		p, err := parser.NextRawPart()
		guard.limit(-1)
		if err == io.EOF { // not wrapped: the final boundary was there
			return n, nil
		}
		if err != nil {
			return n, parserFailure(err)
		}
		if n == maxParts {
			return n, malformed("too many parts")
		}
		info, err := readPart(p)
		if err != nil {
			return n, err
		}
		data := &partData{r: p}
		err = visit(info, data)
		if err == nil {
			_, err = io.Copy(io.Discard, data)
		}
		if data.err != nil {
			return n, parserFailure(data.err)
		}
		if err != nil {
			return n, err
		}
	}
}

// parserFailure names what mime/multipart did not like. Its own words quote the
// body.
func parserFailure(err error) error {
	switch {
	case errors.Is(err, errHeaderBytes):
		return malformed("part header too long")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return malformed("no final boundary")
	}
	return malformed("a line that is not multipart")
}

// parserBuffer is how far mime/multipart may read ahead of a header.
const parserBuffer = 8 << 10

var errHeaderBytes = errors.New("part header too long")

// headerGuard bounds what mime/multipart reads between two parts, where its own
// limit is 10 MiB.
type headerGuard struct {
	r    io.Reader
	left int // -1 is no limit
}

func (g *headerGuard) limit(n int) { g.left = n }

func (g *headerGuard) Read(p []byte) (int, error) {
	if g.left < 0 {
		return g.r.Read(p)
	}
	if g.left == 0 {
		return 0, errHeaderBytes
	}
	n, err := g.r.Read(p[:min(len(p), g.left)])
	g.left -= n
	return n, err
}

// partData remembers why a part could not be read to its end.
type partData struct {
	r   io.Reader
	err error
}

func (d *partData) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	if err != nil && err != io.EOF {
		d.err = err
	}
	return n, err
}

// readPart reads the header of a part, and refuses one that two parsers could
// take for different parts.
func readPart(p *multipart.Part) (part, error) {
	size := 0
	for key, values := range p.Header {
		for _, v := range values {
			size += len(key) + len(": \r\n") + len(v)
		}
	}
	if size > maxPartHeaderBytes {
		return part{}, malformed("part header too long")
	}
	if err := checkEncoding(p.Header); err != nil {
		return part{}, err
	}
	disposition := p.Header["Content-Disposition"]
	if len(disposition) != 1 {
		return part{}, malformed("a part needs one Content-Disposition")
	}
	if !soundParameters(disposition[0]) {
		return part{}, malformed("ambiguous Content-Disposition")
	}
	kind, params, err := mime.ParseMediaType(disposition[0])
	if err != nil || kind != "form-data" {
		return part{}, malformed("not a form-data Content-Disposition")
	}
	_, marked := params["filename"]
	info := part{name: params["name"], fileName: p.FileName(), marked: marked}
	if info.name == "" || len(info.name) > maxFieldName || len(info.fileName) > maxFileName {
		return part{}, malformed("name missing or too long")
	}
	if hasControl(info.name) || hasControl(info.fileName) {
		return part{}, malformed("control character in a name")
	}
	types := p.Header["Content-Type"]
	if len(types) > 1 {
		return part{}, malformed("two Content-Types in a part")
	}
	if len(types) == 1 {
		media := mediaType(types[0])
		if strings.HasPrefix(media, "multipart/") {
			// RFC 2388's way to send several files, deprecated by RFC 7578, 4.3:
			// some parsers look inside, mime/multipart does not.
			return part{}, malformed("multipart inside a part")
		}
		info.picture = isFileType(media)
	}
	return info, nil
}

// checkEncoding refuses a Content-Transfer-Encoding that changes the bytes. RFC
// 7578, 4.7, deprecates the field; NextPart decodes quoted-printable, other
// parsers base64 too, and most neither.
func checkEncoding(h textproto.MIMEHeader) error {
	for _, v := range h["Content-Transfer-Encoding"] {
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "7bit", "8bit", "binary":
		default:
			return malformed("Content-Transfer-Encoding changes the bytes")
		}
	}
	return nil
}

// soundParameters reports whether v has each parameter once, in a spelling that
// every parser knows. RFC 2231's extensions are refused but for filename*, which
// some clients send beside filename (RFC 7578, 4.2, forbids it).
func soundParameters(v string) bool {
	names := parameterNames(v, true)
	// Browsers write a quote as %22, older clients as \", and some parsers take
	// the backslash for itself: both readings must find the same parameters.
	if strings.Join(names, ";") != strings.Join(parameterNames(v, false), ";") {
		return false
	}
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] || strings.Contains(name, "*") && name != "filename*" {
			return false
		}
		seen[name] = true
	}
	return true
}

// parameterNames returns the names of v's parameters in lower case, in order.
// escapes says whether a backslash in a quoted string hides a quote.
func parameterNames(v string, escapes bool) []string {
	var names []string
	_, rest, more := strings.Cut(v, ";")
	for more {
		end := strings.IndexAny(rest, "=;")
		if end < 0 {
			end = len(rest)
		}
		if name := strings.ToLower(strings.TrimSpace(rest[:end])); name != "" {
			names = append(names, name)
		}
		rest, more = afterValue(rest[end:], escapes)
	}
	return names
}

// afterValue returns what follows the next semicolon outside of quotes.
func afterValue(v string, escapes bool) (string, bool) {
	quoted := false
	for i := 0; i < len(v); i++ {
		switch {
		case v[i] == '"':
			quoted = !quoted
		case v[i] == '\\' && quoted && escapes:
			i++
		case v[i] == ';' && !quoted:
			return v[i+1:], true
		}
	}
	return "", false
}

// mediaType returns the type in a Content-Type, in lower case.
func mediaType(v string) string {
	v, _, _ = strings.Cut(v, ";")
	return strings.ToLower(strings.TrimSpace(v))
}

// isFileType reports whether media is the type of a file that we check.
func isFileType(media string) bool {
	return strings.HasPrefix(media, "image/") || media == "application/octet-stream"
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f })
}
