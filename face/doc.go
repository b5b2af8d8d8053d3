// Package face finds human faces, ready to be used behind validate.Options.Faces.
//
//	finder, err := face.New(face.Options{}) // once
//	opts := validate.Options{Faces: finder}
//
// With that a picture in which no face is found is refused with code 4, the faces of
// an accepted one are in its Result, and advice about them is in Result.Warnings.
//
// # What it decides
//
// The picture, upright, is searched at about 1024 pixels by the full-range net of
// MediaPipe's BlazeFace. Its candidates are looked at again, by the short-range net in a
// square of three times their size and by the full-range net in one of four times. The
// average of the three is the score: [DefaultThreshold] and more is a face. How it was
// chosen, and how often it errs on which kinds of picture, is in docs/faces.md of the
// repository.
//
// Advice says what keeps the largest face from being a good one: several faces, leaning
// or lying on its side, cut by the edge, too small, turned, blurred, dark, over-exposed;
// or, with code 4, that a face may be there. It never refuses anything, under
// validate.Strict either.
//
// # What it does not
//
// It says that a face is there, not whose: it makes and keeps no description of a face.
// It does not tell a person from a photo, a painting or a doll of one. Faces upside down
// are missed and those on their side seen badly, unless Options.TryRotated looks again.
//
// # What it costs
//
// No cgo and no network. The weights, 1.3 MB, are embedded in whatever imports this
// package; nothing else pays for them. A [Finder] is safe for concurrent use; each call
// at work holds about 8 MB. The picture's pixels come on top: they are made by
// package validate, of a JPEG or PNG no more of them than are searched, and
// for HEIC by a decoder (see package heic). On amd64 with AVX2 and FMA the nets run in
// vector code; elsewhere, and under the build tag purego, in plain Go, in three times the
// time. The results differ by rounding alone.
package face
