package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/explain"
	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/validate"
)

// The members of SARIF that we use; all else is optional. The numbers are sections
// of SARIF 2.1.0 (OASIS Standard, 27 March 2020).
const (
	sarifVersion = "2.1.0" // 3.13.2
	sarifSchema  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

// unreadable is the rule of files that could not be read.
const unreadable = "unreadable"

type sarifText struct { // 3.11 and 3.12
	Text string `json:"text"`
}

type sarifRule struct { // 3.49 reportingDescriptor
	ID    string    `json:"id"`
	Short sarifText `json:"shortDescription"`
	Help  sarifText `json:"help"`
}

type sarifResult struct { // 3.27
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
}

type sarifLocation struct { // 3.28
	Physical struct { // 3.29
		Artifact struct { // 3.4
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region *sarifRegion `json:"region,omitempty"`
	} `json:"physicalLocation"`
}

// sarifRegion is bytes of a file (3.30). An empty one is the place before its
// first byte, as for the end of a file that is cut.
type sarifRegion struct {
	ByteOffset int64 `json:"byteOffset"`
	ByteLength int64 `json:"byteLength"`
}

// sarifReporter writes refusals as errors, warnings as warnings, and files that
// could not be read as errors of a rule of their own.
type sarifReporter struct {
	s     *spool
	rules map[string]int // index by rule
	n     int            // results written
}

func newSARIFReporter(s *spool) Reporter {
	rules := map[string]int{}
	for i, r := range sarifRules() {
		rules[r.ID] = i
	}
	return &sarifReporter{s: s, rules: rules}
}

// sarifRules are the reasons of refusals and warnings, in the order of explain.
func sarifRules() []sarifRule {
	var rules []sarifRule
	for _, r := range explain.Reasons() {
		rules = append(rules, sarifRule{string(r.Reason), sarifText{r.Short}, sarifText{r.Help()}})
	}
	return append(rules, sarifRule{
		unreadable,
		sarifText{"the file could not be read, which says nothing about the picture"},
		sarifText{"See that the file is there, is a regular file and may be read."},
	})
}

func (r *sarifReporter) Report(v Verdict) error {
	switch refusal := v.Refusal(); {
	case refusal != nil:
		text := fmt.Sprintf("%s (code %d, %s). %s", refusal.Code.Message(), refusal.Code, refusal.Reason, refusal.Advice())
		return r.result(v, string(refusal.Reason), "error", text, refusal.Offset)
	case v.Err != nil:
		return r.result(v, unreadable, "error", "could not be read: "+v.Err.Error(), -1)
	}
	for _, w := range v.Result.Warnings {
		if err := r.result(v, string(w.Reason), "warning", w.Text, w.Offset); err != nil {
			return err
		}
	}
	return nil
}

func (r *sarifReporter) result(v Verdict, rule, level, text string, at int64) error {
	index, ok := r.rules[rule]
	if !ok {
		index = -1 // 3.27.6: unknown; a reason of a hook
	}
	res := sarifResult{rule, index, level, sarifText{text}, nil}
	if v.File != cli.Stdin {
		var loc sarifLocation
		loc.Physical.Artifact.URI = fileURI(v.File)
		if at >= 0 {
			loc.Physical.Region = &sarifRegion{at, 1}
			if at >= v.Result.Size {
				loc.Physical.Region.ByteLength = 0
			}
		}
		res.Locations = []sarifLocation{loc}
	} else {
		res.Message.Text = "standard input: " + text
	}
	b, err := json.Marshal(res)
	if err != nil {
		return err
	}
	sep := ",\n"
	if r.n == 0 {
		sep = "\n"
	}
	r.n++
	if _, err := r.s.WriteString(sep); err != nil {
		return err
	}
	_, err = r.s.Write(b)
	return err
}

// finish writes the one run (3.14), with its tool (3.18) and invocation (3.20).
func (r *sarifReporter) Finish(t Tally) error {
	rules, err := json.Marshal(sarifRules())
	if err != nil {
		return err
	}
	invocation := struct {
		Successful bool `json:"executionSuccessful"`
		ExitCode   int  `json:"exitCode"`
	}{t.Stopped == nil && t.Failed == 0, t.ExitCode()}
	if t.Stopped != nil {
		invocation.ExitCode = max(invocation.ExitCode, cli.ExitFailed) // or 128 and more, for a signal
		if signal := (cli.Interrupted{}); errors.As(t.Stopped, &signal) {
			invocation.ExitCode = signal.Code()
		}
	}
	end, err := json.Marshal([]any{invocation})
	if err != nil {
		return err
	}
	head := fmt.Sprintf(`{"$schema":%q,"version":%q,"runs":[{"tool":{"driver":{"name":"imgvet","version":%q,"rules":%s}},"columnKind":"utf16CodeUnits","results":[`,
		sarifSchema, sarifVersion, cli.Version(), rules)
	return r.s.finish([]byte(head), fmt.Appendf(nil, "\n],\"invocations\":%s}]}\n", end))
}

// fileURI returns a URI reference (RFC 3986) to a file: relative if its name is.
func fileURI(name string) string {
	u := url.URL{Path: filepath.ToSlash(filepath.Clean(name))}
	if filepath.IsAbs(name) {
		u.Scheme = "file"
		if u.Path[0] != '/' {
			u.Path = "/" + u.Path // C:/a.png
		}
	}
	return u.String()
}

// reasonOf returns what a verdict's refusal is filed under.
func reasonOf(refusal *validate.Error) string {
	if refusal.Reason == "" {
		return refusal.Code.Message()
	}
	return string(refusal.Reason)
}
