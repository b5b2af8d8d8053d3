package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// reporter prints verdicts one by one.
type reporter interface{ report(v verdict) }

// textReporter prints a line a file for people: verdicts to out, files that
// could not be read to errs.
type textReporter struct{ out, errs io.Writer }

func (t textReporter) report(v verdict) {
	name := printable(v.file)
	refusal := v.refusal()
	switch {
	case v.err == nil:
		fmt.Fprintf(t.out, "ok       %-4s  %-11s  %s%s\n", v.res.Format,
			fmt.Sprintf("%dx%d", v.res.Width, v.res.Height), name, warnings(v.res.Warnings))
	case refusal != nil:
		fmt.Fprintf(t.out, "refused  %-4s  code %d       %s: %v\n", format(v.res.Format), refusal.Code, name, refusal)
	default:
		fmt.Fprintf(t.errs, "imgvet: %s: %v\n", name, v.err)
	}
}

func format(f detect.Format) string {
	if f == detect.Unknown {
		return "?"
	}
	return string(f)
}

func warnings(ws []validate.Warning) string {
	if len(ws) == 0 {
		return ""
	}
	reasons := make([]string, len(ws))
	for i, w := range ws {
		reasons[i] = string(w.Reason)
	}
	return " (warning: " + strings.Join(reasons, ", ") + ")"
}

// printable quotes a name that could steer a terminal.
func printable(name string) string {
	if q := fmt.Sprintf("%q", name); q != `"`+name+`"` {
		return q
	}
	return name
}

// jsonReporter prints JSON Lines.
type jsonReporter struct{ enc *json.Encoder }

func newJSONReporter(w io.Writer) jsonReporter {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return jsonReporter{enc}
}

// line is one verdict as JSON. A file that could not be read has a failure
// instead of an error.
type line struct {
	File     string          `json:"file"`
	OK       bool            `json:"ok"`
	Error    json.RawMessage `json:"error,omitempty"`
	Reason   validate.Reason `json:"reason,omitempty"`
	Offset   *int64          `json:"offset,omitempty"`
	Failure  string          `json:"failure,omitempty"`
	Format   detect.Format   `json:"format,omitempty"`
	Width    int             `json:"width,omitempty"`
	Height   int             `json:"height,omitempty"`
	Size     int64           `json:"size"`
	Warnings []warningLine   `json:"warnings,omitempty"`
}

type warningLine struct {
	Reason validate.Reason `json:"reason"`
	Offset *int64          `json:"offset,omitempty"`
	Text   string          `json:"text"`
}

func (j jsonReporter) report(v verdict) {
	l := line{
		File:     v.file,
		OK:       v.err == nil,
		Format:   v.res.Format,
		Width:    v.res.Width,
		Height:   v.res.Height,
		Size:     v.res.Size,
		Warnings: warningLines(v.res.Warnings),
	}
	if refusal := v.refusal(); refusal != nil {
		l.Error, l.Reason, l.Offset = canonicalError(refusal), refusal.Reason, offset(refusal.Offset)
	} else if v.err != nil {
		l.Failure = v.err.Error()
	}
	// A broken pipe ends the program by itself; nothing else can fail here.
	_ = j.enc.Encode(l)
}

func warningLines(ws []validate.Warning) []warningLine {
	var lines []warningLine
	for _, w := range ws {
		lines = append(lines, warningLine{w.Reason, offset(w.Offset), w.Text})
	}
	return lines
}

// canonicalError returns the value of "error" in the canonical body.
func canonicalError(e *validate.Error) json.RawMessage {
	var body struct {
		Error json.RawMessage `json:"error"`
	}
	if b, err := e.MarshalJSON(); err == nil {
		_ = json.Unmarshal(b, &body) // it is what MarshalJSON has just made
	}
	return body.Error
}

// offset returns nil for "no single place".
func offset(at int64) *int64 {
	if at < 0 {
		return nil
	}
	return &at
}
