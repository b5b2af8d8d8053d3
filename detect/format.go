package detect

// Format is one of the five picture formats, or Unknown. The strings are stable: they appear in
// logs, JSON and the names of cases.
type Format string

// The formats.
const (
	Unknown Format = ""
	PNG     Format = "png"  // APNG too: it is a PNG with more chunks
	JPEG    Format = "jpeg" // MPO and Ultra HDR too: a JPEG followed by others
	HEIC    Format = "heic" // an HEVC-coded still in HEIF
	BMP     Format = "bmp"  // Windows and OS/2
	WebP    Format = "webp" // animated WebP too
)

// MIME returns the media type under which f is registered with IANA, such as
// "image/heic", and "" for Unknown.
func (f Format) MIME() string {
	switch f {
	case PNG:
		return "image/png"
	case JPEG:
		return "image/jpeg"
	case HEIC:
		return "image/heic"
	case BMP:
		return "image/bmp"
	case WebP:
		return "image/webp"
	}
	return ""
}

// Extensions returns the file name extensions in use for f, without a dot, the most common
// first; nil for Unknown. The caller owns the slice.
//
// They are for advice ("send a .jpg") and for walking folders. Detect never looks at a name.
func (f Format) Extensions() []string {
	switch f {
	case PNG:
		return []string{"png", "apng"}
	case JPEG:
		return []string{"jpg", "jpeg", "jpe", "jfif", "mpo"}
	case HEIC:
		return []string{"heic", "heif", "hif"} // .hif: Canon, Sony and Fujifilm cameras
	case BMP:
		return []string{"bmp", "dib"}
	case WebP:
		return []string{"webp"}
	}
	return nil
}
