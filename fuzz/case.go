package fuzz

import (
	"iter"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// Case is one file with the verdict it deserves under the zero
// [validate.Options].
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

// Cases yields every case, always in the same order and with the same bytes, on
// every platform. Names are unique. A few cases are just under or over 10 MiB;
// each is built when its turn comes and not kept.
//
// A good case is one picture that browsers, libpng, libjpeg-turbo, libwebp and
// libheif show whole. A bad case is a good one with exactly one defect, its
// checksums and sizes made right again, so that the defect reaches the check
// that should find it.
func Cases() iter.Seq[Case] {
	return func(yield func(Case) bool) {
		for _, family := range []func() []Case{
			emptyCases,
			foreignCases,
			pngGoodCases, pngBadCases, deflateCases,
			jpegGoodCases, jpegBadCases,
			bmpGoodCases, bmpBadCases,
			webpGoodCases, webpBadCases,
			heicGoodCases, heicBadCases,
			forgivenCases,
			ruleCases,
			tailCases,
			bombCases,
		} {
			for _, c := range family() {
				if !yield(c) {
					return
				}
			}
		}
		limitCases(yield)
	}
}

// small is the size up to which a case makes a sensible seed or mutation base.
const small = 64 << 10

// suite collects the cases of one format.
type suite struct {
	format detect.Format
	cases  []Case
}

func (s *suite) add(c Case) {
	prefix := string(s.format)
	if s.format == detect.Unknown {
		prefix = "other"
	}
	c.Name = prefix + "/" + c.Name
	c.Format = s.format
	s.cases = append(s.cases, c)
}

// good adds a file that passes without a warning.
func (s *suite) good(name string, data []byte, why string) {
	s.add(Case{Name: name, Data: data, OK: true, Why: why})
}

// warned adds a file that passes, and is refused under validate.Strict.
func (s *suite) warned(name string, data []byte, why string) {
	s.add(Case{Name: name, Data: data, OK: true, Warned: true, Why: why})
}

// bad adds a file that is corrupted.
func (s *suite) bad(name string, data []byte, why string) {
	s.add(Case{Name: name, Data: data, Code: validate.CodeCorrupted, Why: why})
}

// badOther adds a file that is so corrupted that its first bytes claim nothing.
func (s *suite) badOther(name string, data []byte, why string) {
	s.bad(name, data, why)
	s.cases[len(s.cases)-1].Format = detect.Unknown
}
