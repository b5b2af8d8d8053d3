package form

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxBoundary is how many bytes a boundary may have (RFC 2046, 5.1.1).
const MaxBoundary = 70

// Type is a Content-Type.
type Type struct {
	Media  string // "image/png", in lower case
	Params []Param
}

// Param is one parameter of a header field.
type Param struct {
	Name  string // as written, but in lower case in a Content-Type
	Value string // without quotes

	raw    string // between the quotes
	quoted bool
}

// FormData is the media type of a form.
const FormData = "multipart/form-data"

// ParseType reads a Content-Type that all parsers read alike: one type and one subtype, each
// parameter once, separated by a semicolon and nothing but blanks, no escapes, and nothing that
// a parser which only searches it for words could take for a form.
func ParseType(v string) (Type, error) {
	media, rest := v, ""
	if i := strings.IndexAny(v, "; "); i >= 0 {
		media, rest = v[:i], v[i:]
	}
	t := Type{Media: strings.ToLower(media)}
	if strings.ContainsFunc(v, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return Type{}, Error("a media type that is not ASCII")
	}
	kind, subtype, _ := strings.Cut(t.Media, "/")
	if !isToken(kind) || !isToken(subtype) {
		return Type{}, Error("not one media type")
	}
	params, err := parseParams(strings.TrimLeft(rest, " "))
	if err != nil {
		return Type{}, err
	}
	for i := range params {
		name := strings.ToLower(params[i].Name)
		seen := slices.ContainsFunc(params[:i], func(x Param) bool { return x.Name == name })
		if seen || strings.ContainsAny(name, "*'%") || strings.ContainsAny(params[i].raw, `\;`) {
			return Type{}, Error("a parameter stands twice, or in a spelling that parsers disagree on")
		}
		if strings.EqualFold(name, "charset") && !isCharset(params[i].Value) {
			return Type{}, Error("a charset that changes how names are read")
		}
		params[i].Name = name
	}
	t.Params = params
	if t.Media != FormData && kind != "multipart" && looksLikeForm(strings.ToLower(v)) {
		return Type{}, Error("a type that some parsers take for a form")
	}
	return t, nil
}

// isCharset reports whether a charset reads ASCII as ASCII. In UTF-7 or UTF-16 the same bytes
// would hold other names.
func isCharset(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "utf-8", "utf8", "us-ascii", "ascii", "binary":
		return true
	}
	return strings.HasPrefix(name, "iso-8859-") || strings.HasPrefix(name, "windows-125")
}

// looksLikeForm reports whether a parser that only searches a Content-Type for words takes it
// for a form.
func looksLikeForm(v string) bool {
	return strings.Contains(v, "multipart") || strings.Contains(v, "boundary") || strings.Contains(v, "form-data")
}

// Boundary returns the boundary of a form's Content-Type. It refuses parameters other than the
// boundary and a charset.
func (t Type) Boundary() (string, error) {
	boundary := ""
	for _, x := range t.Params {
		switch x.Name {
		case "boundary":
			boundary = x.Value
		case "charset":
		default:
			return "", Error("an unknown parameter beside the boundary")
		}
	}
	for i := range len(boundary) {
		// RFC 2046 does not allow the asterisk, but many old Android clients follow a recipe
		// that uses "*****".
		if c := boundary[i]; !isAlphanumeric(c) && !strings.ContainsRune("_.+=/:-*", rune(c)) {
			return "", Error("a boundary that parsers read differently")
		}
	}
	if strings.Trim(boundary, "-") == "" || len(boundary) > MaxBoundary {
		return "", Error("no boundary, or a bad one")
	}
	return boundary, nil
}

// parseParams reads what follows a value in a header field: any number of `; name=value` or `;
// name="value"`. Blanks may only follow a semicolon.
func parseParams(s string) ([]Param, error) {
	if s == "" {
		return nil, nil
	}
	params := make([]Param, 0, 2) // most often
	for s != "" {
		rest, found := strings.CutPrefix(s, ";")
		if !found {
			return nil, Error("bytes between two parameters")
		}
		rest = strings.TrimLeft(rest, " ")
		name, value, found := strings.Cut(rest, "=")
		if !found || !isToken(name) {
			return nil, Error("a parameter without a name or a value")
		}
		x := Param{Name: name}
		if strings.HasPrefix(value, `"`) {
			end := closingQuote(value)
			if end < 0 {
				return nil, Error("a quote that does not end")
			}
			x.quoted, x.raw, s = true, value[1:end], value[end+1:]
		} else {
			end := strings.IndexByte(value, ';')
			if end < 0 {
				end = len(value)
			}
			x.raw, s = value[:end], value[end:]
			if !isToken(x.raw) {
				return nil, Error("a parameter's value needs quotes")
			}
		}
		x.Value = x.raw
		for _, before := range params {
			if before.Name == x.Name {
				return nil, Error("a parameter stands twice")
			}
		}
		params = append(params, x)
	}
	return params, nil
}

// closingQuote returns the index of the closing quote of the quoted string that begins s, or -1
// if there is none. A backslash hides the byte after it.
func closingQuote(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// isToken reports whether s is a token (RFC 9110, 5.6.2).
func isToken(s string) bool {
	for i := range len(s) {
		if !isAlphanumeric(s[i]) && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(s[i])) {
			return false
		}
	}
	return s != ""
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}
