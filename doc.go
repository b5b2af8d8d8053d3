// Package imgvet is only a signpost: there is nothing to call here.
//
//   - [github.com/imgvet/imgvet/validate] decides whether a file is one whole,
//     decodable picture that the API takes. Start there.
//   - [github.com/imgvet/imgvet/middleware] puts that decision before a
//     net/http handler.
//   - [github.com/imgvet/imgvet/detect] tells which format the first bytes claim.
//   - [github.com/imgvet/imgvet/heic] looks into HEIC files.
//   - [github.com/imgvet/imgvet/face] is a face finder for the face hook.
//   - [github.com/imgvet/imgvet/fuzz] is a corruption kit for your own tests.
//   - [github.com/imgvet/imgvet/web] holds the same check for the browser.
//   - github.com/imgvet/imgvet/observe/prometheus and observe/otel, modules of their
//     own, count and trace what the middleware does.
//
// The command cmd/imgvet checks files, serves a page to try it, and stands before
// services in other languages.
package imgvet
