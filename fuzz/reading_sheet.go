package fuzz

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
)

const (
	// formBoundary separates the parts of crafted forms: no quotes needed, and of
	// a browser's length.
	formBoundary = "----FormBoundary7MA4YWxk"
	// evil stands in every name, boundary and file that must not arrive, so that an
	// echo shows.
	evil = "evil"
	note = "a note" // the value of text fields
	// foreignText is what must not arrive as a file, and no picture by far.
	foreignText = "<?php /* evil text of more than a few characters, without any control character */ ?>"
)

// sheet collects the requests of one class.
type sheet struct {
	class, field string
	picture      []byte // the good one
	other        []byte // what must not arrive
	suffix       string // of the names; only what holds other is kept then
	spelling     *strings.Replacer
	all          []request
}

// newSheet returns an empty sheet. Headers are written with what cannot be seen
// or typed in angle brackets, and <FILE>, <NAMED>, <TEXT> and <GOOD> for the usual
// Content-Disposition of a file that must not arrive, the same without its file
// name, of a text field, and of the good file.
func newSheet(class, field string) *sheet {
	const disposition = `form-data; name="`
	return &sheet{
		class: class, field: field, picture: plainPNG(), other: foreign(),
		spelling: strings.NewReplacer(
			"<CRLF>", "\r\n", "<CR>", "\r", "<LF>", "\n", "<NUL>", "\x00", "<SOH>", "\x01", "<TAB>", "\t", "<VT>", "\v", "<FF>", "\f",
			"<US>", "\x1f", "<DEL>", "\x7f", "<NEL>", "\u0085", "<NBSP>", "\u00a0", "<BOM>", "\ufeff", "<LS>", "\u2028",
			"<B>", formBoundary, "<FIELD>", field,
			"<FILE>", disposition+field+`"; filename="evil.png"`,
			"<NAMED>", disposition+field+`"`,
			"<TEXT>", disposition+`note"`,
			"<GOOD>", disposition+field+`"; filename="good.png"`,
		),
	}
}

func plainPNG() []byte { return pngBase.picture() }

// foreign returns bytes that no check takes for a picture: one that lost its tail,
// with text in it that shows when it is echoed. No line of it is a boundary.
func foreign() []byte {
	b := pngFile(pngBase.chunk(), pngChunk{kind: "tEXt", data: []byte("Comment\x00evil bytes")}, idat(zlibStored(pngBase.rows())))
	return b[:len(b)-9]
}

// hiding returns a good picture with data in a chunk that no viewer looks at.
func hiding(data []byte) []byte {
	return pngFile(pngBase.chunk(), pngChunk{kind: "prVt", data: data}, idat(zlibStored(pngBase.rows())), iend)
}

func (s *sheet) spell(text string) string { return s.spelling.Replace(text) }

// part returns a part with the boundary line before it and the line end behind
// it. head is spelled out.
func (s *sheet) part(head string, data []byte) []byte {
	return join([]byte(s.spell("--<B><CRLF>"+head+"<CRLF><CRLF>")), data, []byte("\r\n"))
}

// file is a part with the good picture, or another one that is to pass.
func (s *sheet) file(picture []byte) []byte {
	return s.part("Content-Disposition: <GOOD><CRLF>Content-Type: image/png", picture)
}

// badFile is the part that must not arrive, in the usual form.
func (s *sheet) badFile() []byte {
	return s.part("Content-Disposition: <FILE><CRLF>Content-Type: image/png", s.other)
}

// text is a text field as browsers send it.
func (s *sheet) text(name, value string) []byte {
	return s.part(`Content-Disposition: form-data; name="`+name+`"`, []byte(value))
}

const lastLine = "--" + formBoundary + "--\r\n"

// form returns the parts as a whole body.
func form(parts ...[]byte) []byte { return join(join(parts...), []byte(lastLine)) }

// add adds a request, with the usual method, type and text values if it has no
// others.
func (s *sheet) add(r request) {
	if s.suffix != "" && !bytes.Contains(r.body, s.other) {
		return
	}
	r.class, r.name, r.field = s.class, s.class+"/"+r.name+s.suffix, s.field
	if r.method == "" {
		r.method = http.MethodPost
	}
	if r.header == nil && r.body != nil {
		r.header = contentType("multipart/form-data; boundary=" + formBoundary)
	}
	if r.texts == nil {
		r.texts = []string{note}
	}
	if s.suffix != "" {
		r.texts = append(slices.Clip(r.texts), string(s.other))
	}
	s.all = append(s.all, r)
}

// contentType is the header of a request with nothing else in it.
func contentType(v string) [][2]string { return [][2]string{{"Content-Type", v}} }

// crafted adds a POST with a form in which picture is the only file.
func (s *sheet) crafted(name, why string, body, picture []byte) {
	s.add(request{name: name, why: why, body: body, files: [][]byte{picture}})
}

// real adds a POST with a form as clients send it.
func (s *sheet) real(name, why string, body []byte, pictures ...[]byte) {
	s.add(request{name: name, why: why, body: body, files: pictures, ok: true})
}

// beside adds a form with the good picture and a part with this header that holds
// what must not arrive.
func (s *sheet) beside(name, why, head string) {
	s.crafted(name, why, form(s.file(s.picture), s.part(head, s.other), s.text("more", note)), s.picture)
}
