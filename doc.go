// Package imgvet is only a signpost: there is nothing to call here.
//
//   - [github.com/imgvet/imgvet/validate] decides whether a file is one whole,
//     decodable picture that the API takes. Start there.
//   - [github.com/imgvet/imgvet/middleware] puts that decision before a
//     net/http handler.
//   - [github.com/imgvet/imgvet/detect] tells which format the first bytes claim.
//   - [github.com/imgvet/imgvet/heic] looks into HEIC files.
//   - [github.com/imgvet/imgvet/fuzz] is a corruption kit for your own tests.
//
// The command cmd/imgvet checks files and serves a page to try it.
package imgvet
