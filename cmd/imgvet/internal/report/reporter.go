package report

import (
	"errors"
	"fmt"
	"os"
)

// Reporter tells of verdicts one by one. An error ends the check.
type Reporter interface {
	Report(v Verdict) error
	Finish(t Tally) error
}

// Reporters tells each of them.
type Reporters []Reporter

// Report tells each of v. The first error ends it.
func (rs Reporters) Report(v Verdict) error {
	for _, r := range rs {
		if err := r.Report(v); err != nil {
			return err
		}
	}
	return nil
}

// Finish ends each, whatever becomes of the others.
func (rs Reporters) Finish(t Tally) error {
	var errs []error
	for _, r := range rs {
		errs = append(errs, r.Finish(t))
	}
	return errors.Join(errs...)
}

// Files names the files that reports are written to; "" is no such report.
type Files struct{ SARIF, JUnit, HTML string }

// Create creates the files of the reports asked for, so that one that can't
// be written is known before the work. It returns what they are, too.
func (f Files) Create() (Reporters, []os.FileInfo, error) {
	var (
		all   Reporters
		infos []os.FileInfo
	)
	for _, r := range []struct {
		name string
		make func(*spool) Reporter
	}{
		{f.SARIF, newSARIFReporter},
		{f.JUnit, newJUnitReporter},
		{f.HTML, newHTMLReporter},
	} {
		if r.name == "" {
			continue
		}
		s, err := newSpool(r.name)
		if err != nil {
			return nil, nil, err
		}
		for _, other := range infos {
			if os.SameFile(s.info, other) && s.info.Mode().IsRegular() {
				return nil, nil, fmt.Errorf("%s would hold two reports", r.name)
			}
		}
		all = append(all, r.make(s))
		infos = append(infos, s.info)
	}
	return all, infos, nil
}
