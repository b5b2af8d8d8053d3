package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/cli"
	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// reporter tells of verdicts one by one. An error ends the check.
type reporter interface {
	report(v verdict) error
	finish(t tally) error
}

// reporters tells each of them.
type reporters []reporter

func (rs reporters) report(v verdict) error {
	for _, r := range rs {
		if err := r.report(v); err != nil {
			return err
		}
	}
	return nil
}

func (rs reporters) finish(t tally) error {
	var errs []error
	for _, r := range rs {
		errs = append(errs, r.finish(t))
	}
	return errors.Join(errs...)
}

// textReporter prints a line a file for people: verdicts to out, files that
// could not be read to errs. Each line is one Write, so that none is cut.
type textReporter struct {
	out, errs io.Writer
	quiet     bool // only what is not good
}

func (t textReporter) report(v verdict) error {
	name := cli.Printable(v.file)
	refusal := v.refusal()
	var err error
	switch {
	case v.err == nil && t.quiet:
	case v.err == nil:
		_, err = fmt.Fprintf(t.out, "ok       %-4s  %-11s  %s%s%s\n", v.res.Format,
			fmt.Sprintf("%dx%d", v.res.Width, v.res.Height), name, faces(v.res.Faces), warnings(v.res.Warnings))
	case refusal != nil:
		_, err = fmt.Fprintf(t.out, "refused  %-4s  code %d       %s: %v%s\n", format(v.res.Format), refusal.Code, name, refusal, faceAdvice(refusal, ". "))
	default:
		_, err = fmt.Fprintf(t.errs, "imgvet: %s: %s\n", name, cli.Plain(v.err))
	}
	return err
}

func (t textReporter) finish(tally) error { return nil }

func format(f detect.Format) string {
	if f == detect.Unknown {
		return "?"
	}
	return string(f)
}

// warnings tells what was forgiven, and what a face finder advises.
func warnings(ws []validate.Warning) string {
	if len(ws) == 0 {
		return ""
	}
	texts := make([]string, len(ws))
	for i, w := range ws {
		texts[i] = string(w.Reason)
		if w.Text != "" {
			texts[i] += ": " + w.Text
		}
	}
	return " (warning: " + strings.Join(texts, "; ") + ")"
}

// faces tells where they are: left, top, width, height.
func faces(fs []validate.Face) string {
	if len(fs) == 0 {
		return ""
	}
	boxes := make([]string, len(fs))
	for i, f := range fs {
		boxes[i] = fmt.Sprintf("%d,%d %dx%d %.0f%%", f.Bounds.Min.X, f.Bounds.Min.Y, f.Bounds.Dx(), f.Bounds.Dy(), 100*f.Score)
	}
	return " (face " + strings.Join(boxes, ", ") + ")"
}

// faceAdvice is what a face finder has to say of a picture without a face; the advice
// of other refusals follows from their reason (see explain).
func faceAdvice(refusal *validate.Error, lead string) string {
	if refusal.Code != validate.CodeFaceNotFound {
		return ""
	}
	return lead + refusal.Advice()
}

// jsonReporter prints JSON Lines.
type jsonReporter struct {
	enc   *json.Encoder
	quiet bool
}

func newJSONReporter(w io.Writer, quiet bool) jsonReporter {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return jsonReporter{enc, quiet}
}

func (j jsonReporter) report(v verdict) error {
	if v.err == nil && j.quiet {
		return nil
	}
	return j.enc.Encode(validate.VerdictOf(v.file, v.res, v.err)) // in one Write
}

func (j jsonReporter) finish(tally) error { return nil }
