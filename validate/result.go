package validate

import (
	"image"

	"github.com/imgvet/imgvet/detect"
)

// Result is what was learned about a file. It comes with a refusal too, filled
// as far as the file was understood by then.
//
// Size is all of the file's bytes where they were looked at. Where less was enough for a
// refusal it is how many were: of content that is no format taken the head, at most
// [detect.HeadSize] bytes; of a file that is too large, Options.MaxBytes. Where a reader
// failed it is what had been read.
//
// Orientation is what Chromium applies to a picture that a page shows (image-orientation:
// from-image), and what [Picture.Image] has applied: EXIF in a JPEG before its first scan, eXIf in a PNG before
// its picture data, and the transforms of HEIF. Chromium shows a PNG whose eXIf comes
// later, and any WebP, as stored; libvips and Pillow turn these by RawOrientation.
type Result struct {
	Format         detect.Format
	Size           int64 // bytes looked at, the same for a reader, bytes and a file: see below
	Width, Height  int   // pixels as stored, before Orientation is applied
	Orientation    int   // EXIF 1..8, as a viewer must apply it; 0 if not known
	RawOrientation int   // EXIF 1..8 as the file states it, also where browsers do not apply it; 0 if not stated
	Frames         int   // 1 for a still; 0 if not known
	Faces          []Face
	Warnings       []Warning // forgiven oddities, then advice of the face hook
	Facts          Facts     // what the file says beside the pixels

	shown image.Rectangle // the part of the stored picture that is shown; empty for all of it
}

// Shown returns the size of the picture as a viewer shows it: Width and Height with
// Orientation applied, after the crop (clap) that a HEIC may have. It is 0, 0 if the size is
// not known.
func (r *Result) Shown() (width, height int) {
	width, height = r.Width, r.Height
	if !r.shown.Empty() {
		width, height = r.shown.Dx(), r.shown.Dy()
	}
	if 5 <= r.Orientation && r.Orientation <= 8 {
		width, height = height, width
	}
	return width, height
}

// Warning is an oddity that was forgiven because viewers show the whole picture
// all the same, which Strict refuses if it may say something about the picture or hide
// something; or advice of the face hook (see
// [Faces]), which it does not.
type Warning struct {
	Reason Reason
	Offset int64  // byte offset, -1 if no single place
	Text   string // for a person; holds none of the file's bytes
}
