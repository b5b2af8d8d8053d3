package explain

import "github.com/imgvet/imgvet/validate"

// Code is what a documented code means, beyond its message.
type Code struct {
	Code    validate.Code
	meaning string
	Example string // how to see it
}

// Codes lists the documented codes. There is no code 2.
func Codes() []Code {
	return []Code{
		{validate.CodeUnregisteredToken,
			"The service does not know the token of the request. Nothing of the file was judged.",
			"imgvet serve --token secret, then curl -F token=wrong -F image_bytes=@photo.jpg"},
		{validate.CodeFailAuthorization,
			"The service knows the token, and the token may not use it. Nothing of the file was judged.",
			"an access hook (middleware.Options.Authorize) that returns validate.ErrFailAuthorization"},
		{validate.CodeTooLarge,
			"The file has 10 MiB (10,485,760 bytes) or more. 10,485,759 bytes pass. The rest of it was not read.",
			"head -c 10485760 /dev/zero > big.png; imgvet check big.png"},
		{validate.CodeFaceNotFound,
			"The picture is whole, and no human face was found in it.",
			"imgvet check --face landscape.jpg"},
		{validate.CodeCorrupted,
			"The file is not one whole picture of a format that the service takes: another format, cut, broken,\nor of more than 220 million pixels. The reason says which.",
			"head -c 40000 photo.jpg | imgvet check -"},
		{validate.CodeEmpty,
			"The file has no bytes, or the request has no file.",
			"imgvet check - < /dev/null"},
	}
}

// Reason is what a reason means.
type Reason struct {
	Reason  validate.Reason
	Code    validate.Code // of the refusal; of advice, CodeFaceNotFound
	kind    kind
	Short   string
	meaning string
}

// kind is what a reason does to a picture.
type kind int

const (
	refuses  kind = iota
	warns         // and refuses under --strict
	forgives      // and warns under --lenient alone
	advises       // and never refuses
	compares      // a warning of the middleware, and of check on request; both refuse on request
)

// advice is what the refusal tells a person to do.
func (r Reason) advice() string {
	return (&validate.Error{Code: r.Code, Reason: r.Reason}).Advice()
}

// Help is what is to be done about the reason.
func (r Reason) Help() string {
	if r.kind == advises {
		return r.meaning
	}
	return r.advice()
}

// Reasons lists every reason there is; a test compares it with validate.
func Reasons() []Reason {
	const (
		corrupted = validate.CodeCorrupted
		noFace    = validate.CodeFaceNotFound
	)
	return []Reason{
		{validate.Malformed, corrupted, refuses, "the bytes break a rule of the format",
			"Something in the file is wrong in a way that viewers do not forgive: a size, a checksum, a code of the\ncompressed data. The offset is where it was noticed."},
		{validate.Truncated, corrupted, refuses, "the file ends before the picture does",
			"The file is cut: an upload or a copy that broke off. Viewers would show a part, or guess the rest."},
		{validate.Unsupported, corrupted, refuses, "a legal variant that viewers do not show",
			"The standard allows it, and browsers and common libraries do not show it."},
		{validate.UnknownFormat, corrupted, refuses, "none of PNG, JPEG, HEIC, BMP, WebP",
			"The first bytes are of no format that is taken, whatever the file is called: GIF, AVIF, TIFF, PDF, text."},
		{validate.FormatNotAllowed, corrupted, refuses, "a format that this service does not take",
			"One of the five formats, and not among those of validate.Options.Formats."},
		{validate.TooManyPixels, corrupted, refuses, "more pixels than allowed",
			"Width times height is over the limit (--max-pixels, 220 million by default). Few bytes can claim many\npixels, and decoders pay for each."},
		{validate.TooSmall, corrupted, refuses, "fewer pixels across or down than the service asks for",
			"The service has a least width or height (--min-width, --min-height; validate.Options.Rules), of the\npicture as it is shown: turned upright, and cropped if it says so."},
		{validate.TooLargeSide, corrupted, refuses, "more pixels across or down than the service takes",
			"The service has a greatest width or height (--max-width, --max-height; validate.Options.Rules), of the\npicture as it is shown."},
		{validate.AspectRatio, corrupted, refuses, "a shape that the service does not take",
			"Width divided by height is outside the service's bounds (--min-aspect, --max-aspect;\nvalidate.Options.Rules)."},
		{validate.Animated, corrupted, refuses, "an animation, or one of too many frames",
			"The service takes fewer frames than the file has (--max-frames; validate.Options.Rules)."},
		{validate.TooMuchWork, corrupted, refuses, "costs far more to decode than a picture of its size may",
			"The file is built so that decoding it takes long, as no encoder builds it. Or the service has a ceiling\non processor time, and the file is over it (validate.Options.MaxWork)."},
		{validate.TooLarge, validate.CodeTooLarge, refuses, "as many bytes as the limit, or more",
			"The limit (--max-bytes) is exclusive: less than 10 MiB by default."},
		{validate.Empty, validate.CodeEmpty, refuses, "no bytes",
			"The file is empty."},
		{validate.NoFace, validate.CodeFaceNotFound, refuses, "no face was found",
			"The face finder (--face) ran on the whole, upright picture and found none."},
		{validate.BadToken, validate.CodeUnregisteredToken, refuses, "a token that the service does not know",
			"The access hook refused the token as unknown."},
		{validate.NoAccess, validate.CodeFailAuthorization, refuses, "a token that may not use the service",
			"The access hook knows the token and refused it."},

		{validate.TrailingData, corrupted, warns, "bytes after the end of the picture",
			"The picture is whole, and something follows it: often padding, at times another file."},
		{validate.FillBytes, corrupted, warns, "padding that no rule asks for",
			"Bytes without meaning between the parts of the file."},
		{validate.MissingPadding, corrupted, warns, "padding that a rule asks for is not there",
			"An encoder left out a byte that says nothing."},
		{validate.BadChecksum, corrupted, warns, "a wrong checksum of a part that no viewer needs",
			"Text or metadata was changed without its checksum, or damaged."},
		{validate.BadMetadata, corrupted, warns, "broken EXIF, text or colour profile",
			"The pixels are whole; what is said about them is damaged."},
		{validate.BadAuxiliary, corrupted, warns, "a broken thumbnail, second picture or gain map",
			"The picture that viewers show is whole; one that comes with it is not."},
		{validate.SizeDisagrees, corrupted, warns, "a size that is written twice differs",
			"Viewers go by the other one."},
		{validate.ReservedValue, corrupted, warns, "a reserved field is set",
			"The standard keeps the field for later; viewers ignore it."},
		{validate.PaletteIndex, corrupted, warns, "a pixel numbers a colour that the palette lacks",
			"Viewers show black or the last colour in its place."},
		{validate.MisplacedChunk, corrupted, warns, "a part that no viewer needs stands in the wrong place",
			"The order of the parts breaks a rule that viewers do not mind."},
		{validate.UnknownMetadata, corrupted, warns, "a part that no viewer knows",
			"Private data of some program."},
		{validate.DefaultTables, corrupted, warns, "a JPEG without Huffman tables",
			"A frame of motion JPEG, as webcams send them. Viewers take the tables of the standard's annex K."},
		{validate.IncompleteScans, corrupted, warns, "a progressive JPEG that lacks its last scans",
			"The whole picture shows, but coarser than it was made: a proxy may have cut and closed the file."},
		{validate.MissingEnd, corrupted, forgives, "the end of the file is missing, but no pixel",
			"The file was cut behind the last pixel. By default that is refused: an upload that lost its tail."},

		{validate.TypeMismatch, corrupted, compares, "the declared type or the name is that of another kind of file",
			"The middleware compares an upload's Content-Type and file name with its content, which alone decides;\n\"imgvet check\" compares a file's name if told to. A HEIC renamed to .jpg is common."},

		{validate.SeveralFaces, noFace, advises, "more than one face",
			"A service that wants one person's face may pick any of them."},
		{validate.FaceTooSmall, noFace, advises, "a face of few pixels",
			"Details that tell people apart are missing: crop the picture, or take it from nearer by."},
		{validate.FaceCut, noFace, advises, "a face that reaches over the picture's edge",
			"A part of it is missing."},
		{validate.FaceTurned, noFace, advises, "a face that looks to the side",
			"Services of faces do best with one from the front."},
		{validate.FaceBlurred, noFace, advises, "a face that is out of focus, or shaken",
			"Its details are lost."},
		{validate.FaceDark, noFace, advises, "too little light on a face",
			"The whole face is dark, its brightest parts too."},
		{validate.FaceOverexposed, noFace, advises, "too much light on a face",
			"Parts of it are plain white."},
		{validate.FaceCovered, noFace, advises, "a mask, a veil, a hand, sunglasses or face paint on a face",
			"What tells people apart is hidden: take off what is over the face."},
		{validate.FaceDrawn, noFace, advises, "a cartoon or another drawing of a face",
			"A drawing shows nobody: use a photo."},
		{validate.FaceWeak, noFace, advises, "something that may be a face, but not clearly enough",
			"It is blurred, covered, dark, turned away, or no face at all. If nothing better was found, the refusal\nhas code 4 and its advice tells of that."},
		{validate.FaceRotated, noFace, advises, "the face leans to the side, or the picture lies on its side",
			"The eyes are far from level. Where the picture lies on its side, nothing in the file says how to turn it."},
	}
}
