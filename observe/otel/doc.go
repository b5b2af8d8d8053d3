// Package otel traces what the middleware does, with OpenTelemetry. It is a
// module of its own, so that services without it do not depend on OpenTelemetry.
//
//	vet, err := middleware.New(middleware.Options{Trace: otel.Trace(provider)})
//
// There is one span, [SpanName], for each checked request, from its headers to the end of the
// check, the client's upload included. If a handler outside the middleware, such as otelhttp's,
// has begun a span for the request, ours is its child. The steps of the check are its children:
// "imgvet receive", "imgvet authorize", "imgvet wait", and for each file "imgvet verify" and
// "imgvet hooks". Spans that a check or a face finder begins are children of "imgvet hooks".
// A file of more than 128 KiB is verified while it arrives: those spans overlap.
//
// # What it does not do
//
// A refused upload is not an error of the service, so its spans have no error status; they say
// why in [Reason]. A failure with a status of 500 or above has an error status and error.type. No
// attribute comes from a client's bytes: field and file names are left out.
//
// The access hook gets the context of the request, because the next handler gets what that hook
// adds to it: spans that it begins are children of the request's span.
package otel
