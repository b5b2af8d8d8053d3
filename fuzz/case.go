package fuzz

import (
	"bytes"
	"iter"
	"slices"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/cases/bmp"
	"github.com/imgvet/imgvet/fuzz/internal/cases/foreign"
	"github.com/imgvet/imgvet/fuzz/internal/cases/heic"
	"github.com/imgvet/imgvet/fuzz/internal/cases/jpeg"
	"github.com/imgvet/imgvet/fuzz/internal/cases/limits"
	"github.com/imgvet/imgvet/fuzz/internal/cases/png"
	"github.com/imgvet/imgvet/fuzz/internal/cases/webp"
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
		for _, family := range []func() []cases.Case{
			foreign.Empty,
			foreign.Files,
			png.Good, png.Bad, png.Deflate,
			jpeg.Good, jpeg.Bad,
			bmp.Good, bmp.Bad,
			webp.Good, webp.Bad,
			heic.Good, heic.Bad,
			forgivenCases,
			limits.Rules,
			limits.Work,
			foreign.Tails,
			limits.Bombs,
		} {
			for _, c := range family() {
				if !yield(Case(c)) {
					return
				}
			}
		}
		limits.Sizes(func(c cases.Case) bool { return yield(Case(c)) })
	}
}

// small is the size up to which a case makes a sensible seed or mutation base.
const small = 64 << 10

// forgivenCases stand on both sides of the line between what real encoders, cameras and
// proxies write and what only damage looks like.
func forgivenCases() []cases.Case {
	var all []cases.Case
	for _, family := range []func() []cases.Case{bmp.Forgiven, heic.Forgiven, jpeg.Forgiven, png.Forgiven, webp.Forgiven} {
		all = append(all, family()...)
	}
	slices.SortFunc(all, func(a, b cases.Case) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return all
}
