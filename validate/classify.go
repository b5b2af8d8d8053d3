package validate

import (
	"errors"
	"fmt"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/verify"
)

// Only this file turns the errors of lower packages and of hooks into refusals.

// refuse returns a refusal that points at no single place.
func refuse(code Code, reason Reason) *Error {
	return &Error{Code: code, Reason: reason, Offset: -1}
}

// refuseFault turns a verifier's fault into a refusal. The reasons of both packages have the
// same values; a test holds them equal.
func refuseFault(f *verify.Fault, format detect.Format) *Error {
	return &Error{
		Code:   CodeCorrupted,
		Reason: Reason(f.Reason),
		Format: format,
		Offset: f.Offset,
		Limit:  f.Limit,
		Got:    f.Got,
		cause:  f,
	}
}

// refuseWarning turns the first warning of res into a refusal, as Strict demands.
func refuseWarning(res *Result) *Error {
	w := res.Warnings[0]
	return &Error{Code: CodeCorrupted, Reason: w.Reason, Format: res.Format, Offset: w.Offset, cause: errors.New(w.Text)}
}

// hookError tells a hook's refusal from its failure. It returns a refusal as it is, or, if the
// hook set no format, as a copy with the format filled in. It wraps a failure, so that nobody
// can take it for a refusal.
func hookError(err error, format detect.Format, hook string) error {
	var refusal *Error
	if !errors.As(err, &refusal) {
		return fmt.Errorf("validate: %s: %w", hook, err)
	}
	if refusal == nil {
		// The classic mistake of returning a nil *Error as an error.
		return fmt.Errorf("validate: %s: returned a nil *Error, which is not a nil error", hook)
	}
	if refusal.Code == CodeUnregisteredToken || refusal.Code == CodeFailAuthorization {
		// These codes belong to the access hook, and a forgotten Code reads as 0.
		return opaque{fmt.Sprintf("validate: %s: returned code %d, which is for the access hook", hook, int(refusal.Code)), err}
	}
	if refusal.Code.Message() == "" {
		return fmt.Errorf("validate: %s: returned code %d, which is not documented", hook, int(refusal.Code))
	}
	if refusal.Format != detect.Unknown {
		return refusal
	}
	e := *refusal
	e.Format = format
	if text := err.Error(); e.cause == nil && text != refusal.Error() {
		e.cause = errors.New(text) // the text that the hook wrapped around the refusal
	}
	return &e
}

// opaque is an operational error over one that may hold a refusal. errors.Is sees through it and
// errors.As does not, so that nobody takes it for a verdict.
type opaque struct {
	text string
	err  error
}

func (o opaque) Error() string { return o.text }

// Is lets errors.Is find the cause, except when the target is a refusal.
func (o opaque) Is(target error) bool {
	var refusal *Error
	return !errors.As(target, &refusal) && errors.Is(o.err, target)
}

// causeText returns the text of the cause. A fault's is without its place, which has been said.
func (e *Error) causeText() string {
	fault, ok := e.cause.(*verify.Fault) //nolint:errorlint // what wraps one has words of its own
	if !ok || fault.Offset != e.Offset {
		return e.cause.Error()
	}
	placeless := *fault
	placeless.Offset = -1
	return placeless.Error()
}
