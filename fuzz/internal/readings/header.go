package readings

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"strings"
)

// headerReadings have part headers in which one parser finds a text field and
// another one a file.
func headerReadings(s *Sheet) {
	for _, x := range []struct{ name, head, why string }{
		{"blank before the colon", "Content-Disposition : <FILE><CRLF>Content-Disposition: <TEXT>", "werkzeug and rack strip names"},
		{"blank before the colon, behind", "Content-Disposition: <TEXT><CRLF>Content-Disposition : <FILE>", "the same, the last one wins"},
		{"tab before the colon", "Content-Disposition: <TEXT><CRLF>Content-Disposition<TAB>: <FILE>", "the same with a tab"},
		{"blank before the name", "X: y<CRLF> Content-Disposition: <FILE><CRLF>Content-Disposition: <TEXT>", "a folded line, or a header"},
		{"blank before the first name", " Content-Disposition: <FILE><CRLF>Content-Disposition: <TEXT>", "a folded line of nothing"},
		{"folded value", "Content-Disposition: <TEXT>;<CRLF> filename=\"evil.png\"", "RFC 5322, 2.2.3: folding; some drop the second line, some the blank"},
		{"folded with a tab", "Content-Disposition: <TEXT>;<CRLF><TAB>filename=\"evil.png\"", "the same with a tab"},
		{"folded inside a name", "Content-Disposition: <TEXT>; file<CRLF> name=\"evil.png\"", "joined without a blank, or with one"},
		{"folded by LF", "Content-Disposition: <TEXT>;<LF> filename=\"evil.png\"", "the same with a bare LF"},
		{"inside another header", "X: Content-Disposition: <FILE><CRLF>Content-Disposition: <TEXT>", "rack looks for the words anywhere"},
		{"inside another header, behind", "Content-Disposition: <TEXT><CRLF>X: Content-Disposition: <FILE>", "the same"},
		{"inside the type", "Content-Type: text/plain; Content-Disposition: <FILE><CRLF>Content-Disposition: <TEXT>", "the same"},
		{"inside the type's value", `Content-Disposition: <TEXT><CRLF>Content-Type: text/plain; filename="evil.png"`, "a parameter of the wrong header"},
		{"name of the type", `Content-Disposition: <TEXT><CRLF>Content-Type: text/plain; name="evil.png"`, "RFC 2045: the older way to name a file"},
		{"file name in a line of its own", "Content-Disposition: <TEXT><CRLF>filename: evil.png<CRLF>X: ; filename=\"evil.png\"", "rack looks for the words anywhere"},
		{"prefix of the name", "X-Content-Disposition: <FILE><CRLF>Content-Disposition: <TEXT>", "a parser that looks for the end of a name"},
		{"prefix without hyphen", "XContent-Disposition: <FILE><CRLF>Content-Disposition: <TEXT>", "the same"},
		{"underscore", "Content_Disposition: <FILE><CRLF>Content-Disposition: <TEXT>", "names with an underscore"},
		{"LF", "Content-Disposition: <TEXT><LF>Content-Disposition: <FILE>", "a bare LF ends a line, or not"},
		{"LF in the value", "Content-Disposition: <TEXT><LF>; filename=\"evil.png\"", "the same"},
		{"two LF", "Content-Disposition: <TEXT><LF><LF>Content-Disposition: <FILE>", "the header ends at two bare LF, or not"},
		{"LF CRLF", "Content-Disposition: <TEXT><LF><CRLF>Content-Disposition: <FILE>", "the same with half a line end"},
		{"CRLF LF", "Content-Disposition: <TEXT><CRLF><LF>Content-Disposition: <FILE>", "the same, the other half"},
		{"CR", "Content-Disposition: <TEXT><CR>Content-Disposition: <FILE>", "a bare CR ends a line, or not"},
		{"CR in the value", "Content-Disposition: <TEXT>;<CR> filename=\"evil.png\"", "the same"},
		{"two CR", "Content-Disposition: <TEXT><CR><CR>Content-Disposition: <FILE>", "the same"},
		{"CR CRLF", "Content-Disposition: <TEXT><CR><CRLF>Content-Disposition: <FILE>", "a CR too many"},
		{"VT", "Content-Disposition: <TEXT><VT>Content-Disposition: <FILE>", "str.splitlines of Python ends a line here"},
		{"FF", "Content-Disposition: <TEXT><FF>Content-Disposition: <FILE>", "the same"},
		{"NEL", "Content-Disposition: <TEXT><NEL>Content-Disposition: <FILE>", "the same"},
		{"line separator", "Content-Disposition: <TEXT><LS>Content-Disposition: <FILE>", "the same"},
		{"NUL before a parameter", "Content-Disposition: <TEXT><NUL>; filename=\"evil.png\"", "a string of C ends here"},
		{"NUL in the name", "Content-Disposition: <TEXT><CRLF>Content-Disposition<NUL>: <FILE>", "the same"},
		{"control before a parameter", "Content-Disposition: <TEXT>;<SOH>filename=\"evil.png\"", "a control character is a blank to some"},
		{"US before a parameter", "Content-Disposition: <TEXT>;<US>filename=\"evil.png\"", "a blank to Python and Java"},
		{"DEL before a parameter", "Content-Disposition: <TEXT>;<DEL>filename=\"evil.png\"", "the same"},
		{"NBSP before a parameter", "Content-Disposition: <TEXT>;<NBSP>filename=\"evil.png\"", "a blank to Unicode"},
		{"byte order mark", "<BOM>Content-Disposition: <FILE><CRLF>Content-Disposition: <TEXT>", "the mark that editors write"},
		{"two, text first", "Content-Disposition: <TEXT><CRLF>Content-Disposition: <FILE>", "the first or the last"},
		{"two, file first", "Content-Disposition: <FILE><CRLF>Content-Disposition: <TEXT>", "the first or the last"},
		{"two in one line", "Content-Disposition: <TEXT>, <FILE>", "a list of values"},
		{"no colon", "Content-Disposition <FILE><CRLF>Content-Disposition: <TEXT>", "a line that is no header"},
		{"equals for a colon", "Content-Disposition= <FILE><CRLF>Content-Disposition: <TEXT>", "the same"},
		{"no blank behind the colon", "Content-Disposition:<TEXT>;filename=\"evil.png\"", "the first character of a value is cut"},
		{"no form-data", `Content-Disposition: name="<FIELD>"; filename="evil.png"`, "a value without a type"},
		{"attachment", `Content-Disposition: attachment; name="<FIELD>"; filename="evil.png"`, "the type of a download"},
		{"file", `Content-Disposition: file; name="<FIELD>"; filename="evil.png"`, "RFC 2388's type inside of multipart/mixed"},
		{"empty type", `Content-Disposition: ; name="<FIELD>"; filename="evil.png"`, "a value without a type"},
		{"no Content-Disposition", `Content-Type: image/png; name="<FIELD>"; filename="evil.png"`, "only a type"},
		{"no header", "", "a part without a header"},
		{"two blanks behind the colon", "Content-Disposition:  <TEXT><CRLF>Content-Type:   text/plain; x=\";filename=evil.png\"", "nothing odd, and a parameter of the wrong header"},
		{"parameter of the type, no semicolon", "Content-Disposition: <TEXT><CRLF>Content-Type: text/plain; x=\" filename=evil.png\"", "a regular expression over the whole header"},
		{"line separator in the type", "Content-Disposition: <TEXT><CRLF>Content-Type: text/plain; x=\"<LS>Content-Disposition: filename=evil.png\"", "str.splitlines of Python ends a line here"},
		{"NEL in the type", "Content-Disposition: <TEXT><CRLF>Content-Type: text/plain; x=\"<NEL>Content-Disposition: filename=evil.png\"", "the same"},
		{"Content-Encoding", "Content-Disposition: <FILE><CRLF>Content-Encoding: deflate", "aiohttp decodes parts"},
		{"long", "X: " + strings.Repeat("y", 9000) + "<CRLF>Content-Disposition: <FILE>", "limits differ"},
		{"many", strings.Repeat("X: y<CRLF>", 150) + "Content-Disposition: <FILE>", "limits differ"},
	} {
		s.Beside(x.name, x.why, x.head)
	}
	// A line that does not fit into a parser's buffer goes on as a line of its own.
	for _, size := range []int{1 << 10, 4 << 10, 5 << 10, 8 << 10, 8190} {
		const start = `Content-Type: text/plain; x="`
		filler, why := start+strings.Repeat("y", size-len(start)), "PHP goes on behind 5120 bytes as if a new line began"
		s.Beside(fmt.Sprintf("line of %d bytes", size), why, filler+`Content-Disposition: form-data; name=<FIELD>; filename=evil.png"<CRLF>Content-Disposition: <TEXT>`)
		s.Beside(fmt.Sprintf("line of %d bytes, no semicolon", size), why, filler+`Content-Disposition: filename=evil.png"<CRLF>Content-Disposition: <TEXT>`)
	}
	s.lengthReadings()
	s.nestedReadings()

	disposition := "Content-Disposition: <GOOD><CRLF>"
	for _, x := range []struct{ name, head, why string }{
		{"type first", "Content-Type: image/png<CRLF>Content-Disposition: <GOOD>", "Dart's package http, requests of Python"},
		{"lower case", "content-disposition: <GOOD><CRLF>content-type: image/png", "Dart's package http"},
		{"no type", "Content-Disposition: <GOOD>", "Python's cgi-like clients"},
		{"bytes", disposition + "Content-Type: application/octet-stream", "urllib3, Go's CreateFormFile"},
		{"binary", disposition + "Content-Type: image/png<CRLF>Content-Transfer-Encoding: binary", "Apache HttpClient, Retrofit"},
		{"length", disposition + "Content-Type: image/png<CRLF>Content-Length: " + fmt.Sprint(len(s.Picture)), "OkHttp up to 4, multipart of Node's form-data with knownLength"},
		{"length and binary", disposition + "Content-Transfer-Encoding: binary<CRLF>Content-Type: image/png<CRLF>Content-Length: " + fmt.Sprint(len(s.Picture)), "Retrofit 1"},
		{"8bit text", disposition + "Content-Type: image/png", "browsers"},
	} {
		s.Real("good "+x.name, x.why, Form(s.part(x.head, s.Picture), s.Text("more", Note)), s.Picture)
	}
	s.Real("good text in 8bit", "Apache HttpClient's text fields", Form(s.File(s.Picture),
		s.part("Content-Disposition: <TEXT><CRLF>Content-Type: text/plain; charset=ISO-8859-1<CRLF>Content-Transfer-Encoding: 8bit", []byte(Note))), s.Picture)
}

// lengthReadings have a Content-Length in a part that is not the part's length.
// aiohttp reads by it, and gives up where it lies.
func (s *Sheet) lengthReadings() {
	lie := func(name, value string, behind ...[]byte) {
		head := "Content-Disposition: <GOOD><CRLF>Content-Type: image/png<CRLF>Content-Length: " + value
		parts := append([][]byte{s.part(head, s.Picture)}, behind...)
		s.Crafted("Content-Length, "+name, "a part is cut, or goes on into the next one", Form(parts...), s.Picture)
	}
	n := len(s.Picture)
	lie("too short", fmt.Sprint(n-1))
	lie("much too short", "10")
	lie("zero", "0")
	lie("too long", fmt.Sprint(n+1))
	lie("much too long", fmt.Sprint(n+400), s.Text("more", Note))
	lie("negative", "-1")
	lie("huge", "99999999999999999999")
	lie("sign", fmt.Sprintf("+%d", n-1))
	lie("hexadecimal", "0x10")
	lie("list", fmt.Sprintf("%d, 10", n))
	lie("twice", fmt.Sprintf("%d<CRLF>Content-Length: 10", n))
	// A file in what one parser takes for the data of a text field, another for parts.
	text := "--" + "x"
	s.add(Request{
		Name: "Content-Length over a part", Why: "a text field swallows what follows, or not", Files: [][]byte{s.Picture}, Texts: []string{text},
		Body: Form(s.part("Content-Disposition: <TEXT><CRLF>Content-Length: 2", []byte(text)), s.File(s.Picture)),
	})
}

// quoted returns b as quoted-printable (RFC 2045, 6.7).
func quoted(b []byte) []byte {
	var out bytes.Buffer
	w := quotedprintable.NewWriter(&out)
	w.Binary = true
	_, _ = w.Write(b) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// nestedReadings have a form or a coding inside a part.
func (s *Sheet) nestedReadings() {
	inner := "--inner\r\n" + s.spell("Content-Disposition: file; filename=\"evil.png\"<CRLF>Content-Type: image/png<CRLF><CRLF>") +
		string(s.Other) + "\r\n--inner--\r\n"
	for _, x := range []struct{ name, kind string }{
		{"mixed", "multipart/mixed; boundary=inner"},
		{"mixed in capitals", "MULTIPART/MIXED; boundary=inner"},
		{"mixed behind a tab", "<TAB>multipart/mixed; boundary=inner"},
		{"mixed with a blank", "multipart /mixed; boundary=inner"},
		{"mixed in a list", "text/plain, multipart/mixed; boundary=inner"},
		{"mixed as a parameter", "text/plain; multipart/mixed; boundary=inner"},
		{"form-data", "multipart/form-data; boundary=inner"},
		{"digest", "multipart/digest; boundary=inner"},
		{"mail", "message/rfc822; boundary=inner"},
		{"boundary alone", "text/plain; boundary=inner"},
	} {
		s.Crafted("nested, "+x.name, "RFC 2388, 4.2: several files in one part; Java, cgi and aiohttp look inside", Form(s.File(s.Picture),
			s.part("Content-Disposition: <NAMED><CRLF>Content-Type: "+x.kind, []byte(inner))), s.Picture)
	}
	for _, x := range []struct {
		name, coding, why string
		data              []byte
	}{
		{"base64", "base64", "multiparty, cgi, aiohttp and werkzeug decode it", []byte(base64.StdEncoding.EncodeToString(s.Picture))},
		{"base64 in capitals", "BASE64", "the same", []byte(base64.StdEncoding.EncodeToString(s.Picture))},
		{"base64 of what is whole", "base64", "the same", s.Picture},
		{"quoted-printable", "quoted-printable", "Go's NextPart decodes it", quoted(s.Picture)},
		{"quoted-printable behind blanks", "  quoted-printable ", "the same", quoted(s.Picture)},
		{"quoted-printable in capitals", "Quoted-Printable", "the same", quoted(s.Picture)},
		{"quoted-printable with a parameter", "quoted-printable; x=y", "the same", quoted(s.Picture)},
		{"binary and base64", "binary<CRLF>Content-Transfer-Encoding: base64", "the first or the last", s.Picture},
		{"list", "binary, base64", "a list of values", []byte(base64.StdEncoding.EncodeToString(s.Picture))},
	} {
		s.Crafted("coding, "+x.name, x.why, Form(
			s.part("Content-Disposition: <GOOD><CRLF>Content-Type: image/png<CRLF>Content-Transfer-Encoding: "+x.coding, x.data)), s.Picture)
	}
}
