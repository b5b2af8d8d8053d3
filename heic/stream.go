package heic

import (
	"errors"

	"github.com/imgvet/imgvet/heic/internal/heif"
	"github.com/imgvet/imgvet/internal/verify"
)

// verifyStream verifies one coded picture, to its last bit; or sees to it that
// this is done, where several are read at a time.
func (v *verifier) verifyStream(it *heif.Item, c *heif.Config, data heif.Payload) error {
	if v.passed {
		return nil
	}
	if r, ok := v.results[it.Index]; ok {
		return v.judgeStream(it, &data, r.padding, r.err)
	}
	if !v.in.Spend(int64(len(data.Bytes)), verify.WeightHEIC, data.Start()) {
		return v.in.Err()
	}
	if v.ahead != nil {
		return v.queue(it, c, data)
	}
	padding, err := heif.ReadStream(v.in.Context(), c, &data, v.lim.coded())
	return v.judgeStream(it, &data, padding, err)
}

// result is what ReadStream said of an item's stream.
type result struct {
	padding int
	err     error
}

// judgeStream takes in what ReadStream found.
func (v *verifier) judgeStream(it *heif.Item, data *heif.Payload, padding int, err error) error {
	if v.results != nil {
		v.results[it.Index] = result{padding, err}
	}
	if err != nil && v.arriving && len(data.Spans) > 1 {
		return heif.ErrArriving // inside needs the end of the file
	}
	if err != nil {
		return v.inside(err)
	}
	if padding > 0 {
		v.forgive(Warning{Reason: verify.FillBytes, Offset: int64(data.Spans[0].At), Text: "zero bytes, or units of no byte, behind NAL units"})
	}
	return nil
}

// inside keeps a fault's offset inside the file: a NAL unit that lies in two
// extents has no offsets of its own behind the first.
func (v *verifier) inside(err error) error {
	var fault *verify.Fault
	if errors.As(err, &fault) && fault.Offset > int64(len(v.Bytes)) {
		g := *fault
		g.Offset = -1
		return &g
	}
	return err
}
