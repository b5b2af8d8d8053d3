package otel

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// SpanName is the name of the span of a request's check. Those of its steps are called "imgvet "
// and the middleware.Step.
const SpanName = "imgvet check"

// Attributes of a span. None comes from a client's bytes: field and file names are left out.
const (
	Files    = attribute.Key("imgvet.files")     // of the request; on SpanName
	Received = attribute.Key("imgvet.received")  // bytes of the request's body received; on SpanName
	Code     = attribute.Key("imgvet.code")      // of the refusal, -1 for a failure; absent if the request passed
	Reason   = attribute.Key("imgvet.reason")    // middleware.Refusal.Reason; absent if the request passed
	Status   = attribute.Key("imgvet.status")    // of the refusal
	Format   = attribute.Key("imgvet.format")    // "png", ...; on the steps of a file, if known
	Width    = attribute.Key("imgvet.width")     // pixels as stored; on the steps of a file, if known
	Height   = attribute.Key("imgvet.height")    //
	Size     = attribute.Key("imgvet.file.size") // bytes; on the steps of a file, if known

	// ErrorType is error.type of OpenTelemetry's conventions: Reason, where Status is 500 or above.
	ErrorType = attribute.Key("error.type")
)

// Trace returns a function for middleware.Options.Trace. It records a span for each request that
// is checked, a child of the span in the request's context if there is one, and a child of that
// for each step.
func Trace(provider trace.TracerProvider) func(*http.Request) middleware.Trace {
	tracer := provider.Tracer("github.com/imgvet/imgvet/observe/otel")
	return func(r *http.Request) middleware.Trace {
		_, span := tracer.Start(r.Context(), SpanName)
		return &request{tracer, span}
	}
}

// request is the trace of one request.
type request struct {
	tracer trace.Tracer
	span   trace.Span // SpanName
}

// Begin starts the span of a step, whatever span ctx has: the access hook may have put another
// one there.
func (r *request) Begin(ctx context.Context, s middleware.Step) (context.Context, func(*validate.Result, *middleware.Refusal)) {
	ctx, span := r.tracer.Start(trace.ContextWithSpan(ctx, r.span), "imgvet "+string(s))
	return ctx, func(res *validate.Result, f *middleware.Refusal) {
		describe(span, res)
		end(span, f)
	}
}

// End ends the request's span.
func (r *request) End(f *middleware.Refusal, files int, received int64) {
	r.span.SetAttributes(Files.Int(files), Received.Int64(received))
	end(r.span, f)
}

// describe sets what is known of a file.
func describe(span trace.Span, res *validate.Result) {
	if res == nil {
		return
	}
	if res.Format != "" {
		span.SetAttributes(Format.String(string(res.Format)))
	}
	if res.Width > 0 {
		span.SetAttributes(Width.Int(res.Width), Height.Int(res.Height))
	}
	if res.Size > 0 {
		span.SetAttributes(Size.Int64(res.Size))
	}
}

// end sets what a step or the check ended with, and ends its span.
func end(span trace.Span, f *middleware.Refusal) {
	if f != nil {
		span.SetAttributes(Code.Int(f.Code()), Status.Int(f.Status), Reason.String(f.Reason()))
		if f.Status >= http.StatusInternalServerError {
			span.SetAttributes(ErrorType.String(f.Reason()))
			span.SetStatus(codes.Error, f.Message)
		}
	}
	span.End()
}
