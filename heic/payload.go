package heic

import (
	"github.com/imgvet/imgvet/internal/cursor"
	"github.com/imgvet/imgvet/internal/verify"
)

// span is a run of bytes of the file.
type span struct{ at, n int }

// payload is an item's bytes, in one piece.
type payload struct {
	b     []byte
	spans []span
}

// start returns where the payload starts in the file.
func (p *payload) start() int {
	if len(p.spans) == 0 {
		return 0
	}
	return p.spans[0].at
}

// read returns the bytes of an item. An item of one extent, which is what all
// cameras write, costs no copy; the copy of any other is no larger than the file.
func (f *file) read(it *item) (payload, error) {
	spans, err := f.spansOf(nil, it, 0)
	if err != nil {
		return payload{}, err
	}
	p := payload{spans: spans}
	total := 0
	for _, s := range spans {
		if s.at < 0 || s.n < 0 || s.n > len(f.b) || s.at > len(f.b)-s.n {
			return p, verify.Faultf(verify.Truncated, it.at, "item %d: lies outside of the file", it.id)
		}
		if total += s.n; total > len(f.b) {
			return p, verify.Faultf(verify.Malformed, it.at, "item %d: larger than the file", it.id)
		}
	}
	if len(spans) == 1 {
		s := spans[0]
		p.b = f.b[s.at : s.at+s.n : s.at+s.n]
		return p, nil
	}
	p.b = make([]byte, 0, total)
	for _, s := range spans {
		p.b = append(p.b, f.b[s.at:s.at+s.n]...)
	}
	return p, nil
}

// newCursor returns a cursor over a payload.
func newCursor(p *payload) cursor.Cursor { return cursor.New(p.b, p.start()) }
