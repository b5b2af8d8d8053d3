// Package otel traces what the middleware does, with OpenTelemetry. It is a
// module of its own, so that services without it do not depend on OpenTelemetry.
//
//	vet, err := middleware.New(middleware.Options{Observe: otel.Observe(provider)})
//
// There is one span, [SpanName], for each file, and one for a request that ended before its
// first file. It lasts from the request's headers to the end of the check, the client's upload
// included. If a handler outside the middleware, such as otelhttp's, has begun a span for the
// request, ours are its children.
//
// # What it does not do
//
// A refused upload is not an error of the service, so its span has no error status. A failure
// with a status of 500 or above has one. No attribute comes from a client's bytes: field and
// file names are left out.
package otel
