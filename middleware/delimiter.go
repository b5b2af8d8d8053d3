package middleware

import "bytes"

// delimiters watches a multipart body go by and finds every line that starts
// with the boundary. Parsers disagree about the odd ones: lines that end in LF
// only (mime/multipart then takes the CR before the next boundary for data),
// "--boundaryX" (some compare only the prefix), padding behind the boundary, and
// parts behind the final one. A client that makes up a boundary as RFC 2046
// 5.1.1 asks never sends any of these, so they are refused, and the next handler
// cannot see other parts than we did.
type delimiters struct {
	pattern []byte // "\n--boundary"
	window  []byte // unread bytes, and before them the byte before
	count   int
	odd     bool
	final   bool
}

func newDelimiters(boundary string) *delimiters {
	return &delimiters{
		pattern: []byte("\n--" + boundary),
		// The body starts a line, as if a CRLF stood before it.
		window: []byte("\r\n"),
	}
}

// Write never fails.
func (d *delimiters) Write(p []byte) (int, error) {
	d.window = append(d.window, p...)
	d.scan(false)
	return len(p), nil
}

// end judges what is left when the body is over.
func (d *delimiters) end() { d.scan(true) }

// scan passes over the window and leaves what only more bytes can judge: a
// possible start of the pattern with the byte before, or a match whose line is
// not over yet.
func (d *delimiters) scan(last bool) {
	pos := 0
	for {
		i := bytes.Index(d.window[pos:], d.pattern)
		if i < 0 {
			pos = max(pos, len(d.window)-len(d.pattern))
			break
		}
		i += pos
		rest := d.window[i+len(d.pattern):]
		if len(rest) < len("--\r\n") && !last {
			pos = max(0, i-1)
			break
		}
		d.count++
		d.judge(i > 0 && d.window[i-1] == '\r', rest)
		pos = i + len(d.pattern)
	}
	d.window = append(d.window[:0], d.window[pos:]...)
}

// judge looks at what follows a boundary, up to four bytes or the body's end.
func (d *delimiters) judge(afterCR bool, rest []byte) {
	switch {
	case !afterCR, d.final:
		d.odd = true
	case bytes.Equal(rest, []byte("--")), bytes.HasPrefix(rest, []byte("--\r\n")):
		d.final = true
	case bytes.HasPrefix(rest, []byte("\r\n")):
	default:
		d.odd = true
	}
}

// agree reports whether the body has exactly the parts that a parser found.
func (d *delimiters) agree(parts int) bool {
	return !d.odd && d.final && d.count == parts+1
}
