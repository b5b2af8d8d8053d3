package flags

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/imgvet/imgvet/validate"
)

// Rules adds the flags that set r. Zero, the default of each, is no rule.
func Rules(f *pflag.FlagSet, r *validate.Rules) {
	f.IntVar(&r.MinWidth, "min-width", 0, "refuse pictures of fewer pixels across than this, as they are shown")
	f.IntVar(&r.MinHeight, "min-height", 0, "refuse pictures of fewer pixels down than this, as they are shown")
	f.IntVar(&r.MaxWidth, "max-width", 0, "refuse pictures of more pixels across than this, as they are shown")
	f.IntVar(&r.MaxHeight, "max-height", 0, "refuse pictures of more pixels down than this, as they are shown")
	f.IntVar(&r.MaxFrames, "max-frames", 0, "refuse animations of more frames than this; 1 takes stills only")
	f.Var((*aspect)(&r.MinAspect), "min-aspect", "refuse pictures that are narrower than this `ratio` of width to height, such as 3:4 or 0.75")
	f.Var((*aspect)(&r.MaxAspect), "max-aspect", "refuse pictures that are wider than this `ratio` of width to height, such as 16:9 or 1.78")
}

// aspect is a ratio of width to height as a flag.
type aspect float64

// Set reads "16:9" or "1.5".
func (a *aspect) Set(s string) error {
	ratio, err := Ratio(s)
	if err == nil {
		*a = aspect(ratio)
	}
	return err
}

// Ratio reads "16:9" or "1.5". What is no ratio of a picture is told by [validate.Options.Problems].
func Ratio(s string) (float64, error) {
	over, under, isPair := strings.Cut(s, ":")
	if !isPair {
		under = "1"
	}
	w, errW := strconv.ParseFloat(over, 64)
	h, errH := strconv.ParseFloat(under, 64)
	if errW != nil || errH != nil || h <= 0 {
		return 0, fmt.Errorf("%q is no ratio such as 16:9 or 1.5", s)
	}
	return w / h, nil
}

func (a *aspect) String() string { return strconv.FormatFloat(float64(*a), 'g', -1, 64) }

// Type names the value in the help.
func (a *aspect) Type() string { return "ratio" }
