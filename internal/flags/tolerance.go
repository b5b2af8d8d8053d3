package flags

import (
	"fmt"
	"strconv"

	"github.com/spf13/pflag"

	"github.com/imgvet/imgvet/internal/settings"
	"github.com/imgvet/imgvet/validate"
)

// Tolerance adds the flags that set t. The last one given counts.
func Tolerance(f *pflag.FlagSet, t *validate.Tolerance) {
	f.TextVar(t, "tolerance", validate.Normal, "what a file may break: strict, normal or lenient")
	short := func(name string, to validate.Tolerance, usage string) {
		f.BoolFunc(name, usage, func(s string) error {
			on, err := strconv.ParseBool(s)
			if err != nil {
				return fmt.Errorf("%q is neither true nor false", s)
			}
			if on {
				*t = to
			} else if *t == to {
				*t = validate.Normal
			}
			return nil
		})
	}
	short("strict", validate.Strict, "refuse what is otherwise only warned of, such as bytes after the picture")
	short("lenient", validate.Lenient, "also take what browsers show whole though its end is missing or a checksum behind it is wrong")
	settings.OneOf(f, "tolerance", "strict", "lenient")
}
