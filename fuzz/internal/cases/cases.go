package cases

import (
	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// Case is one file with the verdict that it deserves: the exported type of the kit has the
// same fields, and says what they mean.
type Case struct {
	Name   string        // "png/ihdr_zero_width": format, layer and defect, or kind
	Data   []byte        // the caller may keep it, and must not change it
	Format detect.Format // what the first bytes claim
	OK     bool          // deserves to pass
	Code   validate.Code // the refusal it deserves; 0, and without meaning, if OK

	// Warned marks a good file with an oddity that viewers forgive: it passes by
	// default, and deserves CodeCorrupted under validate.Strict.
	Warned bool

	// Rules, where set, are rules that this good file stands at the bound of or beside:
	// under them, in place of none, it deserves CodeCorrupted with the reason Breaks, or
	// to pass if that is "".
	Rules  validate.Rules
	Breaks validate.Reason

	// Why says what the file is and which rule it keeps or breaks: specification,
	// edition, section.
	Why string
}

// Suite collects the cases of one format.
type Suite struct {
	Format detect.Format
	Cases  []Case
}

func (s *Suite) add(c Case) {
	prefix := string(s.Format)
	if s.Format == detect.Unknown {
		prefix = "other"
	}
	c.Name = prefix + "/" + c.Name
	c.Format = s.Format
	s.Cases = append(s.Cases, c)
}

// Good adds a file that passes without a warning.
func (s *Suite) Good(name string, data []byte, why string) {
	s.add(Case{Name: name, Data: data, OK: true, Why: why})
}

// Warned adds a file that passes, and is refused under validate.Strict.
func (s *Suite) Warned(name string, data []byte, why string) {
	s.add(Case{Name: name, Data: data, OK: true, Warned: true, Why: why})
}

// Bad adds a file that is corrupted.
func (s *Suite) Bad(name string, data []byte, why string) {
	s.add(Case{Name: name, Data: data, Code: validate.CodeCorrupted, Why: why})
}

// BadOther adds a file that is so corrupted that its first bytes claim nothing.
func (s *Suite) BadOther(name string, data []byte, why string) {
	s.Bad(name, data, why)
	s.Cases[len(s.Cases)-1].Format = detect.Unknown
}
