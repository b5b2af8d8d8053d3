// Package face is a ready-made face finder for validate.Options.Faces.
//
//	finder, err := face.New(face.Options{}) // once
//	opts := validate.Options{Faces: finder}
//
// A picture in which it finds no face is then refused with code 4. The Result of an accepted
// picture has the faces in Faces, and advice about them in Warnings.
//
// # What it decides
//
// The full-range net of MediaPipe's BlazeFace searches the upright picture at about 1024 pixels.
// Two nets look at each of its candidates again: the short-range net in a square of three times
// its size, and the full-range net in one of four times. The average of the three is the score,
// and a score of [DefaultThreshold] or more is a face. docs/faces.md of the repository says how
// that was chosen, and how often it errs on which kinds of picture.
//
// If it finds none so, the short-range net searches a square larger than the picture, for a face
// that fills the frame or is cut by it, and the picture turned by quarters, for faces upside down
// or on their side. Those must be surer.
//
// Each face has a Pose: where the head looks, estimated from its landmarks.
//
// Advice says what keeps the largest face from being a good one: there are several faces, or it
// leans or lies on its side, is cut by the edge, covered, drawn, too small, turned, blurred, dark or
// over-exposed. With code 4 it says that a face may be there. It never refuses anything, not
// even under validate.Strict.
//
// Whether a face is covered or drawn is read off features that the short-range net computes
// anyway, by four logistic regressions that face/bench/train of the repository fits.
//
// # What it does not decide
//
// It says that a face is there, not whose: it makes and keeps no description of a face. It does
// not tell a person from a photo, a painting or a doll of one; a drawing counts as a face too, with
// the advice face_drawn. Of faces upside down it misses those smaller than an eighth of the picture.
//
// # What it costs
//
// No cgo and no network. The weights, 1.3 MB, are embedded in whatever imports this package;
// nothing else pays for them. A [Finder] is safe for concurrent use: as many calls run as
// there are processors, and others wait. Each running call holds about 8 MB. The picture's pixels come on top. Package validate decodes them: of a JPEG or PNG
// no more than are searched, and HEIC with a decoder of its own (see package heic).
//
// On amd64 with AVX2 and FMA, and on arm64, the nets run in vector code. Elsewhere, and with the
// build tag purego, they run in plain Go, which takes three times as long on amd64. The results
// differ only by rounding.
package face
