package heif

import (
	"math"

	"github.com/imgvet/imgvet/internal/cursor"
	"github.com/imgvet/imgvet/internal/verify"
)

// Span is a run of bytes of the file.
type Span struct{ At, N int }

// Payload is an item's bytes, in one piece.
type Payload struct {
	Bytes []byte
	Spans []Span
}

// Start returns where the payload starts in the file.
func (p *Payload) Start() int {
	if len(p.Spans) == 0 {
		return 0
	}
	return p.Spans[0].At
}

// Read returns the bytes of an item. An item of one extent, which is what all
// cameras write, costs no copy; the copy of any other is no larger than the file.
func (f *File) Read(it *Item) (Payload, error) {
	// Where an item's bytes are is found once: extents count against a bound each time that they
	// are resolved, and who makes the pixels reads all that was verified again.
	if f.spans == nil {
		f.spans = make([][]Span, len(f.Items))
		f.runs = make([]Span, 0, min(len(f.Items), maxExtents)) // most items have one
	}
	spans := f.spans[it.Index]
	if spans == nil {
		before := len(f.runs)
		all, err := f.spansOf(f.runs, it, 0)
		if err != nil {
			return Payload{}, err
		}
		f.runs, spans = all, all[before:len(all):len(all)]
		f.spans[it.Index] = spans
	}
	p := Payload{Spans: spans}
	if err := f.await(spans); err != nil {
		return p, err
	}
	total := 0
	for _, s := range spans {
		if s.At < 0 || s.N < 0 || s.N > len(f.Bytes) || s.At > len(f.Bytes)-s.N {
			return p, verify.Faultf(verify.Truncated, it.At, "item %d: lies outside of the file", it.ID)
		}
		if total += s.N; total > len(f.Bytes) {
			return p, verify.Faultf(verify.Malformed, it.At, "item %d: larger than the file", it.ID)
		}
	}
	if len(spans) == 1 {
		s := spans[0]
		p.Bytes = f.Bytes[s.At : s.At+s.N : s.At+s.N]
		return p, nil
	}
	p.Bytes = make([]byte, 0, total)
	for _, s := range spans {
		p.Bytes = append(p.Bytes, f.Bytes[s.At:s.At+s.N]...)
	}
	return p, nil
}

// await waits until spans have arrived, if the file is still arriving.
func (f *File) await(spans []Span) error {
	if f.in == nil {
		return nil
	}
	total := 0
	for _, s := range spans {
		if s.At < 0 || s.N < 0 || s.At > math.MaxInt-s.N || !f.in.Reach(s.At+s.N) {
			return ErrArriving
		}
		total += s.N
	}
	if f.Bytes = f.in.Bytes(); total > len(f.Bytes) {
		return ErrArriving
	}
	return nil
}

// newCursor returns a cursor over a payload.
func newCursor(p *Payload) cursor.Cursor { return cursor.New(p.Bytes, p.Start()) }
