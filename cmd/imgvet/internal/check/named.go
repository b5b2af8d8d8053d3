package check

import (
	"github.com/imgvet/imgvet/cmd/imgvet/internal/report"
	"github.com/imgvet/imgvet/internal/declared"
	"github.com/imgvet/imgvet/validate"
)

// naming is what becomes of a good file that is named as another kind of file.
type naming struct{ warn, refuse bool }

// apply compares the name of a good file with its content, as the middleware compares
// an upload's. Standard input has no name.
func (n naming) apply(v *report.Verdict) {
	if v.Err != nil || !n.warn && !n.refuse || !declared.Misnamed(v.File, v.Result.Format) {
		return
	}
	if n.refuse {
		v.Err = &validate.Error{Code: validate.CodeCorrupted, Reason: validate.TypeMismatch, Format: v.Result.Format, Offset: -1}
		return
	}
	v.Result.Warnings = append(v.Result.Warnings, validate.Warning{
		Reason: validate.TypeMismatch, Offset: -1, Text: "named as another type than " + v.Result.Format.MIME(),
	})
}
