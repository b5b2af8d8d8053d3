// Package middleware puts the verdict of package validate before an [net/http.Handler]. It reads
// the request and checks the access token and every uploaded file. Then it either answers with
// the canonical refusal or calls the next handler with the identical bytes.
//
// Every request with a body is checked, whatever its method. One without passes, unless its
// method needs a body (POST, PUT, PATCH). A body is one of
//
//   - multipart/form-data: file parts are checked, text parts pass;
//   - application/json with a base64 member, if Options.JSONField names one;
//   - text, JSON, XML or a form of names and values: the file is missing, which is code 6.
//     With Options.Optional it passes, unless its content is a picture;
//   - any other type, or none (RFC 9110, 8.3, lets a recipient assume octet-stream): the
//     body is the file. So is application/x-www-form-urlencoded that holds a picture,
//     which is what curl --data-binary sends.
//
// # One reading
//
// A client must not show one file to the middleware and another to the handler behind it. So the
// middleware refuses (400) what parsers read differently; docs/http.md in the repository lists
// it. It reads the rest once, and verifies each file where it lies in memory or on disk. The
// handler may parse the body again with any parser that docs/http.md lists, or parse nothing and
// call [File.Open]. With Options.Rewrite it gets the body in one plain spelling.
//
// # Order
//
// A refusal is sent as soon as it is certain. The middleware looks first at the headers
// (Content-Encoding, Content-Type), then at a token in the header, the declared length, and the
// body while it arrives: it refuses a wrong file type after the first bytes, a file too large at
// byte MaxBytes, and a token field at the end of its part. Once the access hook has agreed, it
// verifies the files: those of over 128 KiB while they arrive, the others, and those that went to
// disk, once the body is complete. Then the checks and the face finder look at them, one after the
// other. Only then does the next handler run. The access hook is called at most once a request, without a body to read.
//
// # The token
//
// The token is `Authorization: Bearer`, or the text field `token` before or after the file (the
// member "token" in JSON). Several equal tokens count as one. If they differ the request is
// refused as malformed, because nobody could say which one the next handler would believe. A
// missing token is the token "".
//
// # Memory
//
// A request is kept in memory as long as the memory for all of them lasts, and otherwise, or if
// it is larger than Options.MemoryThreshold, in one unlinked temporary file. All requests together hold at most Options.MaxMemory and Options.MaxTempBytes,
// and those of one client at most Options.MaxClientBytes. MaxMemory includes files under
// verification, but not the memory that validate and its hooks use on top of a file's bytes.
//
// # What it does not do
//
// Bodies with a Content-Encoding are refused (415), except gzip if Options.DecodeContent allows
// it; the next handler then gets the decoded body. Trailers reach the next handler unjudged.
// Requests without a body pass, including upgrades to other protocols.
//
// # Defaults
//
// The zero [Options] check every file part of every request by the zero validate.Options, ask
// for no token and look for no faces. Every limit has a default that is safe for a server of 1
// GiB; zero never means "no limit". A face finder or a check that asks for pixels decodes the
// picture, up to MaxVerifications of them at a time, and so decides how much memory a server
// needs.
//
// docs/http.md in the repository says what a client sees in each case, and what was measured.
package middleware
