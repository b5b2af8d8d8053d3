package validate

import (
	"github.com/imgvet/imgvet/internal/icc"
	"github.com/imgvet/imgvet/internal/verify"
)

// Facts are what a file says about its picture beside the pixels: what a service may have
// to know before it stores or shows it. They are read while the file is verified, and of a
// refused file they are what was met until then.
//
// They tell what is written where the format has a place for it. What hides elsewhere,
// such as in a maker's own notes or behind the picture, they do not tell.
type Facts struct {
	HasEXIF     bool // a block of EXIF, even one that cannot be read
	HasGPS      bool // the EXIF of the shown picture, or XMP, tells of a place
	HasXMP      bool
	HasICC      bool // a colour profile: see Profile
	HasC2PA     bool // Content Credentials: who made the picture, and with what
	HasAlpha    bool // some pixels may be transparent
	HDR         bool // a gain map, or samples coded by PQ or HLG
	Progressive bool // a progressive JPEG or an interlaced PNG: it shows coarsely before it is loaded
	Animated    bool // more than one frame
	BitDepth    int  // bits of a sample as stored, of a palette's index where there is a palette; 0 if not known
	Profile     Profile
	camera      *camera // nil if EXIF names none
}

// camera is what EXIF says took the picture.
type camera struct{ maker, model verify.Text }

// cameraOf returns nil if there is neither.
func cameraOf(maker, model []byte) *camera {
	if len(maker)+len(model) == 0 {
		return nil
	}
	return &camera{verify.TextOf(maker), verify.TextOf(model)}
}

// CameraMake returns the maker of the camera, as EXIF states it, or "". It has at most 63
// bytes, all of them printable: but they are the file's, so quote them where you show them.
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

// Profile says which colours an ICC profile is about.
type Profile string

// Kinds of profiles.
const (
	NoProfile    Profile = ""
	ProfileSRGB  Profile = "srgb"       // RGB with the primaries of sRGB
	ProfileP3    Profile = "display-p3" // RGB with the primaries of Display P3
	ProfileGray  Profile = "gray"
	ProfileCMYK  Profile = "cmyk"
	ProfileOther Profile = "other" // any other, or one that cannot be read
)

// factsOf returns what a verifier has noted.
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
