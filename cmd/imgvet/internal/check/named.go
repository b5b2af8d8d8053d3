package check

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/report"
	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// naming is what becomes of a good file that is named as another kind of file.
type naming struct{ warn, refuse bool }

// apply compares the name of a good file with its content, as the middleware compares
// an upload's. Standard input has no name.
func (n naming) apply(v *report.Verdict) {
	if v.Err != nil || !n.warn && !n.refuse || !misnamed(v.File, v.Result.Format) {
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

// misnamed reports whether a file name has the extension of something else than a picture
// of format f. A test holds it equal to what the middleware does.
func misnamed(name string, f detect.Format) bool {
	ext := strings.TrimPrefix(strings.ToLower(filepath.Ext(name)), ".")
	if slices.Contains(f.Extensions(), ext) {
		return false
	}
	for _, other := range []detect.Format{detect.PNG, detect.JPEG, detect.HEIC, detect.BMP, detect.WebP} {
		if slices.Contains(other.Extensions(), ext) {
			return true
		}
	}
	// Names that a server or a viewer would take for another kind of file.
	return slices.Contains([]string{
		"gif", "tif", "tiff", "avif", "svg", "ico", "jxl", "psd", "pdf", "zip", "mp4", "mov",
		"html", "htm", "xhtml", "js", "php", "phtml", "asp", "aspx", "jsp", "exe", "sh",
	}, ext)
}
