package otel

import (
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/imgvet/imgvet/middleware"
)

// SpanName is the name of every span of this package.
const SpanName = "imgvet check"

// Attributes of a span. None comes from a client's bytes: field and file names are left out.
const (
	Outcome  = attribute.Key("imgvet.outcome")        // a middleware.Outcome
	Format   = attribute.Key("imgvet.format")         // "png", ...; absent if not known
	Width    = attribute.Key("imgvet.width")          // pixels as stored; absent if not known
	Height   = attribute.Key("imgvet.height")         //
	Size     = attribute.Key("imgvet.file.size")      // bytes of the file received
	Received = attribute.Key("imgvet.received")       // bytes of the request's body received
	Verify   = attribute.Key("imgvet.verify.seconds") // spent in verification
	Code     = attribute.Key("imgvet.code")           // of the refusal, -1 for a failure; absent if the request passed
	Reason   = attribute.Key("imgvet.reason")         // of the refusal, if it is a verdict
	Status   = attribute.Key("imgvet.status")         // of the refusal
)

// Observe returns a function for middleware.Options.Observe. It records a span
// for each file, and one for a request that ended before its first file, from the
// request's headers to the end of its check.
//
// The span of a refused upload has no error status: the service did its job. That of a failure
// with a status of 500 or above has one.
func Observe(provider trace.TracerProvider) func(*http.Request, middleware.Observation) {
	tracer := provider.Tracer("github.com/imgvet/imgvet/observe/otel")
	return func(r *http.Request, o middleware.Observation) {
		end := time.Now()
		_, span := tracer.Start(r.Context(), SpanName,
			trace.WithTimestamp(end.Add(-o.Duration)), trace.WithAttributes(attributes(o)...))
		if f := o.Refusal; f != nil && f.Status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, f.Message)
		}
		span.End(trace.WithTimestamp(end))
	}
}

// attributes returns the attributes that are known.
func attributes(o middleware.Observation) []attribute.KeyValue {
	attrs := []attribute.KeyValue{
		Outcome.String(string(o.Outcome)),
		Size.Int64(o.Size),
		Received.Int64(o.Received),
		Verify.Float64(o.Verify.Seconds()),
	}
	if o.Result.Format != "" {
		attrs = append(attrs, Format.String(string(o.Result.Format)))
	}
	if o.Result.Width > 0 {
		attrs = append(attrs, Width.Int(o.Result.Width), Height.Int(o.Result.Height))
	}
	if f := o.Refusal; f != nil {
		attrs = append(attrs, Code.Int(f.Code()), Status.Int(f.Status))
		if f.Verdict != nil {
			attrs = append(attrs, Reason.String(string(f.Verdict.Reason)))
		}
	}
	return attrs
}
