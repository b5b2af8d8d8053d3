package readings

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/imgvet/imgvet/fuzz/internal/build/deflate"
	"github.com/imgvet/imgvet/fuzz/internal/build/png"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
)

const (
	// formBoundary separates the parts of crafted forms: no quotes needed, and of
	// a browser's length.
	formBoundary = "----FormBoundary7MA4YWxk"
	// Evil stands in every name, boundary and file that must not arrive, so that an
	// echo shows.
	Evil = "evil"
	// Note is the value of text fields.
	Note = "a note"
	// foreignText is what must not arrive as a file, and no picture by far.
	foreignText = "<?php /* evil text of more than a few characters, without any control character */ ?>"
)

// Sheet collects the requests of one class.
type Sheet struct {
	class, field string
	Picture      []byte // the good one
	Other        []byte // what must not arrive
	suffix       string // of the names; only what holds other is kept then
	spelling     *strings.Replacer
	All          []Request
}

// NewSheet returns an empty sheet. Headers are written with what cannot be seen
// or typed in angle brackets, and <FILE>, <NAMED>, <TEXT> and <GOOD> for the usual
// Content-Disposition of a file that must not arrive, the same without its file
// name, of a text field, and of the good file.
func NewSheet(class, field string) *Sheet {
	const disposition = `form-data; name="`
	return &Sheet{
		class: class, field: field, Picture: plainPNG(), Other: Foreign(),
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

func plainPNG() []byte { return png.Base.Picture() }

// Foreign returns bytes that no check takes for a picture: one that lost its tail,
// with text in it that shows when it is echoed. No line of it is a boundary.
func Foreign() []byte {
	b := png.File(png.Base.Chunk(), png.Chunk{Kind: "tEXt", Data: []byte("Comment\x00evil bytes")}, png.IDAT(deflate.ZlibStored(png.Base.Rows())))
	return b[:len(b)-9]
}

// Hiding returns a good picture with data in a chunk that no viewer looks at.
func Hiding(data []byte) []byte {
	return png.File(png.Base.Chunk(), png.Chunk{Kind: "prVt", Data: data}, png.IDAT(deflate.ZlibStored(png.Base.Rows())), png.IEND)
}

func (s *Sheet) spell(text string) string { return s.spelling.Replace(text) }

// part returns a part with the boundary line before it and the line end behind
// it. head is spelled out.
func (s *Sheet) part(head string, data []byte) []byte {
	return pack.Join([]byte(s.spell("--<B><CRLF>"+head+"<CRLF><CRLF>")), data, []byte("\r\n"))
}

// File is a part with the good picture, or another one that is to pass.
func (s *Sheet) File(picture []byte) []byte {
	return s.part("Content-Disposition: <GOOD><CRLF>Content-Type: image/png", picture)
}

// badFile is the part that must not arrive, in the usual form.
func (s *Sheet) badFile() []byte {
	return s.part("Content-Disposition: <FILE><CRLF>Content-Type: image/png", s.Other)
}

// Text is a text field as browsers send it.
func (s *Sheet) Text(name, value string) []byte {
	return s.part(`Content-Disposition: form-data; name="`+name+`"`, []byte(value))
}

const lastLine = "--" + formBoundary + "--\r\n"

// Form returns the parts as a whole body.
func Form(parts ...[]byte) []byte { return pack.Join(pack.Join(parts...), []byte(lastLine)) }

// add adds a request, with the usual method, type and text values if it has no
// others.
func (s *Sheet) add(r Request) {
	if s.suffix != "" && !bytes.Contains(r.Body, s.Other) {
		return
	}
	r.Class, r.Name, r.Field = s.class, s.class+"/"+r.Name+s.suffix, s.field
	if r.Method == "" {
		r.Method = http.MethodPost
	}
	if r.Header == nil && r.Body != nil {
		r.Header = contentType("multipart/form-data; boundary=" + formBoundary)
	}
	if r.Texts == nil {
		r.Texts = []string{Note}
	}
	if s.suffix != "" {
		r.Texts = append(slices.Clip(r.Texts), string(s.Other))
	}
	s.All = append(s.All, r)
}

// contentType is the header of a request with nothing else in it.
func contentType(v string) [][2]string { return [][2]string{{"Content-Type", v}} }

// Crafted adds a POST with a form in which picture is the only file.
func (s *Sheet) Crafted(name, why string, body, picture []byte) {
	s.add(Request{Name: name, Why: why, Body: body, Files: [][]byte{picture}})
}

// Real adds a POST with a form as clients send it.
func (s *Sheet) Real(name, why string, body []byte, pictures ...[]byte) {
	s.add(Request{Name: name, Why: why, Body: body, Files: pictures, OK: true})
}

// Beside adds a form with the good picture and a part with this header that holds
// what must not arrive.
func (s *Sheet) Beside(name, why, head string) {
	s.Crafted(name, why, Form(s.File(s.Picture), s.part(head, s.Other), s.Text("more", Note)), s.Picture)
}
