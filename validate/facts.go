package validate

import (
	"github.com/imgvet/imgvet/internal/icc"
	"github.com/imgvet/imgvet/internal/verify"
)

// Facts are what a file says about its picture beside the pixels: what a service may need to
// know before it stores or shows the picture. They are read while the file is verified. Those of
// a refused file are what was seen up to the fault.
//
// They come from the places that the format has for them. They do not cover what hides
// elsewhere, such as in a camera maker's private notes (MakerNote) or after the picture.
type Facts struct {
	HasEXIF     bool // an EXIF block, even an unreadable one
	HasGPS      bool // the EXIF of the shown picture, or XMP, gives a place
	HasXMP      bool
	HasICC      bool // a colour profile: see Profile
	HasC2PA     bool // Content Credentials: who made the picture, and with what
	HasAlpha    bool // some pixels may be transparent
	HDR         bool // a gain map, or samples coded with PQ or HLG
	Progressive bool // a progressive JPEG or an interlaced PNG: a coarse picture shows while it loads
	Animated    bool // more than one frame
	BitDepth    int  // bits per sample as stored; with a palette, bits per index; 0 if not known
	Profile     Profile
	camera      *camera // nil if EXIF names none
}

// camera is the camera that EXIF names.
type camera struct{ maker, model verify.Text }

// cameraOf returns nil if both are empty.
func cameraOf(maker, model []byte) *camera {
	if len(maker)+len(model) == 0 {
		return nil
	}
	return &camera{verify.TextOf(maker), verify.TextOf(model)}
}

// CameraMake returns the maker of the camera, as EXIF states it, or "". It has at most 63 bytes,
// all printable. They come from the file, so quote them where you show them.
func (f Facts) CameraMake() string {
	if f.camera == nil {
		return ""
	}
	return f.camera.maker.String()
}

// CameraModel returns the camera's model: see [Facts.CameraMake].
func (f Facts) CameraModel() string {
	if f.camera == nil {
		return ""
	}
	return f.camera.model.String()
}

// Profile says which colour space an ICC profile describes.
type Profile string

// Kinds of profiles.
const (
	NoProfile    Profile = ""
	ProfileSRGB  Profile = "srgb"       // RGB with the primaries of sRGB
	ProfileP3    Profile = "display-p3" // RGB with the primaries of Display P3
	ProfileGray  Profile = "gray"
	ProfileCMYK  Profile = "cmyk"
	ProfileOther Profile = "other" // any other, or an unreadable one
)

// factsOf returns the facts that a verifier noted.
func factsOf(info *verify.Info) Facts {
	f := &info.Facts
	return Facts{
		HasEXIF:     f.EXIF,
		HasGPS:      f.GPS,
		HasXMP:      f.XMP,
		HasICC:      f.ICC != icc.None,
		HasC2PA:     f.C2PA,
		HasAlpha:    f.Alpha,
		HDR:         f.HDR,
		Progressive: f.Progressive,
		Animated:    info.Frames > 1,
		BitDepth:    f.BitDepth,
		Profile:     profileOf(f.ICC),
		camera:      cameraOf(f.Make, f.Model),
	}
}

func profileOf(kind icc.Kind) Profile {
	switch kind {
	case icc.None:
		return NoProfile
	case icc.SRGB:
		return ProfileSRGB
	case icc.P3:
		return ProfileP3
	case icc.Gray:
		return ProfileGray
	case icc.CMYK:
		return ProfileCMYK
	}
	return ProfileOther
}
