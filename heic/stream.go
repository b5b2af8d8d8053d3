package heic

import (
	"errors"

	"github.com/imgvet/imgvet/heic/internal/heif"
	"github.com/imgvet/imgvet/internal/verify"
)

// verifyStream verifies one coded picture, to its last bit; or sees to it that
// this is done, where several are read at a time.
func (v *verifier) verifyStream(c *heif.Config, data heif.Payload) error {
	if v.passed {
		return nil
	}
	if v.ahead != nil {
		return v.queue(c, data)
	}
	padding, err := heif.ReadStream(c, &data, v.lim.coded())
	return v.judgeStream(&data, padding, err)
}

// judgeStream takes in what readStream found.
func (v *verifier) judgeStream(data *heif.Payload, padding int, err error) error {
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
