package validate

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// Rules bound the shape of a picture as a viewer shows it: with its orientation applied and, for
// HEIC, its crop. 0 means no rule. All bounds are inclusive. A verified picture outside them is
// refused with code 5, before any [Check] runs.
type Rules struct {
	MinWidth, MinHeight int // reason TooSmall
	MaxWidth, MaxHeight int // reason TooLargeSide
	// MinAspect and MaxAspect bound width divided by height (reason AspectRatio): 1 is a square,
	// 16.0/9 a wide screen. The comparison is exact, so a MinAspect of 1.78 refuses 1920x1080.
	MinAspect, MaxAspect float64
	MaxFrames            int // reason Animated; 1 takes stills only
}

// problems returns what is wrong with r.
func (r Rules) problems() []error {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("validate: Options.Rules."+format, args...))
	}
	for _, n := range []struct {
		name  string
		value int
	}{
		{"MinWidth", r.MinWidth}, {"MinHeight", r.MinHeight},
		{"MaxWidth", r.MaxWidth}, {"MaxHeight", r.MaxHeight}, {"MaxFrames", r.MaxFrames},
	} {
		if n.value < 0 {
			bad("%s is %d; it must not be negative", n.name, n.value)
		}
	}
	for _, n := range []struct {
		name  string
		value float64
	}{{"MinAspect", r.MinAspect}, {"MaxAspect", r.MaxAspect}} {
		if !(n.value >= 0) || math.IsInf(n.value, 1) { // NaN is not >= 0
			bad("%s is %v; it must be a positive number, or 0 for no rule", n.name, n.value)
		}
	}
	if r.MaxWidth > 0 && r.MinWidth > r.MaxWidth {
		bad("MinWidth is %d, over MaxWidth, %d", r.MinWidth, r.MaxWidth)
	}
	if r.MaxHeight > 0 && r.MinHeight > r.MaxHeight {
		bad("MinHeight is %d, over MaxHeight, %d", r.MinHeight, r.MaxHeight)
	}
	if r.MaxAspect > 0 && r.MinAspect > r.MaxAspect {
		bad("MinAspect is %v, over MaxAspect, %v", r.MinAspect, r.MaxAspect)
	}
	return errs
}

// check returns the refusal of res under r, or nil.
func (r Rules) check(res *Result) *Error {
	if r == (Rules{}) {
		return nil
	}
	refusal := r.checkSides(res)
	if refusal == nil {
		refusal = r.checkAspect(res)
	}
	if refusal == nil && r.MaxFrames > 0 && res.Frames > r.MaxFrames {
		got, limit := int64(res.Frames), int64(r.MaxFrames)
		advice := "The animation has " + grouped(got) + " frames: send one of at most " + grouped(limit) + "."
		if limit == 1 {
			advice = "The picture is an animation of " + grouped(got) + " frames: send a still picture."
		}
		refusal = broken("MaxFrames", Animated, limit, got, advice)
	}
	if refusal != nil {
		refusal.Format = res.Format
	}
	return refusal
}

func (r Rules) checkSides(res *Result) *Error {
	width, height := res.Shown()
	for _, side := range []struct {
		name, adjective  string
		got, least, most int64
	}{
		{"Width", "wide", int64(width), int64(r.MinWidth), int64(r.MaxWidth)},
		{"Height", "high", int64(height), int64(r.MinHeight), int64(r.MaxHeight)},
	} {
		what := "The picture is " + grouped(side.got) + " pixels " + side.adjective
		if side.got < side.least {
			return broken("Min"+side.name, TooSmall, side.least, side.got, what+": send one of at least "+grouped(side.least)+".")
		}
		if side.most > 0 && side.got > side.most {
			return broken("Max"+side.name, TooLargeSide, side.most, side.got, what+": scale it down to at most "+grouped(side.most)+".")
		}
	}
	return nil
}

// checkAspect reports ratios in thousandths, since Limit and Got are whole numbers.
func (r Rules) checkAspect(res *Result) *Error {
	width, height := res.Shown()
	aspect := float64(width) / float64(height)
	times := func(bound float64) string {
		return strconv.FormatFloat(math.Round(bound*1000)/1000, 'f', -1, 64) + " times as wide as high."
	}
	if aspect < r.MinAspect {
		return broken("MinAspect", AspectRatio, thousandths(r.MinAspect), thousandths(aspect),
			"The picture is too narrow: crop it to be at least "+times(r.MinAspect))
	}
	if r.MaxAspect > 0 && aspect > r.MaxAspect {
		return broken("MaxAspect", AspectRatio, thousandths(r.MaxAspect), thousandths(aspect),
			"The picture is too wide: crop it to be at most "+times(r.MaxAspect))
	}
	return nil
}

// broken returns the refusal of a picture that breaks the named rule.
func broken(rule string, reason Reason, limit, got int64, advice string) *Error {
	return &Error{
		Code: CodeCorrupted, Reason: reason, Offset: -1, Limit: limit, Got: got,
		cause: errors.New("Options.Rules." + rule), advice: advice,
	}
}

func thousandths(v float64) int64 {
	if v > math.MaxInt32 {
		return math.MaxInt32 * 1000
	}
	return int64(math.Round(v * 1000))
}
