package report

import (
	"encoding/json"
	"io"

	"github.com/imgvet/imgvet/validate"
)

// jsonReporter prints JSON Lines.
type jsonReporter struct {
	enc   *json.Encoder
	quiet bool
}

// NewJSON returns a [Reporter] that prints JSON Lines to w. If quiet, it leaves out what
// is good.
func NewJSON(w io.Writer, quiet bool) Reporter {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return jsonReporter{enc, quiet}
}

func (j jsonReporter) Report(v Verdict) error {
	if v.Err == nil && j.quiet {
		return nil
	}
	return j.enc.Encode(validate.VerdictOf(v.File, v.Result, v.Err)) // in one Write
}

func (j jsonReporter) Finish(Tally) error { return nil }
