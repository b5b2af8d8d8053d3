package middleware

import (
	"context"
	"slices"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// gate judges a file while it arrives, by its head and its size. It returns what validate would
// return, in the same order: empty, size, format.
type gate struct {
	ctx    context.Context
	opts   *validate.Options
	limit  int64
	head   []byte // nil once judged
	judged bool
	size   int64
}

// Write returns the refusal, a [*validate.Error], as soon as it is certain.
func (g *gate) Write(p []byte) (int, error) {
	g.size += int64(len(p))
	if err := tooLarge(g.size, g.limit); err != nil {
		return 0, err
	}
	if g.judged {
		return len(p), nil
	}
	g.head = append(g.head, p[:min(len(p), detect.HeadSize-len(g.head))]...)
	if len(g.head) < detect.HeadSize {
		return len(p), nil
	}
	return len(p), g.judge()
}

// end judges the file at its end.
func (g *gate) end() error {
	if g.judged {
		return nil
	}
	return g.judge()
}

// judge judges the head. The refusal comes from validate itself, which refuses an empty file and
// an unknown format before it looks further.
func (g *gate) judge() error {
	g.judged = true
	format := detect.Detect(g.head)
	ours := format != detect.Unknown && (g.opts.Formats == nil || slices.Contains(g.opts.Formats, format))
	if ours {
		g.head = nil
		return nil
	}
	_, err := validate.Bytes(g.ctx, g.head, *g.opts)
	g.head = nil
	return err
}

// tooLarge returns the refusal for a file of size bytes, or nil.
func tooLarge(size, limit int64) error {
	if size < limit {
		return nil
	}
	return &validate.Error{Code: validate.CodeTooLarge, Reason: validate.TooLarge, Offset: -1, Limit: limit, Got: size}
}

// empty returns the refusal for a request without a file.
func empty() error {
	return &validate.Error{Code: validate.CodeEmpty, Reason: validate.Empty, Offset: -1}
}
