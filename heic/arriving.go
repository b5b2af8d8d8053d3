package heic

import (
	"errors"

	"github.com/imgvet/imgvet/heic/internal/heif"
	"github.com/imgvet/imgvet/internal/verify"
)

// VerifyInput is [Verify] for a file that may still be arriving, and under the context that in
// has. It is for this module: programs that import it cannot make an Input. Its error is an
// [*Error], nil, or the error of in.
//
// Once the meta box is there, coded pictures are read as they arrive, in the order of the walk,
// and one that the shown picture needs and that is broken is refused. When the file has ended, all
// checks are made in their order, with what is known of the streams by then. So a file that is
// accepted, or that has one fault, gets the verdict that Verify gives it.
func VerifyInput(in *verify.Input, lim Limits) (Info, error) {
	var results map[int]result
	if !in.InMemory() {
		early := &verifier{in: in, lim: lim, info: Info{Frames: 1}, arriving: true, results: map[int]result{}}
		var err error
		if early.File, err = heif.Arriving(in, early.warn); early.File == nil {
			early.File = heif.New(nil, early.warn)
		} else if err == nil {
			in.Holding(early)
			defer in.Holding(nil)
			err = early.verifyArriving()
		}
		var fault *Error
		if in.Err() != nil || errors.As(err, &fault) {
			return early.about(), either(in.Err(), err)
		}
		if !in.All() {
			return early.about(), in.Err()
		}
		results = early.results
	}
	v := newVerifier(in, lim)
	v.results = results
	err := v.verify()
	return v.about(), either(in.Err(), err)
}

// Holds returns about how many bytes the tables of the file take, and the copies of pictures in
// several extents that nobody has judged yet.
func (v *verifier) Holds() int64 {
	n := v.File.Holds()
	if v.ahead == nil {
		return n
	}
	for _, j := range v.ahead.pending {
		if len(j.data.Spans) > 1 {
			n += int64(len(j.data.Bytes))
		}
	}
	return n
}

// verifyArriving reads the coded pictures of a file that is still arriving. It returns a fault
// only if the whole file has it for sure, or has another.
func (v *verifier) verifyArriving() error {
	if err := v.verifyShown(); err != nil {
		return err
	}
	// What this finds is judged later. Only the results of the streams are wanted.
	_ = v.verifyAuxiliaries()
	return nil
}

// either returns the first error that is not nil.
func either(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
