package readings

import (
	"fmt"
	"strings"

	"github.com/imgvet/imgvet/fuzz/internal/pack"
)

// The classes of what separates the parts.

// insideReadings have the boundary inside a line, in a picture that is whole as
// long as nobody takes it for a delimiter.
func insideReadings(s *Sheet) {
	head := s.spell("<CRLF>Content-Disposition: <FILE><CRLF>Content-Type: image/png<CRLF><CRLF>")
	add := func(name, why string, data []byte) {
		picture := Hiding(data)
		s.Crafted(name, why, Form(s.File(picture), s.Text("more", Note)), picture)
	}
	for _, x := range []struct{ name, before, why string }{
		{"letter", "z", "Django and werkzeug look for the boundary anywhere"},
		{"blank", " ", "the same"},
		{"tab", "\t", "the same"},
		{"hyphen", "-", "the same; the hyphen makes three"},
		{"NUL", "\x00", "the same"},
		{"CR", "\r", "a bare CR is a line end to some"},
		{"LF", "\n", "a bare LF is a line end to some"},
		{"LF CR", "\n\r", "a line end in the wrong order"},
		{"CR blank", "\r ", "a bare CR and a blank"},
		{"CRLF blank", "\r\n ", "a line with a blank before the boundary, which some trim"},
		{"CRLF tab", "\r\n\t", "the same with a tab"},
		{"CRLF NUL", "\r\n\x00", "the same with a NUL"},
		{"VT", "\v", "str.splitlines of Python ends a line here"},
		{"FF", "\f", "the same"},
		{"FS", "\x1c", "the same"},
		{"NEL", "\u0085", "the same, in text"},
		{"line separator", "\u2028", "the same, in text"},
	} {
		data := pack.Join([]byte(x.before+"--"+formBoundary+head), s.Other, []byte(x.before+"--"+formBoundary))
		add("file behind "+x.name, x.why, data)
	}
	for _, x := range []struct{ name, data, why string }{
		{"cut by letter", "z--<B><CRLF>", "rack cuts the good file here"},
		{"cut by letter, end", "z--<B>--<CRLF>", "the last boundary, inside a line"},
		{"cut by letter, nothing behind", "z--<B>", "only the boundary"},
		{"cut by CR", "<CR>--<B>", "a bare CR"},
		{"cut by CR, end", "<CR>--<B>--<CR>", "a bare CR, and the last boundary"},
		{"cut by LF", "<LF>--<B><LF>", "a bare LF"},
		{"cut by CRLF and a letter behind", "<CRLF>--<B>x", "a parser that compares the start of the line"},
		{"cut by CRLF and a hyphen behind", "<CRLF>--<B>-", "half of the last boundary"},
		{"cut by CRLF and three hyphens behind", "<CRLF>--<B>---", "more than the last boundary"},
		{"cut by CRLF and a blank behind", "<CRLF>--<B> x", "padding and then text"},
		{"cut by padding", "<CRLF>--<B> <TAB><CRLF>", "RFC 2046, 5.1.1: padding behind the boundary is allowed"},
		{"cut by end and LF", "<CRLF>--<B>--<LF>", "the last boundary before a bare LF"},
		{"cut by boundary and LF", "<CRLF>--<B><LF>", "a boundary before a bare LF"},
		{"cut by boundary and CR", "<CRLF>--<B><CR>x", "a boundary before a bare CR"},
		{"cut without the hyphens", "<CRLF><B><CRLF>", "the boundary without its two hyphens"},
		{"cut by other case", "<CRLF>--" + strings.ToLower(formBoundary) + "<CRLF>", "boundaries have a case"},
	} {
		add(x.name, x.why, []byte(s.spell(x.data)))
	}
	// Parsers read in pieces of 4, 8, 16 or 64 KiB and keep a tail of them.
	for _, size := range []int{4 << 10, 8 << 10, 16 << 10, 64 << 10} {
		data := pack.Join(make([]byte, size-300), []byte(strings.Repeat("z--"+formBoundary+"\r\n", 12)), []byte("z--"+formBoundary+head), s.Other)
		add(fmt.Sprintf("file across %d KiB", size>>10), "the boundary lies across the end of a buffer", data)
	}
	for _, x := range []struct{ name, head, why string }{
		{"in a name", `Content-Disposition: form-data; name="a--<B>"`, "the boundary in a field's name"},
		{"in a header", `Content-Disposition: <TEXT><CRLF>Content-Type: text/plain; x="--<B>--"`, "the boundary in a header of a part"},
	} {
		s.Crafted(x.name, x.why, Form(s.File(s.Picture), s.part(x.head, []byte(Note))), s.Picture)
	}
	s.Crafted("in a file name", "the boundary in the name of the file", Form(s.part(`Content-Disposition: form-data; name="<FIELD>"; filename="--<B>.png"`, s.Picture)), s.Picture)
	text := s.spell("z--<B>") + head + string(s.Other)
	s.add(Request{
		Name: "in a text field", Why: "a file inside of a text field", Files: [][]byte{s.Picture}, Texts: []string{Note, text},
		Body: Form(s.File(s.Picture), s.Text("more", text)),
	})

	for _, x := range []struct{ name, data string }{
		{"half", "\r\n--" + formBoundary[:len(formBoundary)/2] + "\r\n"},
		{"all but one", "\r\n--" + formBoundary[:len(formBoundary)-1]},
		{"hyphens", "\r\n--\r\n----\r\n------"},
		{"line ends", "\r\r\n\n\r\r\n\r\n\r"},
		{"another", "\r\n--AnotherBoundary\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n"},
	} {
		picture := Hiding([]byte(x.data))
		s.Real("good "+x.name, "pictures hold any bytes", Form(s.File(picture), s.Text("more", Note)), picture)
	}
}

// inner returns a whole form with another boundary and a bad file in it, as it
// stands in a picture.
func (s *Sheet) inner(boundary string) []byte {
	return []byte("\r\n" + string(s.whole(boundary)))
}

// whole returns a form of one bad file.
func (s *Sheet) whole(boundary string) []byte {
	return []byte(s.spell("--"+boundary+"<CRLF>Content-Disposition: <FILE><CRLF>Content-Type: image/png<CRLF><CRLF>") +
		string(s.Other) + "\r\n--" + boundary + "--\r\n")
}

// boundaryReadings have a Content-Type from which two parsers take two
// boundaries. The form of the second one stands in the picture of the first, and
// before it, for parsers that do not skip what precedes the first delimiter.
func boundaryReadings(s *Sheet) {
	for _, x := range []struct{ name, params, first, second, why string }{
		{"prefix", `xboundary=evil; boundary=<B>`, formBoundary, Evil, "PHP and multiparty look for the word"},
		{"prefix behind", `boundary=<B>; xboundary=evil`, formBoundary, Evil, "the last one found"},
		{"prefix with a hyphen", `x-boundary=evil; boundary=<B>`, formBoundary, Evil, "a word boundary"},
		{"comma in quotes", `boundary="evil,x"`, "evil,x", Evil, "PHP ends at the comma"},
		{"semicolon in quotes", `boundary="evil;x"`, "evil;x", Evil, "a header cut at its semicolons"},
		{"semicolon in quotes, quote kept", `boundary="evil;x"`, "evil;x", `"evil`, "the same, with the quote"},
		{"escaped quote", `boundary="ev\"il"`, `ev"il`, `ev\`, "a quoted string that ends at the first quote"},
		{"escaped quote, kept", `boundary="ev\"il"`, `ev"il`, `ev\"il`, "a parser that leaves the backslash"},
		{"escaped letter", `boundary="ev\il"`, `ev\il`, Evil, "RFC 9110, 5.6.4: a quoted pair stands for its second character"},
		{"escaped backslash", `boundary="ev\\il"`, `ev\il`, `ev\\il`, "a parser that leaves both"},
		{"inside another value", `a="; boundary=evil; "; boundary=<B>`, formBoundary, Evil, "a header cut at its semicolons"},
		{"inside another value, escaped", `a="\"; boundary=evil; b=\""; boundary=<B>`, formBoundary, Evil, "the same behind a backslash"},
		{"inside a charset", `charset="x; boundary=evil;"; boundary=<B>`, formBoundary, Evil, "the same in a known parameter"},
		{"single quotes", `boundary='evil'`, `'evil'`, Evil, "single quotes are letters"},
		{"single quotes hide", `a='; boundary=evil; b='; boundary=<B>`, "", Evil, "single quotes hide to some"},
		{"encoded word", `boundary="=?utf-8?q?evil?="`, "=?utf-8?q?evil?=", Evil, "RFC 2047 has no place here; Java and Python decode it"},
		{"encoded word in base64", `boundary="=?utf-8?b?ZXZpbA==?="`, "=?utf-8?b?ZXZpbA==?=", Evil, "the same"},
		{"blank inside", `boundary="evil x"`, "evil x", Evil, "a value that ends at the blank"},
		{"blank behind", `boundary="evil "`, "evil ", Evil, "a value that is trimmed"},
		{"blank before", `boundary=" evil"`, " evil", Evil, "a value that is trimmed"},
		{"tab behind", `boundary="evil<TAB>"`, "evil\t", Evil, "a value that is trimmed"},
		{"percent", `boundary="ev%69l"`, "ev%69l", Evil, "a value that is unescaped"},
		{"extended", `boundary*=utf-8''evil; boundary=<B>`, formBoundary, Evil, "RFC 2231"},
		{"extended alone", `boundary*=utf-8''evil`, Evil, "", "RFC 2231"},
		{"continued", `boundary*0=ev; boundary*1=il; boundary=<B>`, formBoundary, Evil, "RFC 2231, 3"},
		{"continued alone", `boundary*0=ev; boundary*1=il`, Evil, "", "RFC 2231, 3"},
		{"twice", `boundary=<B>; boundary=evil`, formBoundary, Evil, "the first or the last"},
		{"twice, other case", `boundary=<B>; Boundary=evil`, formBoundary, Evil, "the first or the last"},
		{"comma", `boundary=evil,<B>`, "evil," + formBoundary, Evil, "a token ends at the comma"},
		{"comma and a second type", `boundary=evil, multipart/form-data; boundary=<B>`, formBoundary, Evil, "a list of types"},
		{"nothing between", `boundary=<B>;boundary2=evil`, formBoundary, Evil, "a prefix of a name"},
		{"blank before equals", `boundary =evil; boundary=<B>`, "", Evil, "a name with a blank"},
		{"comment", `boundary="evil(x)"`, "evil(x)", Evil, "RFC 822 comments"},
		{"latin-1", "boundary=\"evil\xe9\"", "evil\xe9", Evil, "bytes that are no ASCII"},
		{"hyphens behind", `boundary="evil--"`, "evil--", Evil, "every delimiter looks like the last one"},
		{"slash", `boundary="evil/x"`, "evil/x", Evil, "no token character"},
		{"question mark", `boundary="evil?x"`, "evil?x", Evil, "no token character"},
		{"equals", `boundary="evil=x"`, "evil=x", Evil, "a value that ends at the second equals sign"},
		{"boundary in the boundary", `boundary="boundary=evil"`, "boundary=evil", Evil, "a parser that looks for the last one"},
		{"boundary in the boundary, prefix", `boundary="xboundary:evil"`, "xboundary:evil", Evil, "a colon for an equals sign"},
		{"slashes", `boundary="evil//x"`, "evil//x", Evil, "a comment of another language"},
		{"charset boundary", `charset=boundary; boundary=<B>`, formBoundary, "<B>", "a parser that looks for the word"},
		{"quote not closed", `boundary="evil; boundary=<B>`, formBoundary, Evil, "a quoted string without an end"},
		{"newline in quotes", `boundary="evil\n"`, `evil\n`, "evil\n", "an escape of C"},
		{"no boundary", `charset=utf-8`, "", Evil, "a parser that takes the boundary from the body"},
		{"empty boundary", `boundary=`, "", Evil, "the same"},
		{"empty boundary in quotes", `boundary=""`, "", Evil, "the same"},
		{"71 characters", "boundary=" + strings.Repeat("evil----", 8) + "evil---", strings.Repeat("evil----", 8) + "evil---", strings.Repeat("evil----", 8) + "evil--", "RFC 2046, 5.1.1: 70 at most"},
	} {
		kind := contentType("multipart/form-data; " + s.spell(x.params))
		picture := s.Picture
		if x.second != "" {
			picture = Hiding(s.inner(x.second))
		}
		s.add(Request{
			Name: x.name + "/inside", Why: x.why, Header: kind, Files: [][]byte{picture},
			Body: withBoundary(Form(s.File(picture)), x.first),
		})
		if x.second != "" {
			s.add(Request{
				Name: x.name + "/before", Why: x.why, Header: kind, Files: [][]byte{s.Picture},
				Body: pack.Join(s.whole(x.second), withBoundary(Form(s.File(s.Picture)), x.first)),
			})
		}
	}
	for _, x := range []struct{ name, boundary, quote, why string }{
		{"browser", "----WebKitFormBoundaryABCdef0123456789", "", "Chromium, Safari"},
		{"Firefox", "---------------------------9051914041544843365972754266", "", "Firefox"},
		{"curl", "------------------------d74496d66958873e", "", "curl"},
		{"Go", "f3d7a1b2c4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d", "", "Go: 60 hexadecimal digits"},
		{"GUID", "0d5e8e4c-5d0a-4b8e-9a52-0f6f3d8a1c11", `"`, ".NET, in quotes"},
		{"Dart", "dart-http-boundary-+_.-aZ09bY18cX27dW36eV45fU54gT63hS72iR81jQ90k", "", "Dart's package http: + _ . and hyphens"},
		{"perl", "xYzZY", "", "libwww-perl"},
		{"Python", "===============7330845974216740156==", `"`, "Python's package email, in quotes"},
		{"short", "AaB03x", "", "RFC 7578's own example"},
	} {
		s.add(Request{
			Name: "good " + x.name, Why: x.why, Files: [][]byte{s.Picture}, OK: true,
			Header: contentType("multipart/form-data; boundary=" + x.quote + x.boundary + x.quote),
			Body:   withBoundary(Form(s.File(s.Picture), s.Text("more", Note)), x.boundary),
		})
	}
}

// withBoundary returns a body with another boundary.
func withBoundary(body []byte, boundary string) []byte {
	return []byte(strings.ReplaceAll(string(body), "--"+formBoundary, "--"+boundary))
}

// preambleReadings have something before the first delimiter or behind the last.
func preambleReadings(s *Sheet) {
	good := Form(s.File(s.Picture))
	bad := s.badFile()
	for _, x := range []struct{ name, text, why string }{
		{"blank", " ", "werkzeug, Django, rack, cgi and Java find the boundary behind it"},
		{"tab", "\t", "the same"},
		{"letter", "z", "the same"},
		{"hyphen", "-", "the same; three hyphens"},
		{"NUL", "\x00", "the same"},
		{"CR", "\r", "a bare CR is a line end to some"},
		{"VT", "\v", "a line end to Python's text"},
		{"FF", "\f", "the same"},
		{"NBSP", "\u00a0", "a blank to Unicode"},
		{"byte order mark", "\ufeff", "the mark that editors write"},
		{"CRLF blank", "\r\n ", "a blank on the second line"},
		{"LF tab", "\n\t", "a tab on the second line"},
		{"text CR", "This is a preamble.\r", "a bare CR behind text"},
		{"colon", "X: --", "a header line"},
	} {
		s.Crafted(x.name, x.why, pack.Join([]byte(x.text), bad, good), s.Picture)
	}
	for _, x := range []struct{ name, text, why string }{
		{"CRLF before", "\r\n", "an empty line before the first boundary"},
		{"LF before", "\n", "the same, LF only"},
		{"text before", "This is a multi-part message in MIME format.\r\n", "RFC 2046, 5.1.1: a preamble; no client of HTTP sends one"},
		{"last boundary before", lastLine, "the last boundary first"},
		{"boundary twice", "--" + formBoundary + "\r\n", "a part without a header"},
		{"header before", "Content-Type: multipart/form-data; boundary=evil\r\n\r\n", "a header as of a mail"},
	} {
		s.Crafted(x.name, x.why, pack.Join([]byte(x.text), good), s.Picture)
	}
	for _, x := range []struct{ name, text, why string }{
		{"next", "", "a part behind the last boundary"},
		{"CRLF", "\r\n", "the same behind an empty line"},
		{"blank", " ", "the same in a line that starts with a blank"},
		{"letter", "z", "the same with a letter"},
		{"CR", "\r", "the same with a bare CR"},
		{"LF", "\n", "the same with a bare LF"},
		{"NUL", "\x00", "the same with a NUL"},
		{"text", "This is an epilogue.\r\n", "RFC 2046, 5.1.1: an epilogue"},
	} {
		s.Crafted("behind, "+x.name, x.why, pack.Join(good, []byte(x.text), bad, []byte(lastLine)), s.Picture)
	}
	open := good[:len(good)-len(lastLine)]
	for _, x := range []struct{ name, text, why string }{
		{"no last boundary", "", "the form ends with a part"},
		{"last boundary without hyphens", "--<B>", "the form ends with a delimiter"},
		{"last boundary with one hyphen", "--<B>-<CRLF>", "half of the end"},
		{"last boundary with three hyphens", "--<B>---<CRLF>", "more than the end"},
		{"last boundary padded", "--<B>-- <TAB><CRLF>", "RFC 2046, 5.1.1 allows padding"},
		{"last boundary and text", "--<B>--x<CRLF>", "text on the same line"},
		{"last boundary and LF", "--<B>--<LF>", "a bare LF"},
		{"last boundary and CR", "--<B>--<CR>", "a bare CR"},
		{"last boundary split", "--<B> --<CRLF>", "a blank before the last hyphens"},
		{"last boundary and zeros", "--<B>--<CRLF><NUL><NUL>", "bytes behind the end"},
		{"delimiter and LF", "--<B><LF>Content-Disposition: <FILE><CRLF><CRLF>x<CRLF>--<B>--<CRLF>", "a part behind a bare LF"},
		{"delimiter and CR", "--<B><CR>Content-Disposition: <FILE><CRLF><CRLF>x<CRLF>--<B>--<CRLF>", "a part behind a bare CR"},
		{"delimiter padded", "--<B> <CRLF>Content-Disposition: <FILE><CRLF><CRLF>x<CRLF>--<B>--<CRLF>", "a part behind a blank"},
	} {
		s.Crafted(x.name, x.why, pack.Join(open, []byte(s.spell(x.text))), s.Picture)
	}

	// Bytes behind the picture that begin like a delimiter: some matchers lose the one
	// that follows, some trim them.
	for _, x := range []struct{ name, tail string }{
		{"CR", "\r"}, {"LF", "\n"}, {"CRLF", "\r\n"}, {"two CRLF", "\r\n\r\n"}, {"CR CRLF", "\r\r\n"}, {"CRLF hyphen", "\r\n-"},
		{"CRLF hyphens", "\r\n--"}, {"half a delimiter", "\r\n--" + formBoundary[:9]}, {"most of a delimiter", "\r\n--" + formBoundary[:len(formBoundary)-1]},
		{"blank", " "}, {"hyphens", "--"}, {"NUL", "\x00"},
	} {
		picture := pack.Join(s.Picture, []byte(x.tail))
		s.Crafted("picture with "+x.name, "the data ends like a delimiter begins", Form(s.File(picture), s.Text("more", Note)), picture)
		s.Crafted("last picture with "+x.name, "the same before the end", Form(s.File(picture)), picture)
	}
	s.add(Request{
		Name: "MAX_FILE_SIZE", Why: "PHP drops larger files than this field says", Files: [][]byte{s.Picture}, Texts: []string{"10"},
		Body: Form(s.Text("MAX_FILE_SIZE", "10"), s.File(s.Picture)),
	})

	s.Real("good", "browsers", good, s.Picture)
	s.Real("good, no last line end", "clients that write the last boundary and stop", good[:len(good)-2], s.Picture)
	s.Real("good, text first", "browsers, in the order of the page", Form(s.Text("more", Note), s.File(s.Picture)), s.Picture)
	second := Hiding([]byte("second"))
	s.Real("good, two files", "an input with multiple", Form(s.File(s.Picture), s.File(second)), s.Picture, second)
	s.Real("good, blank input", "HTML: a file input in which nothing was chosen", Form(s.File(s.Picture),
		s.part("Content-Disposition: form-data; name=\"<FIELD>\"; filename=\"\"<CRLF>Content-Type: application/octet-stream", nil)), s.Picture)
}
