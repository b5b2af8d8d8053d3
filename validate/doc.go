// Package validate decides whether a file is one whole, decodable picture that a picture-taking
// API accepts, before anything costly runs. Start here.
//
// [Validate] takes a reader, [Bytes] a slice and [File] a name; all three give the same verdict.
// Each of these steps may end the check, in this order:
//
//	no bytes            code 6  empty input image
//	too many bytes      code 3  file must be less than 10mb
//	not one of ours     code 5  file corrupted
//	not whole           code 5  file corrupted
//	outside [Rules]     code 5  file corrupted
//	a [Check] says so   its own code
//	no face             code 4  face not found (only if Options.Faces is set)
//
// A refusal is an [*Error]: the code and message go to the client with [Error.MarshalJSON], and
// the [Reason], the offset and the cause go to the log. Every other error (a failed read, a done
// context, a failed hook) says nothing about the picture. Do not answer one of those with a
// documented code.
//
// The zero [Options] are the documented rules: less than 10 MiB, at most 220 million pixels,
// PNG, JPEG, HEIC, BMP and WebP, no face check. [Rules] add bounds on sides, shape and frames.
//
// The [Result] says what was learned. Its [Facts] say, among others, whether the file records
// where it was taken, and whether it has EXIF, alpha or a colour profile. [VerdictOf] turns it
// all into one line of JSON.
//
// This package never returns the codes 0 and 1 (token and access) on its own. They belong to an
// access hook, such as the middleware's.
//
// # Tolerance
//
// A defect that viewers forgive, showing the picture whole, is a [Warning] in the [Result], and
// a refusal under [Strict]. [Lenient] also takes files that lost their end, or a checksum after
// their last pixel, but no pixel. docs/strictness.md in the repository lists these defects,
// format by format.
//
// # Hooks
//
// Options.Checks and Options.Faces run after the file was verified, so they never see a broken
// one. [Picture.Image] and [Picture.Reduced] give them upright pixels; nothing else decodes any.
// A hook that fails gives no verdict. Package face of this module is a ready-made face finder.
//
// # What it does not decide
//
// A file that is one whole picture is not thereby harmless to every decoder, free of hidden data
// or metadata, or fit to see. Nor is it the picture that was meant, if somebody sends another
// one.
//
// # Files that arrive
//
// [Validate] verifies what it has read before it reads on. After the last byte little is left to
// do, and a file that breaks is refused before the rest of it has come. The verdict does not
// depend on how the bytes arrive. It can differ from that of [Bytes] in one case: the file has
// two faults, and goes on for more than 256 KiB behind the first. Bytes and [File] look for the
// end of a file first, and may call it cut off or too large; Validate has met the other fault by
// then. The Result of such a file ends there too: see [Result.Size]. A picture data chunk of a
// PNG is refused by its checksum, so not before its end.
//
// A server that must not hold a slot while a slow client sends calls [Receive], whose argument
// decides how bytes are waited for, and [Received.Judge] once the hooks may run.
//
// # What it costs
//
// The context is looked at about every 256 KiB of coded data, more often where that takes long, so
// that every verification can be cancelled within some 50 milliseconds. Options.MaxWork bounds its
// processor time.
//
// The whole file is read into memory, bounded by Options.MaxBytes. The verdict takes a fraction
// of a decode's time (go run ./bench in the repository prints a table). Beside the file it takes
// some hundred KiB for most pictures, and up to a few MiB (2.3 for a progressive JPEG of 12
// megapixels).
//
// The size in pixels is checked before anything is allocated for pixels. Hooks that ask for all
// of them pay up to 24 bytes a pixel (a progressive JPEG of four components). A hook that needs
// only some pixels says so, and pays a fraction: see [Picture.Image] and [Picture.Reduced].
//
// What a file was read into is used again for later files, unless there are hooks: a hook that
// keeps the bytes of its [Picture], which it must not, shall never see another file in them.
//
// # Many at once
//
// All of that is the cost of one call, and nothing here bounds how many run. 64 calls at once for
// a progressive JPEG of 33 megapixels and 4:4:4, 2.7 MiB in size, took 774 MiB. A [Limiter] in the
// Options of all calls makes them wait for their turn: with two at once the same 64 calls took 55
// MiB, and a third of the time. It also bounds what Validate holds of files that are still being
// read, and the memory of hooks, since they run in their turn. The middleware has bounds of its
// own, and needs no Limiter.
package validate
