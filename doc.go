// Package imgvet is the tour of this module: it has nothing to call, and the examples below
// show what the other packages do.
//
// They answer one question: is this upload one whole, decodable picture (PNG, JPEG, HEIC, BMP
// or WebP) that a service accepts? The answer needs no pixels.
//
//   - [github.com/imgvet/imgvet/validate] decides. It takes a reader, bytes or the name of a
//     file, and returns what it learned or the API's canonical error. Start there.
//   - [github.com/imgvet/imgvet/middleware] puts that decision before a net/http handler.
//   - [github.com/imgvet/imgvet/face] finds faces, for services that take portraits.
//   - [github.com/imgvet/imgvet/fuzz] has bad files for your own tests, and tests a handler.
//   - [github.com/imgvet/imgvet/detect] tells which format the first bytes claim.
//   - [github.com/imgvet/imgvet/heic] looks into HEIC files.
//   - [github.com/imgvet/imgvet/web] brings the same check to the browser.
//   - github.com/imgvet/imgvet/observe/prometheus and observe/otel, modules of their
//     own, count and trace what the middleware does.
//
// The command cmd/imgvet checks files, serves a page to try it, and runs as a proxy before
// services in other languages.
package imgvet
