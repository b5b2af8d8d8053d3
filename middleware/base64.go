package middleware

import (
	"bufio"
	"encoding/base64"
	"errors"
	"io"
	"strings"
)

const maxDataHeader = 512 // of a data URL: "data:image/png;base64,"

// newBase64 decodes base64 (RFC 4648, 4) or a base64 data URL (RFC 2397). It demands padded and
// canonical text, so that no decoder reads other bytes. It skips line ends, since Android writes
// them by default.
func newBase64(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, maxDataHeader)
	if head, _ := b.Peek(len("data:")); string(head) == "data:" {
		header, err := b.ReadSlice(',')
		if err == nil && !strings.HasSuffix(string(header), ";base64,") {
			if _, err := b.Peek(1); err == io.EOF {
				return strings.NewReader("") // "data:,", which a canvas without pixels gives
			}
		}
		if err != nil || !strings.HasSuffix(string(header), ";base64,") {
			return errReader{errors.New("not a base64 data URL")}
		}
	}
	text := &base64Text{r: b}
	return &base64Reader{decoder: base64.NewDecoder(base64.StdEncoding.Strict(), text), text: text}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// base64Reader reads to the end of the text: encoding/base64 stops at the padding.
type base64Reader struct {
	decoder io.Reader
	text    *base64Text
}

func (r *base64Reader) Read(p []byte) (int, error) {
	n, err := r.decoder.Read(p)
	if err == io.EOF {
		if _, err := io.Copy(io.Discard, r.text); err != nil {
			return n, err
		}
	}
	return n, err
}

// base64Text removes line ends, and refuses text after the padding, which encoding/base64 never
// looks at.
type base64Text struct {
	r       io.Reader
	padding int
}

func (t *base64Text) Read(p []byte) (int, error) {
	for {
		n, err := t.r.Read(p)
		kept := 0
		for _, c := range p[:n] {
			switch {
			case c == '\r' || c == '\n':
				continue
			case c == '=' && t.padding < 2:
				t.padding++
			case c == '=', t.padding > 0:
				return 0, errors.New("base64 is not canonical")
			}
			p[kept] = c
			kept++
		}
		if kept > 0 || err != nil || len(p) == 0 {
			return kept, err
		}
	}
}
