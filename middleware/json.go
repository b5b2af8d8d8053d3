package middleware

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of a JSON body, in addition to those of a form.
const (
	maxJSONDepth   = 32
	maxJSONMembers = 256
)

// walkJSON reads one JSON object (RFC 8259) as a stream. It calls file with the decoded bytes of
// the string member named field, and token with the string member "token"; null counts as
// missing.
//
// It refuses names that differ from these two only in case, since encoding/json takes them for
// the same, and names that occur twice, since some parsers take the first and some the last. An
// error is the callback's own, or a 400 failure; the caller must check whether r itself failed.
func walkJSON(r io.Reader, field string, file func(io.Reader) error, token func(string) error) error {
	j := &jsonReader{r: bufio.NewReader(r)}
	j.expect('{')
	seen := map[string]bool{}
	for first := true; ; first = false {
		if first && j.peek() == '}' {
			break
		}
		name := j.text(maxFieldName)
		j.expect(':')
		if j.err != nil {
			return malformedJSON(j.err.Error())
		}
		if seen[name] || len(seen) == maxJSONMembers {
			return malformedJSON("name twice, or too many members")
		}
		seen[name] = true
		if strings.ContainsFunc(name, unicode.IsControl) {
			return malformedJSON("control character in a name") // some parsers end the name there
		}
		if err := j.member(name, field, file, token); err != nil {
			return err
		}
		if j.peek() != ',' {
			break
		}
		j.expect(',')
	}
	j.expect('}')
	if j.err != nil {
		return malformedJSON(j.err.Error())
	}
	if j.peek(); j.err != io.EOF {
		return malformedJSON("data after the object")
	}
	return nil
}

// member reads the value of a member of the outer object.
func (j *jsonReader) member(name, field string, file func(io.Reader) error, token func(string) error) error {
	for _, known := range []string{field, tokenField} {
		if name != known && strings.EqualFold(name, known) {
			return malformedJSON("a name differs in case only")
		}
	}
	isString := j.peek() == '"'
	switch {
	case (name == field || name == tokenField) && !isString:
		if j.peek() != 'n' {
			return malformedJSON("not a string")
		}
		j.skip(0)
	case name == field:
		data := &partData{r: newBase64(&jsonString{j: j})}
		err := file(data)
		if err == nil {
			_, err = io.Copy(io.Discard, data)
		}
		if data.err != nil {
			return malformedJSON(data.err.Error())
		}
		return err
	case name == tokenField:
		if s := j.text(maxTextBytes); j.err == nil {
			return token(s)
		}
	default:
		j.skip(0)
	}
	if j.err != nil {
		return malformedJSON(j.err.Error())
	}
	return nil
}

// jsonReader reads JSON values, with a sticky error.
type jsonReader struct {
	r   *bufio.Reader
	err error // io.EOF too: it is allowed only after the end of the object
}

func (j *jsonReader) fail(why string) {
	if j.err == nil {
		j.err = errors.New(why)
	}
}

// next returns the next byte, or 0 after an error: JSON text has no NUL byte.
func (j *jsonReader) next() byte {
	if j.err != nil {
		return 0
	}
	c, err := j.r.ReadByte()
	if err != nil {
		j.err = err
		return 0
	}
	return c
}

// peek skips white space and returns the byte after it without consuming it, or 0 at the end.
func (j *jsonReader) peek() byte {
	for {
		switch c := j.next(); c {
		case ' ', '\t', '\r', '\n':
		case 0:
			j.fail("NUL byte")
			return 0
		default:
			j.fail2(j.r.UnreadByte())
			return c
		}
	}
}

func (j *jsonReader) fail2(err error) {
	if j.err == nil {
		j.err = err
	}
}

func (j *jsonReader) expect(c byte) {
	if j.peek() != c {
		j.fail("expected " + string(rune(c)))
		return
	}
	j.next()
}

// text reads a string of at most limit bytes.
func (j *jsonReader) text(limit int64) string {
	if j.peek() != '"' {
		j.fail("expected a string")
		return ""
	}
	b, err := io.ReadAll(io.LimitReader(&jsonString{j: j}, limit+1))
	j.fail2(err)
	if int64(len(b)) > limit || !utf8.Valid(b) {
		j.fail("string too long, or not UTF-8")
	}
	return string(b)
}

// skip skips any value.
func (j *jsonReader) skip(depth int) {
	if depth > maxJSONDepth {
		j.fail("nested too deep")
	}
	if j.err != nil {
		return
	}
	switch c := j.peek(); c {
	case '"':
		_, err := io.Copy(io.Discard, &jsonString{j: j})
		j.fail2(err)
	case '[':
		j.next()
		j.list(']', func() { j.skip(depth + 1) })
	case '{':
		j.next()
		j.list('}', func() {
			if j.peek() != '"' {
				j.fail("expected a name")
				return
			}
			j.skip(depth + 1)
			j.expect(':')
			j.skip(depth + 1)
		})
	default:
		j.literal()
	}
}

// list reads elements up to the closing byte.
func (j *jsonReader) list(closing byte, element func()) {
	if j.peek() != closing {
		for element(); j.peek() == ','; element() {
			j.next()
		}
	}
	j.expect(closing)
}

// literal reads true, false, null or a number. It checks only the alphabet and the length of a
// number: every parser finds its end in the same place.
func (j *jsonReader) literal() {
	const maxLiteral = 64
	for n := 0; ; n++ {
		c := j.next()
		if !strings.ContainsRune("+-.0123456789Eaeflnrstu", rune(c)) || c == 0 {
			if n == 0 || j.err != nil {
				j.fail("expected a value")
				return
			}
			j.fail2(j.r.UnreadByte())
			return
		}
		if n == maxLiteral {
			j.fail("literal too long")
			return
		}
	}
}

// jsonString reads the unescaped bytes of one string, and consumes the opening quote first.
type jsonString struct {
	j            *jsonReader
	opened, over bool
	pending      []byte // the rest of an escape that stands for several bytes
}

func (s *jsonString) Read(p []byte) (int, error) {
	if !s.opened {
		s.opened = true
		s.j.expect('"')
	}
	n := copy(p, s.pending)
	s.pending = s.pending[n:]
	for n < len(p) && !s.over && s.j.err == nil {
		if k := s.plain(p[n:]); k > 0 {
			n += k
			continue
		}
		switch c := s.j.next(); {
		case c == '"':
			s.over = true
		case c == '\\':
			s.pending = s.escape(s.pending[:0])
			k := copy(p[n:], s.pending)
			s.pending = s.pending[k:]
			n += k
		case c < 0x20:
			s.j.fail("control character in a string")
		default:
			p[n] = c
			n++
		}
	}
	if n > 0 {
		return n, nil
	}
	if s.j.err == io.EOF {
		return 0, io.ErrUnexpectedEOF
	}
	if s.j.err != nil {
		return 0, s.j.err
	}
	if s.over {
		return 0, io.EOF
	}
	return 0, nil // len(p) is 0
}

// plain copies the buffered bytes that stand for themselves. Reading byte by byte runs at a
// tenth of this speed.
func (s *jsonString) plain(p []byte) int {
	ready, _ := s.j.r.Peek(min(s.j.r.Buffered(), len(p)))
	n := 0
	for n < len(ready) && ready[n] != '"' && ready[n] != '\\' && ready[n] >= 0x20 {
		n++
	}
	copy(p, ready[:n])
	_, err := s.j.r.Discard(n)
	s.j.fail2(err)
	return n
}

// escape appends what the escape after a backslash stands for.
func (s *jsonString) escape(b []byte) []byte {
	const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	c := s.j.next()
	if i := strings.IndexByte(from, c); i >= 0 {
		return append(b, to[i])
	}
	if c != 'u' {
		s.j.fail("unknown escape")
		return b
	}
	r := s.hex4()
	if utf16.IsSurrogate(r) {
		if s.j.next() != '\\' || s.j.next() != 'u' {
			s.j.fail("lone surrogate")
		}
		// encoding/json reads a lone surrogate as U+FFFD; other parsers fail.
		if r = utf16.DecodeRune(r, s.hex4()); r == utf8.RuneError {
			s.j.fail("lone surrogate")
		}
	}
	return utf8.AppendRune(b, r)
}

func (s *jsonString) hex4() rune {
	var r rune
	for range 4 {
		i := strings.IndexByte("0123456789abcdefABCDEF", s.j.next())
		if i < 0 {
			s.j.fail("bad \\u escape")
			return 0
		}
		if i >= 16 {
			i -= 6 // a capital
		}
		r = r<<4 | rune(i)
	}
	return r
}

// partData remembers the error that ended the reading of a file early.
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
