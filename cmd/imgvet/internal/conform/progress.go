package conform

import (
	"io"
	"iter"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/internal/cli"
)

// progress is a bar on a terminal, and nothing elsewhere.
type progress struct{ bar *progressbar.ProgressBar }

// newProgress draws a bar on stderr while the cases of opts, and then its readings, are sent.
func newProgress(stderr io.Writer, opts *fuzz.ConformOptions) progress {
	if !cli.IsTerminal(stderr) {
		return progress{}
	}
	if opts.Cases == nil {
		opts.Cases = fuzz.Cases()
	}
	if opts.Readings == nil {
		opts.Readings = fuzz.Readings(opts.Field)
	}
	bar := progressbar.NewOptions(-1, // making the cases takes seconds: they are not counted first
		progressbar.OptionSetWriter(stderr),
		progressbar.OptionSetDescription("sending"),
		progressbar.OptionShowCount(),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionUseANSICodes(true),
		progressbar.OptionClearOnFinish(),
	)
	opts.Cases = counted(opts.Cases, bar)
	opts.Readings = counted(opts.Readings, bar)
	return progress{bar}
}

// counted moves the bar with each element. A terminal that fails to show it must not end the run.
func counted[T any](all iter.Seq[T], bar *progressbar.ProgressBar) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range all {
			if !yield(v) {
				return
			}
			_ = bar.Add(1)
		}
	}
}

// finish takes the bar off the screen.
func (p progress) finish() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
