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
//	outside [Rules]     code 5  file corrupted
//	a [Check] says so   its own code
//	no face             code 4  face not found (only if Options.Faces is set)
//
// A refusal is an [*Error]: the code and message go to the client with
// [Error.MarshalJSON], and the [Reason], the offset and the cause go to the log.
// Every other error (a failed read, a done context, a failed hook) says nothing
// about the picture and must not be answered with one of the codes.
//
// The zero [Options] are the documented rules: less than 10 MiB, at most 220 million
// pixels, PNG, JPEG, HEIC, BMP and WebP, no face check. [Rules] add bounds on sides, shape
// and frames.
//
// The [Result] says what was learned, [Facts] included: whether the file tells where it
// was taken, has EXIF, alpha or a colour profile. [VerdictOf] makes one line of JSON of it.
//
// The codes 0 and 1 (token and access) never come from here: they are returned
// by an access hook, such as the middleware's.
//
// # Tolerance
//
// What viewers forgive and still show whole is a [Warning] in the [Result], and a
// refusal under [Strict]. [Lenient] also takes files that lost their end, or a checksum
// behind their last pixel, and no pixel. docs/strictness.md in the repository says what
// that is, format by format.
//
// # Hooks
//
// Options.Checks and Options.Faces run after the file was verified, so that they
// never see a broken one. [Picture.Image] and [Picture.Reduced] give them upright pixels;
// nothing else makes any. A hook that fails is no verdict. Package face of this module is a
// face finder that is ready to be used.
//
// # What it does not decide
//
// That a file is one whole picture does not make it harmless to every decoder, free
// of hidden data or metadata, or fit to see. Nor is it the picture that was meant,
// if somebody sends another one.
//
// # What it costs
//
// The whole file is read into memory, so that Options.MaxBytes bounds it. The
// verdict takes a fraction of a decode's time (go run ./bench in the repository
// prints a table), and some hundred KiB beside the file for most pictures, up to a few
// MiB (2.3 for a progressive JPEG of 12 megapixels). The size in pixels is checked before anything is allocated
// for pixels; hooks that ask for all of them pay up to 24 bytes a pixel (a progressive
// JPEG of four components; see Picture.Image). A hook that needs no more than some
// pixels says so, and pays a fraction: see Picture.Image and Picture.Reduced.
package validate
