package validate

import (
	"encoding/base64"
	"errors"
	"unicode/utf8"

	"github.com/imgvet/imgvet/detect"
)

// Verdict is the outcome of one file, made to be written as a line of JSON. The command, the
// page and the browser module all write it. Its schema is docs/verdict.schema.json in the
// repository. Members without a value are left out, except file, ok and size.
//
// Exactly one of three holds: OK is true; Error is set, a refusal; or Failure is set, and the
// file was not judged.
type Verdict struct {
	File       string `json:"file"`                  // its name; bytes that are not UTF-8 become U+FFFD
	FileBase64 string `json:"file_base64,omitempty"` // the name's bytes, only if they are not UTF-8
	OK         bool   `json:"ok"`

	Error   *VerdictError `json:"error,omitempty"`
	Reason  Reason        `json:"reason,omitempty"`
	Offset  *int64        `json:"offset,omitempty"` // byte offset of the fault, nil if no single place
	Limit   int64         `json:"limit,omitempty"`
	Got     int64         `json:"got,omitempty"`
	Detail  string        `json:"detail,omitempty"`  // for logs: what the verifier or a hook says about the fault
	Advice  string        `json:"advice,omitempty"`  // one sentence for a person
	Failure string        `json:"failure,omitempty"` // why the file was not judged

	// The members of Result.
	Format      detect.Format `json:"format,omitempty"`
	Width       int           `json:"width,omitempty"`
	Height      int           `json:"height,omitempty"`
	Size        int64         `json:"size"`
	Orientation int           `json:"orientation,omitempty"`
	Frames      int           `json:"frames,omitempty"`
	Facts       *Facts        `json:"facts,omitempty"` // nil if the picture's size is not known
	Faces       []Face        `json:"faces,omitempty"` // nil if faces were not looked for
	Warnings    []Warning     `json:"warnings,omitempty"`
}

// VerdictError is the code and message that the client gets.
type VerdictError struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
}

// VerdictOf returns the verdict of the named file, from the results of [Validate], [Bytes] or
// [File]. It shares the faces and warnings with res, and no other memory.
func VerdictOf(file string, res *Result, err error) Verdict {
	v := Verdict{File: file, OK: err == nil}
	if !utf8.ValidString(file) {
		v.File, v.FileBase64 = string([]rune(file)), base64.StdEncoding.EncodeToString([]byte(file))
	}
	if res != nil {
		v.Format, v.Width, v.Height, v.Size = res.Format, res.Width, res.Height, res.Size
		v.Orientation, v.Frames = res.Orientation, res.Frames
		v.Warnings, v.Faces = res.Warnings, res.Faces
		if res.Width > 0 {
			facts := res.Facts
			v.Facts = &facts
		}
	}
	var refusal *Error
	switch {
	case err == nil:
	case errors.As(err, &refusal) && refusal != nil:
		v.Error = &VerdictError{refusal.Code, refusal.Code.Message()}
		v.Reason, v.Limit, v.Got, v.Advice = refusal.Reason, refusal.Limit, refusal.Got, refusal.Advice()
		if refusal.Offset >= 0 {
			offset := refusal.Offset
			v.Offset = &offset
		}
		if cause := refusal.Unwrap(); cause != nil {
			v.Detail = cause.Error()
		}
	default:
		v.Failure = err.Error()
	}
	return v
}

// FileName returns the file's name, byte for byte.
func (v Verdict) FileName() string {
	if name, err := base64.StdEncoding.DecodeString(v.FileBase64); err == nil && len(name) > 0 {
		return string(name)
	}
	return v.File
}
