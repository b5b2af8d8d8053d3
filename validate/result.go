package validate

import "github.com/imgvet/imgvet/detect"

// Result is what was learned about a file. It comes with a refusal too, filled
// as far as the file was understood by then.
type Result struct {
	Format        detect.Format
	Size          int64 // bytes; of a stream refused early, the bytes read by then
	Width, Height int   // pixels as stored, before Orientation is applied
	Orientation   int   // EXIF 1..8, as a viewer must apply it; 0 if not known
	Frames        int   // 1 for a still; 0 if not known
	Faces         []Face
	Warnings      []Warning // forgiven oddities, then advice of the face hook
}

// Warning is an oddity that was forgiven because viewers show the whole picture
// all the same, which Strict refuses; or advice of the face hook (see
// [FaceAdviser]), which it does not.
type Warning struct {
	Reason Reason
	Offset int64  // byte offset, -1 if no single place
	Text   string // for a person; holds none of the file's bytes
}
