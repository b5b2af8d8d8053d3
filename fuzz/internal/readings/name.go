package readings

import (
	"bytes"
	"strings"
)

// The classes of what a Content-Disposition says.

// extendedReadings have a filename* (RFC 8187) that one parser drops, so that the
// part is a text field, and another one reads.
func extendedReadings(s *Sheet) {
	for _, x := range []struct{ name, params, why string }{
		{"latin-1", "filename*=iso-8859-1''evil.png", "Go knows utf-8 and us-ascii only, and drops the parameter"},
		{"latin-1, escaped", "filename*=iso-8859-1''ev%E9il.png", "the same"},
		{"windows-1252", "filename*=windows-1252''evil.png", "the same"},
		{"utf-16", "filename*=utf-16''evil.png", "the same"},
		{"utf-7", "filename*=utf-7''evil.png", "the same"},
		{"gb18030", "filename*=gb18030''evil.png", "the same"},
		{"unknown charset", "filename*=x''evil.png", "the same"},
		{"utf8", "filename*=utf8''evil.png", "the same, the hyphen forgotten"},
		{"no charset", "filename*=''evil.png", "the same"},
		{"bad percent", "filename*=utf-8''evil%ZZ.png", "an escape that is none"},
		{"cut percent", "filename*=utf-8''evil.png%", "an escape that is cut"},
		{"bad UTF-8", "filename*=utf-8''evil%FF.png", "bytes that are no UTF-8"},
		{"NUL", "filename*=utf-8''evil%00.png", "a string of C ends there"},
		{"line end", "filename*=utf-8''evil%0D%0A.png", "a line end in a name"},
		{"one quote", "filename*=utf-8'evil.png", "one of the two quotes"},
		{"no quotes", "filename*=evil.png", "none of the two quotes"},
		{"three quotes", "filename*=utf-8'''evil.png", "one too many"},
		{"in quotes", `filename*="utf-8''evil.png"`, "RFC 8187, 3.2.1: no quotes there"},
		{"latin-1 in quotes", `filename*="iso-8859-1''evil.png"`, "the same, and another charset"},
		{"language", "filename*=utf-8'en'evil.png", "a language"},
		{"language and latin-1", "filename*=iso-8859-1'en'evil.png", "a language and another charset"},
		{"empty", "filename*=utf-8''", "a name without a character"},
		{"empty and quoted", `filename*=""`, "nothing at all"},
		{"no value", "filename*", "a parameter without a value"},
		{"no value behind equals", "filename*=", "the same"},
		{"capitals", "FILENAME*=iso-8859-1''evil.png", "names have no case"},
		{"blank before equals", "filename* =iso-8859-1''evil.png", "a blank"},
		{"blank before the asterisk", "filename *=utf-8''evil.png", "a blank"},
		{"two asterisks", "filename**=utf-8''evil.png", "one too many"},
		{"continued", `filename*0="evil"; filename*1=".png"`, "RFC 2231, 3"},
		{"continued, one", `filename*0="evil.png"`, "RFC 2231, 3"},
		{"continued, extended", "filename*0*=utf-8''evil; filename*1*=.png", "RFC 2231, 4.1"},
		{"continued, latin-1", "filename*0*=iso-8859-1''evil; filename*1*=.png", "the same in another charset"},
		{"continued from one", `filename*1="evil.png"`, "the first piece is missing"},
		{"continued from 00", `filename*00="evil.png"`, "a zero too many"},
		{"continued, hexadecimal", `filename*a="evil.png"`, "a number that is none"},
		{"with an empty name", "filename=\"\"; filename*=iso-8859-1''evil.png", "both, one of them empty"},
		{"name extended", "name*=utf-8''<FIELD>", "the name of the field so"},
		{"name continued", `name*0="<FIELD>"; filename*0="evil.png"`, "the same in pieces"},
		{"both extended", "name*=iso-8859-1''<FIELD>; filename*=iso-8859-1''evil.png", "both in a charset that Go drops"},
	} {
		s.Beside(x.name, x.why, "Content-Disposition: <NAMED>; "+x.params)
	}
	s.Beside("latin-1 and a text name", "the same in another field", "Content-Disposition: <TEXT>; filename*=iso-8859-1''evil.png")
	s.Beside("latin-1 first", "the same in another order", "Content-Disposition: form-data; filename*=iso-8859-1''evil.png; name=\"<FIELD>\"")
	s.Beside("no blank", "the same without blanks", "Content-Disposition:form-data;name=\"<FIELD>\";filename*=iso-8859-1''evil.png")

	for _, x := range []struct{ name, params, why string }{
		{"both", `filename="good.png"; filename*=UTF-8''good.png`, ".NET's MultipartFormDataContent"},
		{"both, not ASCII", `filename="gro?.png"; filename*=UTF-8''gro%C3%9F.png`, "clients that follow RFC 6266"},
		{"both, tokens", `filename=good.png; filename*=utf-8''good.png`, ".NET's MultipartFormDataContent"},
		{"alone", "filename*=utf-8''gro%C3%9F.png", "urllib3 1.x, requests"},
		{"alone, capitals", "filename*=UTF-8''%E5%9B%BE.png", "older aiohttp"},
	} {
		s.Real("good "+x.name, x.why, Form(s.part("Content-Disposition: <NAMED>; "+x.params, s.Picture)), s.Picture)
	}
}

// parameterReadings have parameters in whose quotes and names one parser finds a
// file name.
func parameterReadings(s *Sheet) {
	for _, x := range []struct{ name, params, why string }{
		{"single quotes", `x='; y="'; filename=evil.png; z="`, "PHP and multiparty know single quotes"},
		{"single quotes, closed", `x='; y="'; filename='evil.png'; z="'"`, "the same"},
		{"single quotes around quotes", `x='"'; y='; filename="evil.png"; z='`, "the same, the other way round"},
		{"x-filename", `x-filename="evil.png"`, "a word boundary inside of a name"},
		{"xfilename", `xfilename="evil.png"`, "the end of a name"},
		{"_filename", `_filename="evil.png"`, "the same"},
		{"x.filename", `x.filename="evil.png"`, "the same"},
		{"filename-x", `filename-x="evil.png"`, "the start of a name"},
		{"filename2", `filename2="evil.png"`, "the same"},
		{"inside a value", `x="; filename=evil.png"`, "a header cut at its semicolons"},
		{"inside a value, closed", `x="; filename=evil.png; y="`, "the same"},
		{"inside a value, blank", `x=" filename=evil.png "`, "a regular expression over the whole header"},
		{"inside a value, escaped", `x="; filename=\"evil.png\""`, "the same with escaped quotes"},
		{"inside a value, percent", `x="%22; filename=%22evil.png"`, "browsers write a quote as %22"},
		{"inside a value, single", `x="'; filename='evil.png'"`, "the same with single quotes"},
		{"inside a token", `x=a'filename=evil.png`, "a token with a quote in it"},
		{"backslash at the end", `x="\"; filename="evil.png`, "older Internet Explorer wrote paths without escapes"},
		{"two backslashes at the end", `x="\\"; y="; filename=evil.png"`, "an escaped backslash, or an escaped quote"},
		{"backslash outside", `x=\"; filename=evil.png; y=\"`, "an escape outside of quotes"},
		{"filename without a value", `filename`, "a parameter without a value"},
		{"filename in quotes", `"filename"="evil.png"`, "quotes around a name"},
		{"filename behind a blank", `x filename="evil.png"`, "two words for one name"},
		{"filename behind a colon", `filename:"evil.png"`, "a colon for an equals sign"},
		{"filename behind a comma", `x=y, filename="evil.png"`, "a comma for a semicolon"},
		{"filename without a semicolon", `x="y"filename="evil.png"`, "nothing between two parameters"},
		{"filename with a long s", "\u017fize=1; filename\u200b=\"evil.png\"", "a blank without width"},
		{"filename in full width", "\uff46\uff49\uff4c\uff45\uff4e\uff41\uff4d\uff45=\"evil.png\"", "Unicode normalisation"},
		{"filename with a dotted I", "F\u0130LENAME=\"evil.png\"", "lower case by Unicode"},
		{"filename with a dotless i", "f\u0131lename=\"evil.png\"", "upper case by Unicode"},
		{"filename not closed", `filename="evil.png`, "a quoted string without an end"},
		{"filename closed twice", `filename="evil.png""`, "a quote too many"},
		{"filename twice", `filename="good.png"; filename="evil.png"`, "the first or the last"},
		{"filename in a comment", `x=(a; filename=evil.png)`, "RFC 822 comments"},
		{"comment before filename", `(x); filename="evil.png"`, "RFC 822 comments"},
		{"equals sign alone", `=x; filename="evil.png"`, "a parameter without a name"},
		{"two semicolons", `; filename="evil.png"`, "an empty parameter"},
		{"encoded word", `x="=?utf-8?q?=22=3B_filename=3D=22evil.png?="`, "RFC 2047 decoded before the header is cut"},
		{"encoded word without quotes", `=?utf-8?q?filename=3D=22evil.png=22?=`, "the same"},
		{"newline in a value", "x=\"<LF>filename=evil.png\"", "a value of two lines"},
		{"colon in a file name", `x-name="a:b"; x-filename="evil.png"`, "rack's expression ends at the colon"},
		{"semicolon before filename=", `x=;filename=evil.png`, "a value that is missing"},
		{"tab", `x="y";<TAB>x-filename=evil.png`, "a word boundary behind a tab"},
	} {
		// With a type, formidable takes any part for a file, and looks for its name.
		s.Beside(x.name, x.why, "Content-Disposition: <TEXT>; "+x.params+"<CRLF>Content-Type: text/plain")
	}
	for _, x := range []struct{ name, params, why string }{
		{"inside the name", `name="x; filename=evil.png"`, "a header cut at its semicolons"},
		{"inside the name, escaped", `name="x\"; filename=\"evil.png"`, "a quoted string that ends at the first quote"},
		{"inside the name, percent", `name="x%22; filename=%22evil.png"`, "browsers write a quote as %22"},
		{"inside the name, single", `name="x'; filename='evil.png'"`, "single quotes"},
		{"name with a backslash", `name="x\"; y="; filename=evil.png"`, "the backslash escapes, or not"},
		{"name in single quotes", `name='x; filename=evil.png'`, "single quotes"},
		{"name without quotes", `name=x filename=evil.png`, "a value that ends at the blank, or not"},
		{"name twice", `name="x"; name="<FIELD>"; x-filename="evil.png"`, "the first or the last"},
		{"no name", `x-name="<FIELD>"; x-filename="evil.png"`, "a part without a name"},
		{"no name, filename", `filename="evil.png"`, "a file without a field"},
		{"empty name", `name=""; filename="evil.png"`, "the same"},
	} {
		s.Beside(x.name, x.why, "Content-Disposition: form-data; "+x.params+"<CRLF>Content-Type: text/plain")
	}

	for _, x := range []struct{ name, params, why string }{
		{"alphabetical", `filename="good.png"; name="<FIELD>"`, "Go's mime.FormatMediaType"},
		{"tokens", `name=<FIELD>; filename=good.png`, ".NET's MultipartFormDataContent"},
		{"no blanks", `name="<FIELD>";filename="good.png"`, "clients by hand"},
		{"quote as %22", `name="<FIELD>"; filename="a %22good%22 one.png"`, "browsers: WHATWG HTML, 4.10.21.8"},
		{"UTF-8", `name="<FIELD>"; filename="größe 图.png"`, "browsers, curl"},
		{"odd name", `name="<FIELD>"; filename="it's a (good) one, 100% [1] {2} #3 & =.png"`, "what people call their files"},
		{"semicolon", `name="<FIELD>"; filename="a;good.png"`, "browsers"},
		{"encoded word", `name="<FIELD>"; filename="=?utf-8?B?Z3LDtsOfZS5wbmc=?="`, ".NET, for names that are not ASCII"},
	} {
		s.Real("good "+x.name, x.why, Form(s.part("Content-Disposition: form-data; "+x.params+"<CRLF>Content-Type: image/png", s.Picture)), s.Picture)
	}
}

// textReadings have a part without a file name whose bytes are a file's.
func textReadings(s *Sheet) {
	s.Beside("no type", "handlers that look at the name of a part, not at its file name", "Content-Disposition: <NAMED>")
	s.Beside("no type, other name", "the same in another field", "Content-Disposition: <TEXT>")
	for _, kind := range []string{
		"text/plain", "text/plain; charset=utf-8", "TEXT/PLAIN", "text/html", "text/xml", "application/json", "application/xml", "application/pdf",
		"application/zip", "application/x-php", "application/x-www-form-urlencoded", "application/binary", "binary/octet-stream", "video/mp4",
		"audio/mpeg", "font/woff2", "model/stl", "image/svg+xml", "image", "x", "*/*", "<TAB>image/png", "text/plain, image/png", `"image/png"`,
		"application/octet-stream", "image/png", "multipart", "",
	} {
		name := kind
		if name == "" {
			name = "empty type"
		}
		s.Beside(name, "formidable takes any part with a type for a file", "Content-Disposition: <NAMED><CRLF>Content-Type: "+kind)
	}
	s.Beside("two types", "the same", "Content-Disposition: <TEXT><CRLF>Content-Type: text/plain<CRLF>Content-Type: image/png")
	whole := Hiding([]byte("evil"))
	s.add(Request{
		Name: "whole picture", Why: "a good picture, which may be verified like any other", Files: [][]byte{s.Picture, whole},
		Body: Form(s.File(s.Picture), s.part("Content-Disposition: <NAMED>", whole)),
	})
	big := append(make([]byte, 60<<10), s.Other...)
	s.Crafted("large", "a text of 60 KiB", Form(s.File(s.Picture), s.part("Content-Disposition: <NAMED>", big)), s.Picture)
	s.Crafted("before the file", "the first part of a name wins", Form(s.part("Content-Disposition: <NAMED>", s.Other), s.File(s.Picture)), s.Picture)
	s.add(Request{
		Name: "_charset_", Why: "RFC 7578, 4.6: the charset of all text fields", Files: [][]byte{s.Picture}, Texts: []string{"utf-16"},
		Body: Form(s.Text("_charset_", "utf-16"), s.part("Content-Disposition: <NAMED>", s.Other), s.File(s.Picture)),
	})
	noNUL := bytes.ReplaceAll(s.Other, []byte{0}, []byte{1})
	for _, x := range []struct{ name, head string }{
		{"no NUL", "Content-Disposition: <NAMED>"},
		{"no NUL, text/plain", "Content-Disposition: <TEXT><CRLF>Content-Type: text/plain"},
		{"no NUL, JSON", "Content-Disposition: <TEXT><CRLF>Content-Type: application/json"},
	} {
		s.Crafted(x.name, "binary, though no byte of it is zero", Form(s.File(s.Picture), s.part(x.head, noNUL)), s.Picture)
	}
	s.Beside("empty file name", "HTML's blank input, with bytes in it", `Content-Disposition: <NAMED>; filename=""`)

	for _, x := range []struct{ name, head, value, why string }{
		{"plain", "Content-Disposition: <TEXT>", Note, "browsers"},
		{"with a charset", "Content-Disposition: <TEXT><CRLF>Content-Type: text/plain; charset=utf-8", Note, ".NET's StringContent, OkHttp"},
		{"JSON", "Content-Disposition: <TEXT><CRLF>Content-Type: application/json", `{"a":"b"}`, "Spring, FormData with a Blob"},
		{"XML", "Content-Disposition: <TEXT><CRLF>Content-Type: text/xml", "<a>b</a>", "SOAP-minded services"},
		{"UTF-8", "Content-Disposition: <TEXT>", "größe 图", "browsers"},
		{"lines", "Content-Disposition: <TEXT>", "one\r\ntwo\r\n\tthree\r\n", "a textarea"},
		{"empty", "Content-Disposition: <TEXT>", "", "a field that was left blank"},
		{"_charset_", `Content-Disposition: form-data; name="_charset_"`, "UTF-8", "HTML: a hidden input of that name"},
		{"40 KB", "Content-Disposition: <TEXT>", strings.Repeat("word ", 8000), "a textarea"},
		{"hyphens", "Content-Disposition: <TEXT>", "--\r\n---- a rule ----\r\n", "people who draw lines"},
		{"same name", "Content-Disposition: <NAMED>", "{}", "FilePond: the metadata before its file"},
	} {
		s.add(Request{
			Name: "good " + x.name, Why: x.why, Files: [][]byte{s.Picture}, OK: true, Texts: []string{x.value},
			Body: Form(s.part(x.head, []byte(x.value)), s.File(s.Picture)),
		})
	}
}

// nameReadings have a second file in a field whose name is another one to the
// check and the checked one to a parser. Where only some fields are checked, it
// would pass.
func nameReadings(s *Sheet) {
	last := s.field[len(s.field)-1:]
	for _, x := range []struct{ name, params, why string }{
		{"blank before", `name=" <FIELD>"`, "PHP and Java trim names"},
		{"blank behind", `name="<FIELD> "`, "the same"},
		{"tab before", `name="<TAB><FIELD>"`, "the same"},
		{"NBSP behind", `name="<FIELD><NBSP>"`, "a blank to Unicode"},
		{"single quotes", `name='<FIELD>'`, "single quotes"},
		{"single quotes inside", `name="'<FIELD>'"`, "Django strips them"},
		{"quotes inside", `name="\"<FIELD>\""`, "the same"},
		{"brackets", `name="<FIELD>[]"`, "PHP and rack: a list of files"},
		{"index", `name="<FIELD>[0]"`, "the same"},
		{"key", `name="<FIELD>[a]"`, "the same"},
		{"bracket open", `name="<FIELD>["`, "PHP makes a name of it"},
		{"brackets around", `name="[<FIELD>]"`, "rack drops brackets before a name and behind it"},
		{"bracket before", `name="[<FIELD>"`, "the same"},
		{"bracket behind", `name="<FIELD>]"`, "the same"},
		{"brackets before", `name="][[]<FIELD>"`, "the same"},
		{"brackets around, key", `name="[<FIELD>][]"`, "the same"},
		{"dot", `name="<FIELD>."`, "PHP makes an underscore of it"},
		{"underscore as dot", `name="` + strings.ReplaceAll(s.field, "_", ".") + `"`, "PHP makes an underscore of it"},
		{"underscore as blank", `name="` + strings.ReplaceAll(s.field, "_", " ") + `"`, "the same"},
		{"underscore as bracket", `name="` + strings.Replace(s.field, "_", "[", 1) + `"`, "the same"},
		{"key in the middle", `name="<FIELD>[a][b]"`, "PHP and rack: a tree of files"},
		{"bracket and more", `name="<FIELD>[a]b"`, "PHP cuts what follows the bracket"},
		{"parenthesis", `name="<FIELD>(1)"`, "a name that a framework binds"},
		{"dot and key", `name="<FIELD>.file"`, "ASP.NET and Spring bind it to a member"},
		{"NUL", `name="<FIELD><NUL>x"`, "a string of C ends there"},
		{"percent", `name="<FIELD>%00"`, "a name that is unescaped"},
		{"percent letter", `name="%69` + s.field[1:] + `"`, "a name that is unescaped"},
		{"backslash", `name="` + s.field[:len(s.field)-1] + `\` + last + `"`, "a quoted pair stands for its second character"},
		{"x-name", `x-name="<FIELD>"; name="other"`, "a parser that looks for the word"},
		{"x-name behind", `name="other"; x-name="<FIELD>"`, "the same"},
		{"name in a value", `name="other"; x="; name=<FIELD>; "`, "a header cut at its semicolons"},
		{"two names", `name="other"; name="<FIELD>"`, "the first or the last"},
		{"capitals", `name="` + strings.ToUpper(s.field) + `"`, "names without a case"},
		{"extended name", `name="other"; name*=utf-8''<FIELD>`, "RFC 2231"},
		{"encoded word", `name="=?utf-8?q?<FIELD>?="`, "RFC 2047; Java decodes it"},
		{"encoded word, latin-1", `name="=?iso-8859-1?Q?<FIELD>?="`, "the same"},
		{"full width", `name="` + fullWidth(s.field) + `"`, "Unicode normalisation"},
		{"zero width", `name="<FIELD>` + "\u200b" + `"`, "a blank without width"},
		{"byte order mark", `name="<BOM><FIELD>"`, "the mark that editors write"},
		{"CR", `name="<FIELD><CR>"`, "a line end"},
		{"another field", `name="other"`, "no trick: a file in a field that nobody checks"},
	} {
		s.Beside(x.name, x.why, "Content-Disposition: form-data; "+x.params+`; filename="evil.png"<CRLF>Content-Type: image/png`)
	}
	for _, x := range []struct{ charset, name, why string }{
		{"utf-7", utf7(s.field), "starlette decodes names in the charset of the request"},
		{"utf-16le", strings.Join(strings.Split(s.field, ""), "\x00") + "\x00", "the same"},
		{"cp037", ebcdic(s.field), "the same: EBCDIC"},
	} {
		s.add(Request{
			Name: "charset " + x.charset, Why: x.why, Files: [][]byte{s.Picture},
			Header: contentType("multipart/form-data; boundary=" + formBoundary + "; charset=" + x.charset),
			Body: Form(s.part(`Content-Disposition: form-data; name="other"; filename="good.png"`, s.Picture),
				s.File(s.Picture), s.part(`Content-Disposition: form-data; name="`+x.name+`"; filename="evil.png"`, s.Other)),
		})
	}

	for _, name := range []string{"tags[]", "user[name]", "user.name", "user name", "größe", "a-b_c", "__RequestVerificationToken", "csrf:token"} {
		s.Real("good text "+name, "PHP, Rails, ASP.NET and people", Form(s.Text(name, Note), s.File(s.Picture)), s.Picture)
	}
}

// fullWidth writes ASCII in the full-width forms that NFKC maps back.
func fullWidth(s string) string {
	return strings.Map(func(r rune) rune { return r + 0xfee0 }, s)
}

// utf7 writes the first letter of s in UTF-7's base64 (RFC 2152).
func utf7(s string) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	v := uint32(s[0]) << 2 // 16 bits in 18
	return "+" + string([]byte{digits[v>>12&63], digits[v>>6&63], digits[v&63]}) + "-" + s[1:]
}

// ebcdic writes lower-case letters and underscores in code page 37.
func ebcdic(s string) string {
	var b []byte
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'i':
			c += 0x81 - 'a'
		case c >= 'j' && c <= 'r':
			c += 0x91 - 'j'
		case c >= 's' && c <= 'z':
			c += 0xa2 - 's'
		case c == '_':
			c = 0x6d
		}
		b = append(b, c)
	}
	return string(b)
}
