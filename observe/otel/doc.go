// Package otel traces what the middleware does, with OpenTelemetry. It is a
// module of its own, so that services without it do not depend on OpenTelemetry.
//
//	vet, err := middleware.New(middleware.Options{Observe: otel.Observe(provider)})
//
// There is one span, [SpanName], for each file, and one for a request that ended
// before its first file. It lasts from the request's headers to the end of the
// check, the client's upload included. Where a handler outside the middleware has
// begun a span for the request, such as otelhttp's, ours are its children.
//
// # What it does not do
//
// A refused upload is no error of the service, and its span has no error status;
// a failure with a status of 500 and more has. No attribute is made of a client's
// bytes: field and file names are left out.
package otel
