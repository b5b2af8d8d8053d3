package middleware

import (
	"github.com/imgvet/imgvet/internal/declared"
	"github.com/imgvet/imgvet/validate"
)

// compareType warns if the declared media type or the file name of a verified file belongs to
// something else. It refuses the file instead if the options ask for that.
func (c *check) compareType(f *checked) error {
	text := ""
	switch format := f.Result.Format; {
	case declared.Contradicts(f.declared, format):
		text = "declared as another type than " + format.MIME()
	case declared.Misnamed(f.FileName, format):
		text = "named as another type than " + format.MIME()
	default:
		return nil
	}
	if c.m.opts.RefuseTypeMismatch {
		return &validate.Error{Code: validate.CodeCorrupted, Reason: validate.TypeMismatch, Format: f.Result.Format, Offset: -1}
	}
	f.Result.Warnings = append(f.Result.Warnings, validate.Warning{Reason: validate.TypeMismatch, Offset: -1, Text: text})
	return nil
}
