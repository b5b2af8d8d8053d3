package form

import (
	"mime"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a part's names, in bytes.
const (
	MaxName     = 256
	MaxFileName = 1024 // 255 characters in UTF-8, the most a file system takes

	// maxLine is the most bytes in one line of a part's header. PHP reads 5120 bytes of a line
	// and takes the rest for another line.
	maxLine = 4096
)

// headerNames returns the names that a part's header may have. RFC 7578, 4.8, allows three;
// OkHttp, Spring and others write Content-Length too.
func headerNames() [4]string {
	return [...]string{"content-disposition", "content-type", "content-length", "content-transfer-encoding"}
}

// Part is one part of a form.
type Part struct {
	Name     string // of the field, never empty
	FileName string // base name the client gave, not to be trusted; "" if none
	Marked   bool   // has filename or filename*, even an empty one: a file to some parser
	Type     string // media type in lower case, "" if none is named
	Charset  string // of Type, "" if none is named
	Offset   int64  // of the data in the body
	Size     int64  // of the data in bytes, once read

	declared int64 // Content-Length, -1 if none
}

// Text reports whether the part is a text field by its header: it has no file name,
// and its type, if it has one, is text, JSON or XML.
func (p *Part) Text() bool { return !p.Marked && (p.Type == "" || IsText(p.Type)) }

// IsText reports whether a media type is text, JSON or XML.
func IsText(media string) bool {
	kind, subtype, _ := strings.Cut(media, "/")
	switch {
	case kind == "text":
		return true
	case kind != "application":
		return false // SVG is an image first
	}
	return subtype == "json" || subtype == "xml" ||
		strings.HasSuffix(subtype, "+json") || strings.HasSuffix(subtype, "+xml")
}

// parseHeader reads the lines of a part's header.
func parseHeader(b []byte) (*Part, error) {
	p := &Part{declared: -1}
	names := headerNames()
	var seen [len(names)]bool
	for text := string(b); text != ""; {
		line, rest, _ := strings.Cut(text, "\r\n")
		text = rest
		name, value, err := splitLine(line)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(names[:], func(s string) bool { return strings.EqualFold(s, name) })
		if i < 0 || !isToken(name) { // EqualFold alone takes a long s for an s
			// It would be a fold, a trick with blanks, or something that only the next parser
			// knows.
			return nil, Error("an unknown name in a part header")
		}
		if seen[i] {
			return nil, Error("a header line of a part stands twice")
		}
		seen[i] = true
		if err := p.set(names[i], value); err != nil {
			return nil, err
		}
	}
	if !seen[0] {
		return nil, Error("a part without a Content-Disposition")
	}
	return p, nil
}

// splitLine returns the name and the value of a header line.
func splitLine(line string) (string, string, error) {
	name, value, found := strings.Cut(line, ":")
	value = strings.TrimPrefix(value, " ")
	switch {
	case len(line) > maxLine:
		return "", "", Error("a line of a part header is too long")
	case !found || name == "":
		return "", "", Error("a header line of a part without a name")
	case hasControl(value):
		return "", "", Error("a control character in a part header")
	case strings.TrimSpace(value) != value || value == "":
		return "", "", Error("blanks around the value of a part header")
	}
	return name, value, nil
}

// set takes in one header line of these names.
func (p *Part) set(name, value string) error {
	var err error
	switch name {
	case "content-disposition":
		return p.setDisposition(value)
	case "content-type":
		return p.setType(value)
	case "content-length":
		p.declared, err = parseSize(value)
		return err
	case "content-transfer-encoding":
		// RFC 7578, 4.7, deprecates it. Go decodes quoted-printable, some parsers base64 too,
		// and most neither.
		switch strings.ToLower(value) {
		case "7bit", "8bit", "binary":
			return nil
		}
		return Error("a Content-Transfer-Encoding that changes the bytes")
	}
	return nil
}

// setType takes in the Content-Type of a part.
func (p *Part) setType(value string) error {
	t, err := ParseType(value)
	if err != nil {
		return err
	}
	kind, _, _ := strings.Cut(t.Media, "/")
	if kind == "multipart" || kind == "message" {
		// This is RFC 2388's way to send several files, deprecated by RFC 7578, 4.3: some
		// parsers look inside, others do not.
		return Error("a multipart part")
	}
	for _, x := range t.Params {
		// A parser that searches a header for "name=" finds it here too.
		if holdsParameter(x.Name+"=") || strings.Contains(x.raw, "=") {
			return Error("a name in the Content-Type of a part")
		}
		if x.Name == "charset" {
			p.Charset = x.Value
		} else if IsText(t.Media) {
			return Error("an unknown parameter in the Content-Type of a text field")
		}
	}
	p.Type = t.Media
	return nil
}

// setDisposition takes in the Content-Disposition of a part (RFC 7578, 4.2).
func (p *Part) setDisposition(value string) error {
	rest, found := strings.CutPrefix(value, "form-data")
	if !found {
		return Error("a Content-Disposition that is not form-data")
	}
	params, err := parseParams(rest)
	if err != nil {
		return err
	}
	escaped := false // an earlier file name has a backslash
	for _, x := range params {
		switch x.Name {
		case "name":
			if escaped {
				return Error("a backslash in a name")
			}
			err = checkName(x)
		case "filename":
			p.Marked = true
			escaped = strings.Contains(x.raw, `\`)
			err = checkFileName(x)
		case "filename*":
			p.Marked = true
			err = checkExtended(x)
		default:
			err = Error("an unknown parameter of a Content-Disposition")
		}
		if err != nil {
			return err
		}
	}
	// Take the values that Go's parser reads, which the next handler may use.
	name, fileName, err := goNames(value, params)
	if err != nil {
		return Error("a Content-Disposition that cannot be parsed")
	}
	p.Name = name
	if p.Name == "" || len(p.Name) > MaxName {
		return Error("the name of a part is missing or too long")
	}
	if fileName != "" {
		p.FileName = path.Base(fileName)
	}
	if len(p.FileName) > MaxFileName || hasControl(p.FileName) {
		return Error("the file name of a part is too long, or has a control character")
	}
	return nil
}

// goNames returns the name and the file name that Go's parser reads in a Content-Disposition
// with these parameters. Without escapes and RFC 8187's names they are what stands there.
func goNames(value string, params []Param) (name, fileName string, err error) {
	plain := true
	for _, x := range params {
		switch {
		case x.Name == "name":
			name = x.raw
		case x.Name == "filename":
			fileName = x.raw
		default:
			plain = false
		}
		plain = plain && !strings.Contains(x.raw, `\`)
	}
	if plain {
		return name, fileName, nil
	}
	_, values, err := mime.ParseMediaType(value)
	return values["name"], values["filename"], err
}

// checkName refuses a field name that parsers read differently. Some strip single quotes,
// backslashes or surrounding blanks, some decode %22 or RFC 2047's encoded words, and some find
// parameters in it.
func checkName(x Param) error {
	if strings.HasPrefix(x.Value, " ") || strings.HasSuffix(x.Value, " ") || !utf8.ValidString(x.Value) {
		return Error("a field name that parsers read differently")
	}
	for _, r := range x.Value {
		if !unicode.In(r, unicode.L, unicode.N, unicode.M) && !strings.ContainsRune("_-.[]:@$/+~#!|() ", r) {
			return Error("a field name that parsers read differently")
		}
	}
	return nil
}

// checkFileName refuses a file name in which some parser finds another parameter.
func checkFileName(x Param) error {
	switch {
	case breaksLines(x.raw):
		return Error("a line separator in a file name")
	case holdsParameter(x.raw):
		return Error("a parameter in a file name")
	case strings.Contains(x.raw, `\`) && strings.ContainsAny(x.raw, ";="):
		// Browsers write a quote as %22, older clients as \", and some parsers read the
		// backslash literally. Then the rest of the name must not look like a parameter.
		return Error("a backslash and a separator in a file name")
	}
	return nil
}

// breaksLines reports whether s holds a line end of Unicode, such as U+0085, which Python's
// str.splitlines obeys, or, if s is not UTF-8, one of Latin-1.
func breaksLines(s string) bool {
	if !utf8.ValidString(s) && hasLatin1Control(s) {
		return true
	}
	return strings.ContainsFunc(s, func(r rune) bool { return 0x80 <= r && r <= 0x9f || r == 0x2028 || r == 0x2029 })
}

func hasLatin1Control(s string) bool {
	for i := range len(s) {
		if 0x80 <= s[i] && s[i] <= 0x9f {
			return true
		}
	}
	return false
}

// holdsParameter reports whether a parser that searches a header for "name=" finds one in s.
// Several do so with regular expressions that ignore quotes.
func holdsParameter(s string) bool {
	s = strings.ToLower(s)
	for {
		_, rest, found := strings.Cut(s, "name")
		if !found {
			return false
		}
		if strings.HasPrefix(strings.TrimLeft(rest, "*0123456789 \t"), "=") {
			return true
		}
		s = rest
	}
}

// checkExtended refuses a filename* that is not UTF-8 as in RFC 8187, 3.2: Go's parser drops it,
// and other parsers see a file.
func checkExtended(x Param) error {
	charset, rest, _ := strings.Cut(x.Value, "'")
	language, text, found := strings.Cut(rest, "'")
	if !found || x.quoted || !strings.EqualFold(charset, "utf-8") || strings.ContainsAny(language, "%") {
		return Error("a filename* that is not UTF-8")
	}
	name, ok := percentDecoded(text)
	if !ok || name == "" || !utf8.ValidString(name) || hasControl(name) || breaksLines(name) || strings.Contains(text, "'") {
		return Error("a filename* that is not UTF-8")
	}
	return nil
}

// percentDecoded undoes RFC 3986, 2.1.
func percentDecoded(s string) (string, bool) {
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b = append(b, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		hi, lo := strings.IndexByte(hexDigits, s[i+1]|0x20), strings.IndexByte(hexDigits, s[i+2]|0x20)
		if hi < 0 || lo < 0 {
			return "", false
		}
		b = append(b, byte(hi<<4|lo))
		i += 2
	}
	return string(b), true
}

const hexDigits = "0123456789abcdef"

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f })
}
