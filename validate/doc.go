// Package validate decides whether a file is one whole, decodable picture that
// a picture-taking API accepts, before anything costly runs. Start here.
//
// [Validate] takes a reader, [Bytes] a slice and [File] a name; all three give
// the same verdict. Each step may end it, in this order:
//
//	no bytes            code 6  empty input image
//	too many bytes      code 3  file must be less than 10mb
//	not one of ours     code 5  file corrupted
//	not whole           code 5  file corrupted
//	a [Check] says so   its own code
//	no face             code 4  face not found (only if Options.Faces is set)
//
// A refusal is an [*Error]: the code and message go to the client with
// [Error.MarshalJSON], and the [Reason], the offset and the cause go to the log.
// Every other error (a failed read, a done context, a failed hook) says nothing
// about the picture and must not be answered with one of the codes.
//
// The zero [Options] are the documented rules: less than 10 MiB, at most 100
// million pixels, PNG, JPEG, HEIC, BMP and WebP, no face check.
//
// The codes 0 and 1 (token and access) never come from here: they are returned
// by an access hook, such as the middleware's.
//
// # What it costs
//
// The whole file is read into memory, so that Options.MaxBytes bounds it. The
// size in pixels is checked before anything is allocated for pixels.
package validate
