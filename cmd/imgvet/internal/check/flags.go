package check

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"

	"github.com/imgvet/imgvet/internal/cli"
)

// addFileFlags adds the flags that say which files are checked, and what becomes of them.
func (o *options) addFileFlags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.filter.Include, "include", nil, "of folders check only files that match this `pattern`, such as '*.jpg' or 'originals/**'; may be given more than once")
	f.StringArrayVar(&o.filter.Exclude, "exclude", nil, "of folders leave out files and folders that match this `pattern`; may be given more than once")
	f.BoolVar(&o.gitIgnore, "gitignore", false, "of folders leave out what git ignores; asks git, which must be installed")
	f.BoolVar(&o.everything, "all", false, "of folders check also what claims to be no picture")
	f.StringVar(&o.from.list, "files-from", "", "check the files that this `file` lists, a line each; - is standard input")
	f.BoolVarP(&o.from.null, "null", "0", false, "a NUL ends each name of --files-from, not a line")
	f.StringVar(&o.moveTo, "move-to", "", "move refused files to this `folder`")
	f.StringVar(&o.copyTo, "copy-to", "", "copy refused files to this `folder`")
	f.BoolVar(&o.dryRun, "dry-run", false, "only say what --move-to or --copy-to would do")
	f.StringVar(&o.cache, "cache", "", "remember in this `file` what was good, and do not read it again until it changes")
	f.StringVar(&o.colour, "color", "auto", "colour lines: auto (on a terminal, unless NO_COLOR is set), always or never")
}

// fileProblems returns what is wrong with these flags.
func (o *options) fileProblems() []error {
	errs := []error{o.filter.Problems()}
	if o.moveTo != "" && o.copyTo != "" {
		errs = append(errs, errors.New("--move-to or --copy-to: not both"))
	}
	if o.dryRun && o.moveTo == "" && o.copyTo == "" {
		errs = append(errs, errors.New("--dry-run is for --move-to and --copy-to"))
	}
	if o.colour != "auto" && o.colour != "always" && o.colour != "never" {
		errs = append(errs, fmt.Errorf("--color %q is none of auto, always and never", o.colour))
	}
	if o.from.list == "" && o.from.null {
		errs = append(errs, errors.New("-0 is for --files-from"))
	}
	return errs
}

// coloured reports whether lines to w are coloured.
func (o *options) coloured(w io.Writer) bool {
	switch o.colour {
	case "always":
		return true
	case "never":
		return false
	}
	return os.Getenv("NO_COLOR") == "" && cli.IsTerminal(w) // no-color.org
}
