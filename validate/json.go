package validate

import (
	"encoding/json"
	"image"
	"math"
)

// This file has the JSON of the parts of a Verdict.

type warningJSON struct {
	Reason Reason `json:"reason"`
	Offset *int64 `json:"offset,omitempty"`
	Text   string `json:"text"`
}

// MarshalJSON returns {"reason":...,"offset":...,"text":...}, without an offset if there is
// no single place.
func (w Warning) MarshalJSON() ([]byte, error) {
	j := warningJSON{Reason: w.Reason, Text: w.Text}
	if w.Offset >= 0 {
		j.Offset = &w.Offset
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (w *Warning) UnmarshalJSON(b []byte) error {
	var j warningJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*w = Warning{Reason: j.Reason, Offset: -1, Text: j.Text}
	if j.Offset != nil {
		w.Offset = *j.Offset
	}
	return nil
}

type faceJSON struct {
	X         int       `json:"x"`
	Y         int       `json:"y"`
	Width     int       `json:"width"`
	Height    int       `json:"height"`
	Score     float64   `json:"score"`
	Landmarks [][2]int  `json:"landmarks,omitempty"` // x, y
	Pose      *poseJSON `json:"pose,omitempty"`
}

// poseJSON is a pose in whole degrees: it is known no better.
type poseJSON struct {
	Yaw   int `json:"yaw"`
	Pitch int `json:"pitch"`
	Roll  int `json:"roll"`
}

// MarshalJSON returns {"x":...,"y":...,"width":...,"height":...,"score":...,"landmarks":[[x,y],...],
// "pose":{"yaw":...,"pitch":...,"roll":...}}, the score rounded to a thousandth and the pose to
// degrees, without landmarks or pose if there are none.
func (f Face) MarshalJSON() ([]byte, error) {
	j := faceJSON{
		X: f.Bounds.Min.X, Y: f.Bounds.Min.Y, Width: f.Bounds.Dx(), Height: f.Bounds.Dy(),
		Score: math.Round(f.Score*1000) / 1000,
	}
	for _, p := range f.Landmarks {
		j.Landmarks = append(j.Landmarks, [2]int{p.X, p.Y})
	}
	if p := f.Pose; p != nil {
		whole := func(v float64) int { return int(math.Round(v)) }
		j.Pose = &poseJSON{Yaw: whole(p.Yaw), Pitch: whole(p.Pitch), Roll: whole(p.Roll)}
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Face) UnmarshalJSON(b []byte) error {
	var j faceJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*f = Face{Bounds: image.Rect(j.X, j.Y, j.X+j.Width, j.Y+j.Height), Score: j.Score}
	for _, p := range j.Landmarks {
		f.Landmarks = append(f.Landmarks, image.Pt(p[0], p[1]))
	}
	if p := j.Pose; p != nil {
		f.Pose = &Pose{Yaw: float64(p.Yaw), Pitch: float64(p.Pitch), Roll: float64(p.Roll)}
	}
	return nil
}

type factsJSON struct {
	EXIF        bool    `json:"exif"`
	GPS         bool    `json:"gps"`
	XMP         bool    `json:"xmp"`
	ICC         bool    `json:"icc"`
	C2PA        bool    `json:"c2pa"`
	Alpha       bool    `json:"alpha"`
	HDR         bool    `json:"hdr"`
	Progressive bool    `json:"progressive"`
	Animated    bool    `json:"animated"`
	BitDepth    int     `json:"bit_depth,omitempty"`
	Profile     Profile `json:"profile,omitempty"`
	CameraMake  string  `json:"camera_make,omitempty"`
	CameraModel string  `json:"camera_model,omitempty"`
}

// MarshalJSON returns an object of the facts, with every bool, true or false:
// {"exif":true,"gps":false,...,"bit_depth":8,"profile":"srgb","camera_make":"..."}.
func (f Facts) MarshalJSON() ([]byte, error) {
	return json.Marshal(factsJSON{
		f.HasEXIF, f.HasGPS, f.HasXMP, f.HasICC, f.HasC2PA, f.HasAlpha, f.HDR, f.Progressive, f.Animated,
		f.BitDepth, f.Profile, f.CameraMake(), f.CameraModel(),
	})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Facts) UnmarshalJSON(b []byte) error {
	var j factsJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*f = Facts{
		j.EXIF, j.GPS, j.XMP, j.ICC, j.C2PA, j.Alpha, j.HDR, j.Progressive, j.Animated,
		j.BitDepth, j.Profile, cameraOf([]byte(j.CameraMake), []byte(j.CameraModel)),
	}
	return nil
}
