package main

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// minForProgress is how many files are worth a progress bar.
const minForProgress = 10

// progress is a bar on the terminal, or nothing. The zero value is nothing.
type progress struct{ bar *progressbar.ProgressBar }

// startProgress starts a bar if stderr is a terminal and there is enough to do.
// It counts the files first, which costs little beside reading them.
func startProgress(stderr io.Writer, paths []string) progress {
	f, ok := stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return progress{}
	}
	n := 0
	walk(context.Background(), paths, func(string, error) { n++ })
	if n < minForProgress {
		return progress{}
	}
	return progress{progressbar.NewOptions(n,
		progressbar.OptionSetWriter(stderr),
		progressbar.OptionSetDescription("checking"),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("files"),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)}
}

// pause takes the bar off the screen so that a line can be printed.
func (p progress) pause() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

// step counts one more file. A terminal that fails must not end the check.
func (p progress) step() {
	if p.bar != nil {
		_ = p.bar.Add(1)
	}
}

func (p progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
