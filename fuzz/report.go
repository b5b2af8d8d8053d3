package fuzz

import (
	"fmt"
	"strings"
)

// Report is what a conformance run found.
type Report struct {
	Requests int
	Readings int // how many of the requests were of Readings; 0 if no files are reported
	Faults   []Fault
}

// Fault is one thing that a handler got wrong.
type Fault struct {
	Kind string // "passed a bad file", "body changed", ...
	Case string // the name of the case
	Mode Mode
	Want string
	Got  string
	Why  string // what the case is
}

// String returns the report for people: a paragraph a kind of fault.
func (r *Report) String() string {
	if len(r.Faults) == 0 {
		return fmt.Sprintf("%d requests, no faults\n", r.Requests)
	}
	return fmt.Sprintf("%d requests, %d faults\n%s\n", r.Requests, len(r.Faults), strings.Join(r.grouped(), "\n"))
}

// grouped returns a text for each kind of fault, in the order in which they were
// met: how many, in which modes, and the first few.
func (r *Report) grouped() []string {
	const examples = 5
	var kinds []string
	byKind := map[string][]Fault{}
	for _, f := range r.Faults {
		if byKind[f.Kind] == nil {
			kinds = append(kinds, f.Kind)
		}
		byKind[f.Kind] = append(byKind[f.Kind], f)
	}
	texts := make([]string, 0, len(kinds))
	for _, kind := range kinds {
		faults := byKind[kind]
		var s strings.Builder
		fmt.Fprintf(&s, "%s: %d times", kind, len(faults))
		shown := map[string]bool{}
		for _, f := range faults {
			if shown[f.Case] {
				continue // the same file in another mode
			}
			if len(shown) == examples {
				s.WriteString("\n    ...")
				break
			}
			shown[f.Case] = true
			fmt.Fprintf(&s, "\n    %s", f.text())
		}
		texts = append(texts, s.String())
	}
	return texts
}

func (f Fault) text() string {
	var s strings.Builder
	s.WriteString(f.Case)
	if f.Mode != "" {
		fmt.Fprintf(&s, " (%s)", f.Mode)
	}
	if f.Want != "" {
		fmt.Fprintf(&s, ": want %s", f.Want)
	}
	if f.Got != "" {
		fmt.Fprintf(&s, "; got %s", f.Got)
	}
	if f.Why != "" {
		fmt.Fprintf(&s, " [%s]", f.Why)
	}
	return s.String()
}
