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
	if len(g.head) == 0 && len(p) >= detect.HeadSize {
		return len(p), g.judge(p[:detect.HeadSize])
	}
	g.head = append(g.head, p[:min(len(p), detect.HeadSize-len(g.head))]...)
	if len(g.head) < detect.HeadSize {
		return len(p), nil
	}
	return len(p), g.judge(g.head)
}

// end judges the file at its end.
func (g *gate) end() error {
	if g.judged {
		return nil
	}
	return g.judge(g.head)
}

// judge judges the head. The refusal comes from validate itself, which refuses an empty file and
// an unknown format before it looks further.
func (g *gate) judge(head []byte) error {
	g.judged, g.head = true, nil
	format := detect.Detect(head)
	ours := format != detect.Unknown && (g.opts.Formats == nil || slices.Contains(g.opts.Formats, format))
	if ours {
		return nil
	}
	_, err := validate.Bytes(g.ctx, head, *g.opts)
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
