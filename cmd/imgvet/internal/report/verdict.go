package report

import (
	"errors"
	"fmt"
	"time"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/thumb"
	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/validate"
)

// Verdict is what became of one file.
type Verdict struct {
	File   string
	Result *validate.Result
	Err    error // nil, a *validate.Error, or what kept the file from being read
	Took   time.Duration
	Thumb  thumb.Thumbnail
	Left   Left // why the file was not judged
}

// Left is why a file was left out.
type Left int

// A file that was left out is counted, and in no report.
const (
	NotLeft   Left = iota
	NoPicture      // neither its content nor its name claims to be one
	Unchanged      // it was good, and has not changed since
)

// Refusal returns the verdict's refusal, or nil.
func (v Verdict) Refusal() *validate.Error {
	var refusal *validate.Error
	errors.As(v.Err, &refusal)
	return refusal
}

// Tally counts verdicts.
type Tally struct {
	Start               time.Time
	Took                time.Duration
	OK, Refused, Failed int64
	NoPicture           int64 // left out, as Left says
	Unchanged           int64
	Warned              int64 // of the good ones
	Stopped             error // why the check could not come to its end, or nil
}

// Add counts one more.
func (t *Tally) Add(v Verdict) {
	switch {
	case v.Left == NoPicture:
		t.NoPicture++
	case v.Left == Unchanged:
		t.Unchanged++
	case v.Err == nil:
		t.OK++
		if len(v.Result.Warnings) > 0 {
			t.Warned++
		}
	case v.Refusal() != nil:
		t.Refused++
	default:
		t.Failed++
	}
}

// Checked returns how many verdicts were counted.
func (t Tally) Checked() int64 { return t.OK + t.Refused + t.Failed }

// ExitCode returns the worst that happened: could not read, then refused.
func (t Tally) ExitCode() int {
	switch {
	case t.Failed > 0:
		return cli.ExitFailed
	case t.Refused > 0:
		return cli.ExitRefused
	}
	return cli.ExitOK
}

// String returns the counts as a sentence.
func (t Tally) String() string {
	s := fmt.Sprintf("%d checked: %d good", t.Checked(), t.OK)
	if t.Warned > 0 {
		s += fmt.Sprintf(" (%d with a warning)", t.Warned)
	}
	if t.Refused > 0 {
		s += fmt.Sprintf(", %d refused", t.Refused)
	}
	if t.Failed > 0 {
		s += fmt.Sprintf(", %d could not be read", t.Failed)
	}
	if t.Unchanged > 0 {
		s += fmt.Sprintf("; %d unchanged since they were good", t.Unchanged)
	}
	if t.NoPicture > 0 {
		s += fmt.Sprintf("; %d left out, which are no pictures", t.NoPicture)
	}
	return s
}
