// Package imgvet is the tour of this module: there is nothing to call here, and the
// examples below show what the packages do.
//
// The question is always the same one: is this upload one whole, decodable picture (PNG,
// JPEG, HEIC, BMP or WebP) that a service takes? The answer comes without making pixels.
//
//   - [github.com/imgvet/imgvet/validate] decides. It takes a reader, bytes or the name of a
//     file, and returns what it learned or the API's canonical error. Start there.
//   - [github.com/imgvet/imgvet/middleware] puts that decision before a net/http handler.
//   - [github.com/imgvet/imgvet/face] finds faces, for services that take portraits.
//   - [github.com/imgvet/imgvet/fuzz] has bad files for your own tests, and checks a handler.
//   - [github.com/imgvet/imgvet/detect] tells which format the first bytes claim.
//   - [github.com/imgvet/imgvet/heic] looks into HEIC files.
//   - [github.com/imgvet/imgvet/web] holds the same check for the browser.
//   - github.com/imgvet/imgvet/observe/prometheus and observe/otel, modules of their
//     own, count and trace what the middleware does.
//
// The command cmd/imgvet checks files, serves a page to try it, and stands before
// services in other languages.
package imgvet
