package validate

import (
	"image"

	"github.com/imgvet/imgvet/detect"
)

// Result is what was learned about a file. It comes with a refusal too, filled in as far as the
// file was understood.
//
// Size is the file's size in bytes if all of them were looked at. If a refusal needed fewer, it
// is the number looked at: the head, at most [detect.HeadSize] bytes, if the format is not
// accepted; Options.MaxBytes if the file is too large; and, if a file was still arriving and goes
// on behind these, 256 KiB from the fault on, or from the beginning if the fault has no place. If
// the reader failed, it is the number of bytes read before that.
//
// Orientation is what Chromium applies to a picture on a page (image-orientation: from-image),
// and what [Picture.Image] applies: EXIF in a JPEG before its first scan, eXIf in a PNG before
// its picture data, and the transforms of HEIF. Chromium shows a PNG whose eXIf comes later, and
// any WebP, as stored; libvips and Pillow turn these by RawOrientation.
type Result struct {
	Format         detect.Format
	Size           int64 // bytes looked at: see above
	Width, Height  int   // pixels as stored, before Orientation is applied
	Orientation    int   // EXIF 1..8, as a viewer must apply it; 0 if not known
	RawOrientation int   // EXIF 1..8 as the file states it, also where browsers do not apply it; 0 if not stated
	Frames         int   // 1 for a still; 0 if not known
	Faces          []Face
	Warnings       []Warning // forgiven oddities, then advice of the face hook
	Facts          Facts     // what the file says beside the pixels

	shown image.Rectangle // the part of the stored picture that is shown; empty for all of it
}

// Shown returns the size of the picture as a viewer shows it: Width and Height cropped (a HEIC
// may have a clap) and then turned by Orientation. It is 0, 0 if the size is not known.
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

// Warning is a defect that was forgiven because viewers still show the whole picture, or advice
// of the face hook (see [Faces]). Strict refuses the former, never the latter.
type Warning struct {
	Reason Reason
	Offset int64  // byte offset, -1 if no single place
	Text   string // for a person; holds none of the file's bytes
}
