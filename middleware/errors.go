package middleware

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/imgvet/imgvet/validate"
)

// ErrUnavailable makes a hook's failure temporary. If a hook wraps it, the client is told to
// come back later: 503 with Retry-After instead of 500.
var ErrUnavailable = errors.New("middleware: service unavailable")

// OperationalCode is the code in the JSON of an answer that is not a verdict. It is negative, so
// that nobody mistakes it for a documented code.
const OperationalCode = -1

// Refusal is why a request does not reach the next handler: a verdict on it, or
// an operational failure that says nothing about any picture.
type Refusal struct {
	Status     int
	Verdict    *validate.Error // nil for an operational failure
	Message    string          // the documented text, or a fixed one; never the client's bytes
	RetryAfter time.Duration   // 0 unless Status is 503
	Budget     Budget          // what ran out; "" unless that caused a 503
	Cause      error           // for logs
}

// Code returns the code in the JSON: a documented one or OperationalCode.
func (f *Refusal) Code() int {
	if f.Verdict != nil {
		return int(f.Verdict.Code)
	}
	return OperationalCode
}

// Reason returns why, as one lower-case word for logs, metrics and spans: the verdict's reason,
// the Budget that ran out, and otherwise Message in words joined by underscores, such as
// "request_timeout" or "malformed_multipart_body". It is one of a closed set, except that the
// caller's own checks, access hook and face finder choose the reasons of their verdicts.
func (f *Refusal) Reason() string {
	switch {
	case f.Verdict != nil && f.Verdict.Reason != "":
		return string(f.Verdict.Reason)
	case f.Budget != "":
		return string(f.Budget)
	}
	return reasonOf.Replace(strings.ToLower(f.Message))
}

// reasonOf makes a reason of a message.
var reasonOf = strings.NewReplacer(" ", "_", "-", "_")

// MarshalJSON returns the canonical body, such as
// {"error":{"code":5,"message":"file corrupted"}}.
func (f *Refusal) MarshalJSON() ([]byte, error) {
	if f.Verdict != nil {
		return f.Verdict.MarshalJSON()
	}
	message, err := json.Marshal(f.Message)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `{"error":{"code":%d,"message":%s}}`, OperationalCode, message), nil
}

// StatusOf returns the HTTP status of a documented code, and 500 for any other.
func StatusOf(c validate.Code) int {
	switch c {
	case validate.CodeUnregisteredToken:
		return http.StatusUnauthorized
	case validate.CodeFailAuthorization:
		return http.StatusForbidden
	case validate.CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case validate.CodeFaceNotFound, validate.CodeCorrupted:
		return http.StatusUnprocessableEntity
	case validate.CodeEmpty:
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

// documentedCodes returns every code that StatusOf knows.
func documentedCodes() []validate.Code {
	return []validate.Code{
		validate.CodeUnregisteredToken, validate.CodeFailAuthorization, validate.CodeTooLarge,
		validate.CodeFaceNotFound, validate.CodeCorrupted, validate.CodeEmpty,
	}
}

// failure is an operational failure, before it becomes a Refusal.
type failure struct {
	status  int
	message string // for the client
	cause   error
	budget  Budget
}

func (f *failure) Error() string {
	if f.cause == nil {
		return f.message
	}
	return f.message + ": " + f.cause.Error()
}

func (f *failure) Unwrap() error { return f.cause }

// Constructors of failures. Each message to the client is fixed and echoes nothing of the
// request. why is for logs.

func malformed(why string) error {
	return badRequest("malformed multipart body", why)
}

func malformedJSON(why string) error {
	return badRequest("malformed JSON body", why)
}

func badRequest(message, why string) error {
	return &failure{status: http.StatusBadRequest, message: message, cause: errors.New(why)}
}

func requestTooLarge(limit int64) error {
	return &failure{status: http.StatusRequestEntityTooLarge, message: "request too large", cause: fmt.Errorf("over %d bytes", limit)}
}

func internalError(cause error) error {
	return &failure{status: http.StatusInternalServerError, message: "internal error", cause: cause}
}

func overloaded(b Budget) error {
	return &failure{
		status: http.StatusServiceUnavailable, message: "server busy",
		cause: errors.New(b.why()), budget: b,
	}
}

func unsupportedType(why string) error {
	return &failure{status: http.StatusUnsupportedMediaType, message: "unsupported media type", cause: errors.New(why)}
}

// readFailure classifies the error of a read of the client's body. It is never a verdict: a
// broken connection is not a corrupted file.
func readFailure(ctx context.Context, err error) error {
	var tooLarge *http.MaxBytesError // from the operator's own limit, set before ours
	var network net.Error
	var known *failure
	switch {
	case errors.As(err, &known):
		return err // from the source below a decoder
	case errors.As(err, &tooLarge):
		return requestTooLarge(tooLarge.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		// Before ctx: net/http cancels ctx when a read of the connection times out.
		return &failure{status: http.StatusRequestTimeout, message: "request timeout", cause: err}
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &network) && network.Timeout():
		return &failure{status: http.StatusRequestTimeout, message: "request timeout", cause: err}
	}
	return &failure{status: http.StatusBadRequest, message: "request body could not be read", cause: err}
}

// hookFailure turns an error of a hook or of the verification into a failure. The caller has
// made sure that err is not a verdict.
func hookFailure(err error) error {
	if errors.Is(err, ErrUnavailable) {
		return &failure{status: http.StatusServiceUnavailable, message: "service unavailable", cause: err}
	}
	return internalError(err)
}

// refusalOf turns the error that ended a check into its answer. Nothing else does.
func (m *Middleware) refusalOf(ctx context.Context, err error) *Refusal {
	var verdict *validate.Error
	var f *failure
	switch {
	// First, since a failure may wrap anything, even a verdict.
	case errors.As(err, &f):
	case errors.As(err, &verdict) && verdict != nil && verdict.Code.Message() != "":
		return &Refusal{Status: m.opts.Status(verdict.Code), Verdict: verdict, Message: verdict.Code.Message(), Cause: err}
	case ctx.Err() != nil:
		// The client has gone, or a deadline set by the caller is over.
		f = &failure{status: http.StatusServiceUnavailable, message: "request cancelled", cause: err}
	default:
		f = &failure{status: http.StatusInternalServerError, message: "internal error", cause: err}
	}
	r := &Refusal{Status: f.status, Message: f.message, Budget: f.budget, Cause: err}
	if r.Status == http.StatusServiceUnavailable {
		r.RetryAfter = m.opts.RetryAfter
	}
	return r
}
