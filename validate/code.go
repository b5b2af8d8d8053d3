package validate

// Code is a documented error code of the API. Zero is a real code: the absence
// of an error is a nil error, never a zero Code.
type Code int

// The documented codes. There is no code 2.
const (
	CodeUnregisteredToken Code = 0 // the token is not known
	CodeFailAuthorization Code = 1 // the token is known but may not do this
	CodeTooLarge          Code = 3 // MaxBytes or more
	CodeFaceNotFound      Code = 4 // the face hook found none
	CodeCorrupted         Code = 5 // not one whole picture of an accepted format
	CodeEmpty             Code = 6 // no bytes, or no file at all
)

// Message returns the documented text of c, or "" if c is not documented.
func (c Code) Message() string {
	switch c {
	case CodeUnregisteredToken:
		return "unregistered token"
	case CodeFailAuthorization:
		return "fail authorization"
	case CodeTooLarge:
		return "file must be less than 10mb"
	case CodeFaceNotFound:
		return "face not found"
	case CodeCorrupted:
		return "file corrupted"
	case CodeEmpty:
		return "empty input image"
	}
	return ""
}

// Reason says why a file was refused, or what was forgiven, in more detail than a Code. The
// strings are stable and fit for logs and metrics. Clients never see them: they get the code
// alone.
type Reason string

// Reasons of a refusal.
const (
	Malformed        Reason = "malformed"          // the bytes break a rule of the format
	Truncated        Reason = "truncated"          // the file ends before the picture does
	Unsupported      Reason = "unsupported"        // a legal variant that viewers do not show
	UnknownFormat    Reason = "unknown_format"     // none of the five formats
	FormatNotAllowed Reason = "format_not_allowed" // one of the five, but not in Options.Formats
	TooManyPixels    Reason = "too_many_pixels"    // width*height is over Options.MaxPixels
	TooMuchWork      Reason = "too_much_work"      // decoding costs far more than a picture of this size may, or verifying more than Options.MaxWork
	TooSmall         Reason = "too_small"          // a side is under Options.Rules
	TooLargeSide     Reason = "too_large_side"     // a side is over Options.Rules
	AspectRatio      Reason = "aspect_ratio"       // width/height is outside Options.Rules
	Animated         Reason = "animated"           // more frames than Options.Rules allow
	TooLarge         Reason = "too_large"          // Options.MaxBytes or more
	Empty            Reason = "empty"              // no bytes
	NoFace           Reason = "no_face"            // the face hook found none
	BadToken         Reason = "bad_token"          // the access hook does not know the token
	NoAccess         Reason = "no_access"          // the access hook refused a token it knows
)

// Reasons of a [Warning], and of a refusal under Strict.
const (
	TrailingData    Reason = "trailing_data"    // bytes after the end of the picture
	FillBytes       Reason = "fill_bytes"       // padding that no rule asks for
	MissingPadding  Reason = "missing_padding"  // padding that a rule asks for is missing
	BadChecksum     Reason = "bad_checksum"     // the checksum of a part that no viewer needs is wrong
	BadMetadata     Reason = "bad_metadata"     // broken EXIF, text or profile
	BadAuxiliary    Reason = "bad_auxiliary"    // broken thumbnail, second picture or gain map
	SizeDisagrees   Reason = "size_disagrees"   // a redundant size field is wrong
	ReservedValue   Reason = "reserved_value"   // a reserved field is set
	PaletteIndex    Reason = "palette_index"    // a pixel uses an index that the palette lacks
	MisplacedChunk  Reason = "misplaced_chunk"  // a part that no viewer needs is in the wrong place
	UnknownMetadata Reason = "unknown_metadata" // a part that no viewer knows
	DefaultTables   Reason = "default_tables"   // a JPEG without Huffman tables, as in Motion JPEG
	IncompleteScans Reason = "incomplete_scans" // a progressive JPEG that lacks its last scans: whole, but blurred
)

// Reasons of a [Warning] under Lenient only. Normal and Strict refuse such a file as Truncated
// or Malformed.
const (
	MissingEnd Reason = "missing_end" // the end of the file is missing, but no pixel is
)

// Reasons of a [Warning] that only the middleware adds, because it knows what the client
// declared. With Options.RefuseTypeMismatch the middleware refuses the file instead.
const (
	TypeMismatch Reason = "type_mismatch" // the declared type or the file name belongs to another kind of file
)

// Reasons of advice about faces. The face hook gives it (see [Faces]) as a [Warning], which
// Strict does not refuse: Strict is about the file.
const (
	SeveralFaces    Reason = "several_faces"    // more than one face
	FaceTooSmall    Reason = "face_too_small"   // few pixels across
	FaceCut         Reason = "face_cut"         // reaches beyond the picture's edge
	FaceTurned      Reason = "face_turned"      // looks to the side
	FaceBlurred     Reason = "face_blurred"     // out of focus, or shaken
	FaceDark        Reason = "face_dark"        // too little light
	FaceOverexposed Reason = "face_overexposed" // too much light
	FaceCovered     Reason = "face_covered"     // a mask, a veil, a hand, sunglasses, or face paint is over it
	FaceDrawn       Reason = "face_drawn"       // a cartoon or another drawing
	FaceWeak        Reason = "face_weak"        // a face may be there, but not clearly enough
	FaceRotated     Reason = "face_rotated"     // leans to the side, or the picture lies on its side
)
