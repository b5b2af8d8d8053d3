package fuzz

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// ruleCases are good pictures that stand at the bound of a rule of [validate.Rules], and
// one to either side of it.
func ruleCases() []Case {
	var all []Case
	for _, f := range []detect.Format{detect.PNG, detect.JPEG, detect.BMP, detect.WebP, detect.HEIC} {
		s := &suite{format: f}
		ruleSides(s)
		switch f {
		case detect.PNG:
			ruleFrames(s, apngOf)
		case detect.JPEG:
			ruleTurnedJPEG(s)
		case detect.WebP:
			ruleFrames(s, animationOf)
		case detect.HEIC:
			ruleTurnedHEIC(s)
		}
		all = append(all, s.cases...)
	}
	return all
}

// rule adds a good file with the rules that it stands at, and the reason of the refusal
// that it deserves under them, "" if none.
func rule(s *suite, name string, data []byte, rules validate.Rules, breaks validate.Reason) {
	s.good("rule_"+name, data, "validate.Rules: bounds are inclusive, and of the picture as shown")
	c := &s.cases[len(s.cases)-1]
	c.Rules, c.Breaks = rules, breaks
}

// ruleAt is the side, or the frames, that rule cases are about.
const ruleAt = 100

// ruleSides adds the rules of sides and of their ratio. The other side differs from rule
// to rule, so that no file comes twice.
func ruleSides(s *suite) {
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
			rule(s, fmt.Sprintf("%s_%dx%d", r.name, w, h), ofSides(s.format, w, h), r.rules, breaks)
		}
	}
}

// ofSides returns a good file of a picture with these sides, none over 128.
func ofSides(f detect.Format, w, h int) []byte {
	switch f {
	case detect.PNG:
		return pngInfo{w: uint32(w), h: uint32(h), depth: 8, colour: pngGray}.picture()
	case detect.JPEG:
		return flatGray(w, h)
	case detect.BMP:
		return bmpInfo{header: 40, w: w, h: h, bits: 24}.file()
	case detect.WebP:
		return riffFile(riffChunk{kind: "VP8L", data: flatVP8L(w, h)})
	case detect.HEIC:
		const tile = 64
		return gridOf(codedSeed("tile.heic"), (h+tile-1)/tile, (w+tile-1)/tile, w, h).file()
	}
	return nil
}

// ruleFrames adds animations of as many frames as a rule allows, and one more or less.
func ruleFrames(s *suite, of func(frames int) []byte) {
	for frames := 4; frames <= 6; frames++ {
		breaks := validate.Reason("")
		if frames > 5 {
			breaks = validate.Animated
		}
		rule(s, fmt.Sprintf("max_frames_%d", frames), of(frames), validate.Rules{MaxFrames: 5}, breaks)
	}
	rule(s, "stills_only", of(2), validate.Rules{MaxFrames: 1}, validate.Animated)
}

// apngOf returns an animation of so many frames, all of them the whole picture.
func apngOf(frames int) []byte {
	p := pngInfo{w: 9, h: 5, depth: 8, colour: pngGray}
	chunks := []pngChunk{p.chunk(), {kind: "acTL", data: join(be32(uint32(frames)), be32(0))}}
	seq := uint32(0)
	for i := range frames {
		chunks = append(chunks, pngChunk{kind: "fcTL", data: join(be32(seq), be32(p.w), be32(p.h), be32(0), be32(0), be16(1), be16(10), []byte{0, 0})})
		seq++
		if i == 0 {
			chunks = append(chunks, idat(zlibStored(p.rows())))
			continue
		}
		chunks = append(chunks, pngChunk{kind: "fdAT", data: join(be32(seq), zlibStored(p.rows()))})
		seq++
	}
	return pngFile(append(chunks, iend)...)
}

// animationOf returns an animation of so many frames, all of them alike.
func animationOf(frames int) []byte {
	return webpEdit("animated.webp", func(c []riffChunk) []riffChunk {
		var head []riffChunk
		var frame riffChunk
		for _, chunk := range c {
			if chunk.kind != "ANMF" {
				head = append(head, chunk)
			} else if frame.kind == "" {
				frame = chunk
			}
		}
		for range frames {
			head = append(head, frame)
		}
		return head
	})
}

// ruleTurnedJPEG has pictures that lie on their side: the rules mean them upright.
func ruleTurnedJPEG(s *suite) {
	for _, w := range []int{ruleAt - 1, ruleAt, ruleAt + 1} {
		// Stored 46 wide and w high, shown w wide.
		lying := jpegSegs(flatGray(46, w))
		b := jpegFile(append([]jpegSeg{lying[0], app1(6)}, lying[1:]...)...)
		rule(s, fmt.Sprintf("turned_%dx46", w), b, validate.Rules{MaxWidth: ruleAt}, over(w))
	}
}

// ruleTurnedHEIC has grids that are turned, and cropped.
func ruleTurnedHEIC(s *suite) {
	for _, w := range []int{ruleAt - 1, ruleAt, ruleAt + 1} {
		grid := gridOf(codedSeed("tile.heic"), 2, 1, 48, w)
		grid.props = append(grid.props, box("irot", []byte{3}))
		grid.items[len(grid.items)-1].props = []int{3, 4}
		rule(s, fmt.Sprintf("grid_turned_%dx48", w), grid.file(), validate.Rules{MaxWidth: ruleAt}, over(w))
		grid = gridOf(codedSeed("tile.heic"), 1, 2, 128, 50)
		grid.props = append(grid.props, clap(w, 50))
		grid.items[len(grid.items)-1].props = []int{3, 4}
		rule(s, fmt.Sprintf("grid_cropped_%dx50", w), grid.file(), validate.Rules{MaxWidth: ruleAt}, over(w))
	}
}

// over is what a width deserves of which at most ruleAt is allowed.
func over(w int) validate.Reason {
	if w > ruleAt {
		return validate.TooLargeSide
	}
	return ""
}
