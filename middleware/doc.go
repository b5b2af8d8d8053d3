// Package middleware puts the verdict of package validate before an
// [net/http.Handler]: it reads the request, checks the access token and every
// uploaded file, and either answers with the canonical refusal or calls the next
// handler with the identical bytes.
//
// POST, PUT and PATCH are checked; other methods pass. A body is one of
//
//   - multipart/form-data: file parts are checked, other parts pass;
//   - image/*, application/octet-stream, or no Content-Type at all (RFC 9110,
//     8.3, lets a recipient assume octet-stream): the body is the file;
//   - application/json with a base64 member, if Options.JSONField names one.
//
// Any other body holds no file where one is due: code 6.
//
// # Order
//
// What is certain is said at once. In this order: the headers (Content-Encoding,
// Content-Type), a token in the header, the declared length, then the body while
// it arrives: wrong file type after the first bytes, too large at byte MaxBytes,
// a token field when its part is over. Only when the body is complete, and the
// access hook has agreed, are files verified, one after the other, and only then
// does the next handler run. The access hook is called at most once a request,
// without a body to read.
//
// # The token
//
// The token is `Authorization: Bearer`, or the text field `token` before or after
// the file (the member "token" in JSON). Several are one token if they are equal;
// if they differ the request is refused as malformed, for nobody could say which
// one the next handler would believe. None at all is the token "".
//
// # Memory
//
// A request is kept in memory up to Options.MemoryThreshold, and past it in one
// unlinked temporary file. All requests together hold at most Options.MaxMemory
// and Options.MaxTempBytes; files under verification are part of MaxMemory. The
// memory that validate and its hooks use on top of a file's bytes is not.
//
// # What it does not do
//
// Bodies with a Content-Encoding are refused (415), but for gzip where
// Options.DecodeContent allows it; the next handler then gets what was decoded.
// Trailers reach the next handler, and are not judged. Upgrades and CONNECT pass.
//
// # Defaults
//
// The zero [Options] check every file part of every request by the zero
// validate.Options, ask for no token and look for no faces. Every limit has a
// default that is safe for a server of 1 GiB; zero never means "no limit". A face
// finder or a check that asks for pixels decodes the picture, MaxVerifications of
// them at a time: it decides what memory a server needs.
//
// docs/http.md in the repository says what a client sees in which case, and what
// was measured.
package middleware
