package verify

import (
	"errors"
	"fmt"
	"image"
)

// Reason says why a picture was refused, or what was forgiven. The strings are stable: they
// appear in logs, metrics and JSON.
type Reason string

// Reasons for a refusal.
const (
	Malformed     Reason = "malformed"       // the bytes break a rule of the format
	Truncated     Reason = "truncated"       // the format needs bytes past the end of the file
	Unsupported   Reason = "unsupported"     // legal, but no mainstream viewer can show it (or we cannot yet)
	TooManyPixels Reason = "too_many_pixels" // Width*Height is over Limits.MaxPixels
	TooMuchWork   Reason = "too_much_work"   // legal, but decoding costs far more than a picture of this size may
)

// Reasons for a warning: defects that viewers forgive, and that leave the whole picture visible.
const (
	TrailingData    Reason = "trailing_data"    // bytes after the end of the picture
	FillBytes       Reason = "fill_bytes"       // padding between segments that no rule asks for
	MissingPadding  Reason = "missing_padding"  // a pad byte or bit that the format asks for is missing
	BadChecksum     Reason = "bad_checksum"     // the checksum of a part that no viewer needs is wrong
	BadMetadata     Reason = "bad_metadata"     // metadata (EXIF, text, profile) that no viewer needs is broken
	BadAuxiliary    Reason = "bad_auxiliary"    // a second picture (thumbnail, MPO, gain map) is broken or cut
	SizeDisagrees   Reason = "size_disagrees"   // a redundant size field is wrong
	ReservedValue   Reason = "reserved_value"   // a reserved field holds a value that viewers ignore
	PaletteIndex    Reason = "palette_index"    // a pixel uses an index that the palette lacks
	MisplacedChunk  Reason = "misplaced_chunk"  // a part that no viewer needs is in the wrong place
	UnknownMetadata Reason = "unknown_metadata" // a part that no viewer knows, and that may be skipped
	DefaultTables   Reason = "default_tables"   // JPEG: the Huffman tables are missing; Motion JPEG's stand in for them
	IncompleteScans Reason = "incomplete_scans" // JPEG: the picture is whole, but its last progressive scans are missing
)

// Reasons for a warning under Limits.Lenient only. Without it these files are refused.
const (
	MissingEnd Reason = "missing_end" // the end of the file is missing, but no pixel is
)

// Limits bound what a verifier accepts.
type Limits struct {
	MaxPixels int64 // width*height of the picture, inclusive; always above 0
	Lenient   bool  // forgive what a browser forgives, as long as no pixel is missing
}

// Info is what a verifier learned about a picture.
type Info struct {
	Width, Height  int             // pixels as stored, before Orientation; 0 if not known
	Orientation    int             // EXIF 1..8, as Chromium applies it; 0 if not known, which means 1
	RawOrientation int             // EXIF 1..8, whether viewers apply it or not; 0 if not stated
	Frames         int             // pictures shown one after the other; 1 for a still
	Shown          image.Rectangle // the part that is shown, in pixels as stored; empty for all of it
	Facts          Facts
	Warnings       []Warning
}

// Warning is a defect that was forgiven.
type Warning struct {
	Reason Reason
	Offset int64 // byte offset, -1 if no single place
	Text   string
}

// Warn appends a warning to i, or drops it if i has maxWarnings already: a file with a million
// defects must not cost a million warnings.
func (i *Info) Warn(r Reason, offset int64, text string) {
	if len(i.Warnings) < maxWarnings {
		i.Warnings = append(i.Warnings, Warning{Reason: r, Offset: offset, Text: text})
	}
}

const maxWarnings = 16

// Fault is a refusal: what is wrong and where.
type Fault struct {
	Reason     Reason
	Offset     int64  // byte offset of the fault in the file, -1 if no single place
	Text       string // for logs; holds no byte of the file
	Limit, Got int64  // the limit, and the value that passed it; 0, 0 if none
	Cause      error  // a decoder's error, or nil
}

func (f *Fault) Error() string {
	s := f.Text
	if f.Offset >= 0 {
		s = fmt.Sprintf("%s at byte %d", s, f.Offset)
	}
	if f.Cause != nil {
		s += ": " + f.Cause.Error()
	}
	return s
}

// Unwrap returns the decoder's error, or nil.
func (f *Fault) Unwrap() error { return f.Cause }

// Faultf makes a Fault whose text is formatted as by [fmt.Sprintf].
func Faultf(r Reason, offset int, format string, args ...any) *Fault {
	return &Fault{Reason: r, Offset: int64(offset), Text: fmt.Sprintf(format, args...)}
}

// TooMany returns a Fault of reason TooMuchWork for a count over its limit.
func TooMany(offset int, what string, limit, got int64) *Fault {
	f := Faultf(TooMuchWork, offset, "over %d %s", limit, what)
	f.Limit, f.Got = limit, got
	return f
}

// DetailOf returns err without its offset: a Fault's text, or the whole text of another error.
func DetailOf(err error) string {
	var f *Fault
	if errors.As(err, &f) {
		return f.Text
	}
	return err.Error()
}

// CheckSize refuses a picture without pixels or with more pixels than lim allows. offset is
// where the file states the size.
func CheckSize(width, height int64, lim Limits, offset int) error {
	if width <= 0 || height <= 0 {
		return Faultf(Malformed, offset, "zero width or height")
	}
	// Divide instead of multiplying: the product of two hostile sizes wraps.
	if width > lim.MaxPixels/height {
		f := Faultf(TooManyPixels, offset, "%dx%d is over %d pixels", width, height, lim.MaxPixels)
		f.Limit, f.Got = lim.MaxPixels, saturatedProduct(width, height)
		return f
	}
	return nil
}

func saturatedProduct(a, b int64) int64 {
	const maxInt64 = 1<<63 - 1
	if a > maxInt64/b {
		return maxInt64
	}
	return a * b
}
