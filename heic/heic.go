package heic

import (
	"context"
	"image"

	"github.com/imgvet/imgvet/internal/verify"
)

// Error is a refusal: what is wrong with the file, and where. Any other error
// of this package says nothing of the file.
type Error = verify.Fault

// Warning is an oddity that was forgiven.
type Warning = verify.Warning

// Facts are what a file says beside the pixels, such as whether EXIF tells of a place.
type Facts = verify.Facts

// Info is what is known about a file. After a refusal it is filled as far as
// reading got.
type Info struct {
	// Width and Height are the primary item's size in pixels as stored, before
	// clap, irot and imir; for a grid or overlay the size of its canvas.
	Width, Height int
	// Orientation is the EXIF value 1..8 equal to irot and imir in the order of
	// ipma. The EXIF item's own orientation is not meant: HEIF viewers ignore it
	// (ISO/IEC 23008-12, A.2.4 leaves it to irot and imir).
	Orientation int
	// Clap is the part of the stored picture that is shown, in stored pixels;
	// the whole picture if no clap property cuts it.
	Clap image.Rectangle
	// Frames is 1: the primary item is a still, with or without a sequence
	// beside it.
	Frames int
	// BitDepth is that of the luma samples, 8 to 16; 0 if not known.
	BitDepth int
	// Chroma is "4:0:0", "4:2:0", "4:2:2" or "4:4:4"; "" if not known.
	Chroma string
	// Brands are the major brand and the compatible brands, in file order,
	// without doubles.
	Brands []string
	// Facts are what the file says beside the pixels.
	Facts Facts
	// Items are all items, by ascending ID.
	Items []Item
	// Warnings are the oddities forgiven, at most 16.
	Warnings []Warning
}

// Item is one entry of the file's item list.
type Item struct {
	ID            uint32
	Type          string // four characters: "hvc1", "grid", "Exif", ...
	Role          Role   // what it is to the primary item
	Size          int64  // coded bytes
	Width, Height int    // its ispe; 0, 0 if it has none
	Hidden        bool   // not to be shown on its own
}

// Role says what an item is to the primary item.
type Role string

// Roles of items.
const (
	RoleNone      Role = ""
	RolePrimary   Role = "primary"
	RoleInput     Role = "input" // tile of a grid, layer of an overlay, source of an identity
	RoleThumbnail Role = "thumbnail"
	RoleAlpha     Role = "alpha"
	RoleAuxiliary Role = "auxiliary" // depth map, gain map, ...
	RoleMetadata  Role = "metadata"  // Exif, XMP, ...
)

// Inspect reads the container of b, without a look at the coded pictures. Its
// error is an [*Error], or nil if the container is sound as far as the primary
// item needs it.
func Inspect(b []byte) (Info, error) {
	v := newVerifier(verify.Memory(context.Background(), b), Limits{MaxPixels: 1 << 50})
	err := v.Parse()
	if err == nil {
		v.noteMetadata()
		err = v.describePrimary()
	}
	return v.about(), err
}

// Verify reports whether b is exactly one well-formed HEIC picture inside lim.
// Its error is an [*Error], or nil.
func Verify(b []byte, lim Limits) (Info, error) {
	return VerifyInput(verify.Memory(context.Background(), b), lim)
}
