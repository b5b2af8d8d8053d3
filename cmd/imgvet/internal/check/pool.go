package check

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"sync"
	"time"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/report"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/thumb"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/walk"
	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/validate"
)

// windowPerJob is how many verdicts may wait, for each file worked on, for an
// earlier one to be reported. Verdicts are small; the window keeps them few even
// if one file takes longer than all others together.
const windowPerJob = 16

// judge validates one file.
type judge struct {
	opts   validate.Options
	naming naming
	stdin  io.Reader
	all    bool // also what was found and is no picture
	cache  *cache
	// thumbs, if not nil, makes a picture of what was refused.
	thumbs *thumb.Maker
}

func (j judge) file(ctx context.Context, f walk.File) report.Verdict {
	name := f.Name
	if name == cli.Stdin {
		return j.alone(ctx, name, func() (io.ReadCloser, error) { return io.NopCloser(j.stdin), nil })
	}
	key, known := j.cache.key(name)
	if known && j.cache.holds(key) {
		return report.Verdict{File: name, Result: &validate.Result{}, Left: report.Unchanged}
	}
	v, start := report.Verdict{File: name}, time.Now()
	v.Result, v.Err = validate.File(ctx, name, j.opts)
	v.Took = time.Since(start)
	switch {
	case f.Named && v.Err != nil && isPipe(name): // which File does not read
		return j.alone(ctx, name, func() (io.ReadCloser, error) { return os.Open(name) })
	case !f.Named && !j.all && noPicture(name, v.Refusal()):
		return report.Verdict{File: name, Result: &validate.Result{}, Left: report.NoPicture}
	}
	j.naming.apply(&v)
	if known && v.Err == nil && len(v.Result.Warnings) == 0 {
		j.cache.add(key)
	}
	if refusal := v.Refusal(); refusal != nil && j.thumbs != nil {
		v.Thumb = j.thumbs.Make(ctx, name, refusal, j.opts)
	}
	return v
}

// alone validates standard input or a pipe. Opening and reading it may wait for ever, which
// cannot be interrupted: that goes on alone, until the program ends, if ctx is done.
func (j judge) alone(ctx context.Context, name string, open func() (io.ReadCloser, error)) report.Verdict {
	done := make(chan report.Verdict, 1)
	go func() {
		start := time.Now()
		r, err := open()
		if err != nil {
			done <- report.Verdict{File: name, Result: &validate.Result{}, Err: err}
			return
		}
		defer r.Close()
		res, err := validate.Validate(ctx, r, j.opts)
		done <- report.Verdict{File: name, Result: res, Err: err, Took: time.Since(start)}
	}()
	select {
	case v := <-done:
		return v
	case <-ctx.Done():
		return report.Verdict{File: name, Result: &validate.Result{}, Err: ctx.Err()}
	}
}

// pool judges files on several processors and hands on the verdicts in the files'
// order. It holds jobs files in memory, and jobs*windowPerJob verdicts at most.
type pool struct {
	judge judge
	jobs  int
}

// run calls tell for each verdict, one at a time, until it returns an error,
// files ends or ctx is done; that error, or ctx's cause, is returned. It does not
// wait for files whose verdict nobody wants any more.
func (p pool) run(ctx context.Context, files iter.Seq2[walk.File, error], tell func(report.Verdict) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	type job struct {
		file walk.File
		done chan<- report.Verdict
	}
	// Each file gets a channel of its own; the queue of these channels keeps the
	// order, and its length bounds how far the walk runs ahead.
	jobs := make(chan job, p.jobs) // so that no worker waits for the walk
	queue := make(chan (<-chan report.Verdict), p.jobs*windowPerJob)
	var workers sync.WaitGroup
	for range p.jobs {
		workers.Go(func() {
			for j := range jobs {
				j.done <- p.judge.file(ctx, j.file)
			}
		})
	}
	go func() {
		defer close(queue)
		defer close(jobs)
		for f, err := range files {
			done := make(chan report.Verdict, 1)
			if !send(ctx, queue, done) {
				return
			}
			if err != nil {
				done <- report.Verdict{File: f.Name, Result: &validate.Result{}, Err: err}
			} else if !send(ctx, jobs, job{f, done}) {
				return
			}
		}
	}()

	for {
		done, err := receive(ctx, queue)
		if err != nil {
			if errors.Is(err, errClosed) {
				workers.Wait()
				return nil
			}
			return err
		}
		v, err := receive(ctx, done)
		if err != nil {
			return err
		}
		if err := tell(v); err != nil {
			return err
		}
	}
}

// errClosed is what receive returns at the end of a channel.
var errClosed = errors.New("closed")

// send hands v on, unless ctx is done first.
func send[C ~chan T | ~chan<- T, T any](ctx context.Context, c C, v T) bool {
	select {
	case c <- v:
		return true
	case <-ctx.Done():
		return false
	}
}

// receive returns the next value, errClosed at the end, or why ctx is done.
func receive[T any](ctx context.Context, c <-chan T) (T, error) {
	var none T
	if ctx.Err() != nil {
		return none, context.Cause(ctx) // rather than one of two things ready at random
	}
	select {
	case v, ok := <-c:
		if !ok {
			return none, errClosed
		}
		return v, nil
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}
