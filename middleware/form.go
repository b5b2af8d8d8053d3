package middleware

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/imgvet/imgvet/internal/form"
)

// received is one part of a form.
type received struct {
	*form.Part
	file *checked // nil if the part is not checked as a file
	text bool     // a text field; false for a file in a field that is not ours
}

// receiveForm reads a multipart body to its very end, in one pass. It notes where each part
// lies, so that nobody has to look for it again.
func (c *check) receiveForm() error {
	reader := form.NewReader(c.source, c.boundary)
	defer reader.Close()
	for {
		p, err := reader.Next()
		if err == io.EOF { // after the final delimiter
			return nil
		}
		if err == nil && len(c.parts) == c.m.opts.MaxParts {
			err = malformed("too many parts")
		}
		if err == nil {
			err = c.receivePart(reader, p)
		}
		if err != nil {
			return formFailure(err)
		}
	}
}

// formFailure turns a fault of the form into a failure, and returns other errors as they are.
func formFailure(err error) error {
	var fault form.Error
	if errors.As(err, &fault) {
		return malformed(string(fault))
	}
	return err
}

// receivePart reads the data of one part.
func (c *check) receivePart(reader *form.Reader, part *form.Part) error {
	p := &received{Part: part}
	c.parts = append(c.parts, p)
	// Some clients give every part a type, even the token.
	if !part.Text() && (part.Marked || part.Name != tokenField) {
		return c.receiveFilePart(reader, p, nil)
	}
	text, err := readText(reader)
	if errors.Is(err, errBinary) {
		return c.receiveFilePart(reader, p, text)
	}
	if err != nil {
		return err
	}
	p.text = true
	if p.Name == tokenField {
		return c.setToken(string(text))
	}
	return nil
}

// readText reads a part that is text by its header. A binary part is a file whatever the header
// says: some handlers take a picture from a field of any kind. With errBinary it returns the
// bytes read so far.
func readText(reader *form.Reader) ([]byte, error) {
	var text []byte
	for {
		b, err := reader.Chunk()
		if err == io.EOF {
			return text, nil
		}
		if err != nil {
			return nil, err
		}
		text = append(text, b...)
		if isBinary(b) {
			return text, errBinary
		}
		if len(text) > maxTextBytes {
			return nil, malformed("text field too long")
		}
	}
}

// receiveFilePart reads a part that is a file: the bytes of head, which were read already, and
// the rest of the part's data.
func (c *check) receiveFilePart(reader *form.Reader, p *received, head []byte) error {
	if !c.named(p.Name) {
		if c.m.opts.OtherFiles {
			_, err := reader.Data(io.Discard)
			return err
		}
		return badRequest("file in an unexpected field", "a file in a field that Options.Fields does not name")
	}
	var g *gate
	var err error
	p.file, g, err = c.openFile(p.Name, p.FileName, p.Offset)
	p.file.declared = p.Type
	if err != nil {
		return err
	}
	if len(head) == 0 { // a blank file input has no byte to judge
		head, err = reader.Chunk()
	}
	if err == nil {
		err = c.receiveData(p.file, head, reader.Chunk)
	}
	if err == io.EOF {
		err = nil
	}
	// HTML, 4.10.21.4: this is how a file input that was left blank is sent.
	p.file.blank = err == nil && p.Size == 0 && p.Marked && p.FileName == ""
	return c.closeFile(p.file, g, err)
}

// isBinary reports whether b has a control character that text does not have. Every picture has
// one somewhere, in its numbers of two and four bytes.
func isBinary(b []byte) bool {
	return bytes.ContainsFunc(b, func(r rune) bool { return r < '\t' || '\r' < r && r < ' ' || r == 0x7f })
}

// judgeTexts judges text in the fields that Options.Fields names. Beside a file in the same
// field the text belongs to that file: FilePond sends its metadata this way. Alone, where a file
// is required, it counts as a file that the client did not mark as one.
func (c *check) judgeTexts() error {
	if c.m.opts.Fields == nil || c.m.opts.Optional {
		return nil
	}
	for _, p := range c.parts {
		if p.text && p.Size > 0 && p.Name != tokenField && c.named(p.Name) && c.filesIn(p.Name) == 0 {
			p.text, p.file = false, c.addFile(p.Name, "", p.Offset)
			p.file.Size = p.Size
		}
	}
	slices.SortFunc(c.files, func(a, b *checked) int { return cmp.Compare(a.offset, b.offset) })
	return nil
}

// named reports whether a file in a field of this name must be checked.
func (c *check) named(name string) bool {
	fields := c.m.opts.Fields
	if fields == nil || slices.Contains(fields, name) {
		return true
	}
	// A file that passes unchecked must not be one of Fields to a parser with its own idea of
	// names.
	return c.m.opts.OtherFiles && slices.ContainsFunc(fields, func(f string) bool { return mayBe(name, f) })
}

// mayBe reports whether some parser or framework reads the field name as field.
func mayBe(name, field string) bool {
	for _, a := range looseNames(name) {
		if slices.Contains(looseNames(field), a) {
			return true
		}
	}
	return false
}

// looseNames returns the names, in lower case, that parsers read a field name as. PHP reads
// image[] and image[x] as image, and user.photo and "user[photo" as user_photo; Rack reads
// [image as image; Spring reads !image, and binders of ASP.NET and Struts model.image, as image.
func looseNames(name string) []string {
	name = strings.ToLower(name)
	plain := func(s string) string {
		return strings.Trim(strings.Map(func(r rune) rune {
			if unicode.In(r, unicode.L, unicode.N, unicode.M) {
				return r
			}
			return '_'
		}, s), "_")
	}
	names := []string{plain(name)}
	outer := strings.TrimLeft(name, "[]")
	if end := strings.IndexAny(outer, "[]"); end >= 0 {
		names = append(names, plain(outer[:end]))
	}
	inner := strings.TrimRight(name, "[]")
	if at := strings.LastIndexAny(inner, ".[]/:"); at >= 0 {
		names = append(names, plain(inner[at+1:]))
	}
	return names
}
