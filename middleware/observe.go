package middleware

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/imgvet/imgvet/validate"
)

// Outcome is how the check of one file ended. The strings are stable, and fit for logs and
// metrics.
type Outcome string

// Outcomes.
const (
	Passed   Outcome = "passed"   // verified; the next handler runs if all files passed
	Refused  Outcome = "refused"  // a documented code
	Failed   Outcome = "failed"   // an operational failure: nothing is known about the file
	Unjudged Outcome = "unjudged" // another file, or the token, ended the request first
)

// Observation is the outcome of one file, or of a request that ended before its first file.
type Observation struct {
	File                   // its Result is never nil; Field and FileName are "" without a file
	NoFile   bool          // the request ended before its first file: there is nothing in File
	Outcome  Outcome       // of this file
	Refusal  *Refusal      // why the request did not pass; nil if it passed
	Size     int64         // bytes of this file received, decoded
	Received int64         // bytes of the body received, as sent
	Wait     time.Duration // spent waiting for one of Options.MaxVerifications, for this file
	Verify   time.Duration // spent in verification of this file
	Duration time.Duration // from the headers to the end of the check
}

// report tells the observer and the log how the request ended. f is nil if it passed.
func (c *check) report(f *Refusal) {
	c.reported = true
	elapsed := time.Since(c.start)
	c.log(f, elapsed)
	if c.trace != nil {
		c.trace.End(f, c.count(), c.wire.n)
	}
	if c.m.opts.Observe == nil {
		return
	}
	for _, file := range c.files {
		if file.blank {
			continue
		}
		c.m.opts.Observe(c.r, Observation{
			File:     file.File,
			Outcome:  file.outcome(f),
			Refusal:  f,
			Size:     file.Size,
			Received: c.wire.n,
			Wait:     file.waited,
			Verify:   file.elapsed,
			Duration: elapsed,
		})
	}
	if c.count() == 0 && f != nil {
		c.m.opts.Observe(c.r, Observation{
			File:     File{Result: &validate.Result{}},
			NoFile:   true,
			Outcome:  requestOutcome(f),
			Refusal:  f,
			Received: c.wire.n,
			Duration: elapsed,
		})
	}
}

// outcome returns how the check of f ended. r is the refusal of the whole request, or nil.
func (f *checked) outcome(r *Refusal) Outcome {
	switch {
	case f.done && f.err == nil:
		return Passed
	case f.done:
		return Refused
	case r != nil && r.Verdict == nil:
		return Failed
	}
	return Unjudged
}

func requestOutcome(r *Refusal) Outcome {
	if r != nil && r.Verdict != nil {
		return Refused
	}
	return Failed
}

// log writes a line about the request. It holds none of the body's bytes, not even names; but it
// quotes a hook's error as it is.
func (c *check) log(f *Refusal, elapsed time.Duration) {
	level, message := slog.LevelDebug, "upload passed"
	if f != nil {
		level, message = slog.LevelInfo, "upload refused"
		if f.Status >= http.StatusInternalServerError {
			level, message = slog.LevelError, "upload failed"
		}
	}
	if !c.m.opts.Logger.Enabled(c.ctx, level) {
		return
	}
	ctx := context.WithoutCancel(c.ctx)
	attrs := []slog.Attr{
		slog.Int("files", c.count()),
		slog.Int64("received", c.wire.n),
		slog.Duration("duration", elapsed),
	}
	if f != nil {
		attrs = append(attrs, slog.Int("status", f.Status), slog.Int("code", f.Code()))
		if f.Verdict != nil {
			attrs = append(attrs, slog.Any("verdict", f.Verdict))
		} else if f.Cause != nil {
			attrs = append(attrs, slog.String("cause", f.Cause.Error()))
		}
		attrs = append(attrs, slog.String("reason", f.Reason()))
		if f.Budget != "" {
			attrs = append(attrs, slog.String("budget", string(f.Budget)))
		}
	}
	c.m.opts.Logger.LogAttrs(ctx, level, message, attrs...)
}
