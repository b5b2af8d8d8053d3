// Package middleware puts the verdict of package validate before an
// [net/http.Handler]: it reads the request, checks the access token and every
// uploaded file, and either answers with the canonical refusal or calls the next
// handler with the identical bytes.
//
// Every request with a body is checked, whatever its method; one without passes, unless
// its method needs one (POST, PUT, PATCH). A body is one of
//
//   - multipart/form-data: file parts are checked, text parts pass;
//   - application/json with a base64 member, if Options.JSONField names one;
//   - text, JSON, XML or a form of names and values: no file where one is due, which is
//     code 6. With Options.Optional it passes, if it holds no picture by its content;
//   - any other type, or none (RFC 9110, 8.3, lets a recipient assume octet-stream): the
//     body is the file. So is application/x-www-form-urlencoded with a picture in it,
//     which is what curl --data-binary sends.
//
// # One reading
//
// A client must not show one file to the middleware and another to the handler behind
// it. What parsers read differently is refused (400): docs/http.md in the
// repository has the list. What is taken is read once, and each file is
// verified where it lies. The handler may parse the body again with any parser that
// docs/http.md lists, or parse nothing and call [File.Open]; or it gets the body in one
// plain spelling, by Options.Rewrite.
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
// and Options.MaxTempBytes, those of one client Options.MaxClientBytes; files under
// verification are part of MaxMemory. The
// memory that validate and its hooks use on top of a file's bytes is not.
//
// # What it does not do
//
// Bodies with a Content-Encoding are refused (415), but for gzip where
// Options.DecodeContent allows it; the next handler then gets what was decoded.
// Trailers reach the next handler, and are not judged. Requests without a body pass,
// upgrades to other protocols among them.
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
