package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/validate"
)

// textReporter prints a line a file for people: verdicts to out, files that
// could not be read to errs. Each line is one Write, so that none is cut.
type textReporter struct {
	out, errs io.Writer
	quiet     bool // only what is not good
	colour    bool
}

// NewText returns a [Reporter] that prints a line a file for people: verdicts to out,
// files that could not be read to errs. If quiet, it leaves out what is good. With colour what is
// wrong stands out on a terminal.
func NewText(out, errs io.Writer, quiet, colour bool) Reporter {
	return textReporter{out, errs, quiet, colour}
}

// Colours, as a terminal is told them (ECMA-48, 8.3.117).
const (
	red    = "31"
	yellow = "33"
	faint  = "2"
)

// paint colours text, if colours are wanted.
func (t textReporter) paint(colour, text string) string {
	if !t.colour || text == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

func (t textReporter) Report(v Verdict) error {
	name := cli.Printable(v.File)
	refusal := v.Refusal()
	var err error
	switch {
	case v.Err == nil && t.quiet:
	case v.Err == nil:
		_, err = fmt.Fprintf(t.out, "%s       %-4s  %-11s  %s%s%s\n", t.paint(faint, "ok"), v.Result.Format,
			fmt.Sprintf("%dx%d", v.Result.Width, v.Result.Height), name, faces(v.Result.Faces), t.paint(yellow, warnings(v.Result.Warnings)))
	case refusal != nil:
		_, err = fmt.Fprintf(t.out, "%s  %-4s  code %d       %s: %v%s\n", t.paint(red, "refused"), format(v.Result.Format), refusal.Code, name, refusal, faceAdvice(refusal, ". "))
	default:
		_, err = fmt.Fprintf(t.errs, "%s: %s: %s\n", t.paint(red, "imgvet"), name, cli.Plain(v.Err))
	}
	return err
}

func (t textReporter) Finish(Tally) error { return nil }

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
		texts[i] = warning(w)
	}
	return " (warning: " + strings.Join(texts, "; ") + ")"
}

func warning(w validate.Warning) string {
	if w.Text == "" {
		return string(w.Reason)
	}
	return string(w.Reason) + ": " + w.Text
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
