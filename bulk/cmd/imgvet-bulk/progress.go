package main

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/imgvet/imgvet/internal/cli"
)

// progress shows on a terminal how many objects are done, at which rate, and the time left. Into a
// pipe or a file it writes nothing.
type progress struct {
	stderr io.Writer
	total  int64
	before int64 // done by runs before this one
	done   atomic.Int64
}

func newProgress(stderr io.Writer, total, before int64) *progress {
	return &progress{stderr: stderr, total: total, before: before}
}

func (p *progress) add(keys int) { p.done.Add(int64(keys)) }

// show draws until ctx is done. The function that it returns waits for that.
func (p *progress) show(ctx context.Context) (wait func()) {
	if !cli.IsTerminal(p.stderr) {
		return func() {}
	}
	bar := progressbar.NewOptions64(p.total-p.before, // so that the rate is this run's
		progressbar.OptionSetWriter(p.stderr),
		progressbar.OptionSetDescription("judging"),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("objects"),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetWidth(30),
		progressbar.OptionClearOnFinish(),
	)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_ = bar.Set64(min(p.done.Load(), p.total-p.before)) // a terminal that fails must not end the work
			case <-ctx.Done():
				_ = bar.Clear()
				return
			}
		}
	}()
	return func() { <-stopped }
}
