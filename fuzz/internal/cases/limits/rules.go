package limits

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build"
	"github.com/imgvet/imgvet/fuzz/internal/build/heif"
	"github.com/imgvet/imgvet/fuzz/internal/build/jpeg"
	"github.com/imgvet/imgvet/fuzz/internal/build/png"
	"github.com/imgvet/imgvet/fuzz/internal/build/webp"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/validate"
)

// Rules are good pictures that stand at the bound of a rule of [validate.Rules], and
// one to either side of it.
func Rules() []cases.Case {
	var all []cases.Case
	for _, f := range []detect.Format{detect.PNG, detect.JPEG, detect.BMP, detect.WebP, detect.HEIC} {
		s := &cases.Suite{Format: f}
		ruleSides(s)
		switch f {
		case detect.PNG:
			ruleFrames(s, png.AnimationOf)
		case detect.JPEG:
			ruleTurnedJPEG(s)
		case detect.WebP:
			ruleFrames(s, webp.AnimationOf)
		case detect.HEIC:
			ruleTurnedHEIC(s)
		}
		all = append(all, s.Cases...)
	}
	return all
}

// rule adds a good file with the rules that it stands at, and the reason of the refusal
// that it deserves under them, "" if none.
func rule(s *cases.Suite, name string, data []byte, rules validate.Rules, breaks validate.Reason) {
	s.Good("rule_"+name, data, "validate.Rules: bounds are inclusive, and of the picture as shown")
	c := &s.Cases[len(s.Cases)-1]
	c.Rules, c.Breaks = rules, breaks
}

// ruleAt is the side, or the frames, that rule cases are about.
const ruleAt = 100

// ruleSides adds the rules of sides and of their ratio. The other side differs from rule
// to rule, so that no file comes twice.
func ruleSides(s *cases.Suite) {
	const low, high = -1, +1
	for i, r := range []struct {
		name   string
		rules  validate.Rules
		breaks validate.Reason
		beyond int
		upward bool // the rule is about the height
	}{
		{"min_width", validate.Rules{MinWidth: ruleAt}, validate.TooSmall, low, false},
		{"max_width", validate.Rules{MaxWidth: ruleAt}, validate.TooLargeSide, high, false},
		{"min_height", validate.Rules{MinHeight: ruleAt}, validate.TooSmall, low, true},
		{"max_height", validate.Rules{MaxHeight: ruleAt}, validate.TooLargeSide, high, true},
		{"min_aspect", validate.Rules{MinAspect: 2}, validate.AspectRatio, low, false},
		{"max_aspect", validate.Rules{MaxAspect: 2}, validate.AspectRatio, high, false},
	} {
		for by := low; by <= high; by++ {
			w, h := ruleAt+by, 40+i
			if r.rules.MinAspect+r.rules.MaxAspect > 0 {
				h = ruleAt / 2
				if r.rules.MaxAspect > 0 { // one and a half times as large
					w, h = ruleAt*6/5+by, ruleAt*3/5
				}
			}
			if r.upward {
				w, h = h, w
			}
			breaks := validate.Reason("")
			if by == r.beyond {
				breaks = r.breaks
			}
			rule(s, fmt.Sprintf("%s_%dx%d", r.name, w, h), build.OfSides(s.Format, w, h), r.rules, breaks)
		}
	}
}

// ruleFrames adds animations of as many frames as a rule allows, and one more or less.
func ruleFrames(s *cases.Suite, of func(frames int) []byte) {
	for frames := 4; frames <= 6; frames++ {
		breaks := validate.Reason("")
		if frames > 5 {
			breaks = validate.Animated
		}
		rule(s, fmt.Sprintf("max_frames_%d", frames), of(frames), validate.Rules{MaxFrames: 5}, breaks)
	}
	rule(s, "stills_only", of(2), validate.Rules{MaxFrames: 1}, validate.Animated)
}

// ruleTurnedJPEG has pictures that lie on their side: the rules mean them upright.
func ruleTurnedJPEG(s *cases.Suite) {
	for _, w := range []int{ruleAt - 1, ruleAt, ruleAt + 1} {
		// Stored 46 wide and w high, shown w wide.
		lying := jpeg.Split(jpeg.FlatGray(46, w))
		b := jpeg.File(append([]jpeg.Seg{lying[0], jpeg.Exif(6)}, lying[1:]...)...)
		rule(s, fmt.Sprintf("turned_%dx46", w), b, validate.Rules{MaxWidth: ruleAt}, over(w))
	}
}

// ruleTurnedHEIC has grids that are turned, and cropped.
func ruleTurnedHEIC(s *cases.Suite) {
	for _, w := range []int{ruleAt - 1, ruleAt, ruleAt + 1} {
		grid := heif.Grid(heif.Seed("tile.heic"), 2, 1, 48, w)
		grid.Props = append(grid.Props, heif.Box("irot", []byte{3}))
		grid.Items[len(grid.Items)-1].Props = []int{3, 4}
		rule(s, fmt.Sprintf("grid_turned_%dx48", w), grid.Bytes(), validate.Rules{MaxWidth: ruleAt}, over(w))
		grid = heif.Grid(heif.Seed("tile.heic"), 1, 2, 128, 50)
		grid.Props = append(grid.Props, heif.Clap(w, 50))
		grid.Items[len(grid.Items)-1].Props = []int{3, 4}
		rule(s, fmt.Sprintf("grid_cropped_%dx50", w), grid.Bytes(), validate.Rules{MaxWidth: ruleAt}, over(w))
	}
}

// over is what a width deserves of which at most ruleAt is allowed.
func over(w int) validate.Reason {
	if w > ruleAt {
		return validate.TooLargeSide
	}
	return ""
}
