package validate

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/imgvet/imgvet/detect"
)

// Error is the canonical refusal. Its JSON is what the client gets; the other fields are for
// logs.
type Error struct {
	Code       Code
	Reason     Reason        // why, stable
	Format     detect.Format // Unknown if not known yet
	Offset     int64         // byte offset of the fault, -1 if no single place
	Limit, Got int64         // the limit, and the value that passed it; 0, 0 if none. AspectRatio counts in thousandths
	cause      error
	advice     string // returned by Advice, unless ""
	hint       Reason // with CodeFaceNotFound: the face hook's first advice, "" if none
}

// The documented refusals, for [errors.Is]: each matches any Error of its code. An access hook
// returns one of the first two. Do not change them.
var (
	ErrUnregisteredToken = &Error{Code: CodeUnregisteredToken, Offset: -1}
	ErrFailAuthorization = &Error{Code: CodeFailAuthorization, Offset: -1}
	ErrTooLarge          = &Error{Code: CodeTooLarge, Offset: -1}
	ErrFaceNotFound      = &Error{Code: CodeFaceNotFound, Offset: -1}
	ErrCorrupted         = &Error{Code: CodeCorrupted, Offset: -1}
	ErrEmpty             = &Error{Code: CodeEmpty, Offset: -1}
)

// Error returns everything known about the refusal in one line, for logs. It is
// not what a client should see; that is [Error.MarshalJSON].
func (e *Error) Error() string {
	if e == nil {
		return "no refusal (nil *validate.Error)"
	}
	var s strings.Builder
	s.WriteString(e.Code.Message())
	if e.Code.Message() == "" {
		fmt.Fprintf(&s, "code %d", int(e.Code))
	}
	var facts []string
	if e.Format != detect.Unknown {
		facts = append(facts, string(e.Format))
	}
	if e.Reason != "" {
		facts = append(facts, string(e.Reason))
	}
	if e.Offset >= 0 {
		facts = append(facts, fmt.Sprintf("at byte %d", e.Offset))
	}
	if e.Limit != 0 || e.Got != 0 {
		facts = append(facts, fmt.Sprintf("limit %d, got %d", e.Limit, e.Got))
	}
	if len(facts) > 0 {
		s.WriteString(" (" + strings.Join(facts, ", ") + ")")
	}
	if e.cause != nil {
		s.WriteString(": " + e.causeText())
	}
	return s.String()
}

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.cause
}

// Is reports whether target is an Error of the same Code and, where target has
// one, the same Reason.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	if !ok || t == nil || e == nil {
		return false
	}
	return t.Code == e.Code && (t.Reason == "" || t.Reason == e.Reason)
}

// body is the canonical JSON. Code is a pointer, to tell code 0 from a missing code.
type body struct {
	Error *struct {
		Code    *Code  `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// MarshalJSON returns the canonical body, such as
//
//	{"error":{"code":5,"message":"file corrupted"}}
//
// and fails for a code that is not documented.
func (e *Error) MarshalJSON() ([]byte, error) {
	if e == nil {
		return []byte("null"), nil
	}
	msg := e.Code.Message()
	if msg == "" {
		return nil, fmt.Errorf("validate: code %d is not documented", int(e.Code))
	}
	return fmt.Appendf(nil, `{"error":{"code":%d,"message":%q}}`, int(e.Code), msg), nil
}

// UnmarshalJSON reads a canonical body. It fails if the code is missing or not
// documented, and leaves e as it was.
func (e *Error) UnmarshalJSON(b []byte) error {
	var v body
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	if v.Error == nil || v.Error.Code == nil {
		return errors.New("validate: no error code in the JSON")
	}
	if v.Error.Code.Message() == "" {
		return fmt.Errorf("validate: code %d is not documented", int(*v.Error.Code))
	}
	*e = Error{Code: *v.Error.Code, Offset: -1}
	return nil
}

// LogValue returns everything known about the refusal as a group. No value in it comes from the
// file's bytes.
func (e *Error) LogValue() slog.Value {
	if e == nil {
		return slog.AnyValue(nil)
	}
	attrs := []slog.Attr{
		slog.Int("code", int(e.Code)),
		slog.String("message", e.Code.Message()),
		slog.String("reason", string(e.Reason)),
		slog.String("format", string(e.Format)),
		slog.Int64("offset", e.Offset),
	}
	if e.Limit != 0 || e.Got != 0 {
		attrs = append(attrs, slog.Int64("limit", e.Limit), slog.Int64("got", e.Got))
	}
	if e.hint != "" {
		attrs = append(attrs, slog.String("hint", string(e.hint)))
	}
	if e.cause != nil {
		attrs = append(attrs, slog.String("cause", e.cause.Error()))
	}
	return slog.GroupValue(attrs...)
}
