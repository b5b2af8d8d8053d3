package middleware

import (
	"context"
	"net/http"
	"time"

	"github.com/imgvet/imgvet/validate"
)

// Step is a part of a request's check that Options.Trace follows. The strings are stable, and
// fit for names of spans.
type Step string

// Steps.
const (
	StepReceive   Step = "receive"   // the body is read; files of more than 128 KiB are verified meanwhile
	StepAuthorize Step = "authorize" // the access hook decides
	StepWait      Step = "wait"      // for one of Options.MaxVerifications
	StepVerify    Step = "verify"    // one file
	StepHooks     Step = "hooks"     // Validate.Checks and Validate.Faces look at one file
)

// Trace follows the check of one request, step by step. Its methods are called by one goroutine
// at a time. observe/otel makes spans of it.
type Trace interface {
	// Begin begins a step. The context it returns counts in StepHooks alone: it goes to the checks
	// and the face finder, so that spans of theirs are children of the step's. The access hook
	// keeps the request's context, because the next handler gets what that hook adds to it.
	//
	// The function it returns ends the step. res is what is known of the file in StepVerify and
	// StepHooks, else nil; f is why the request ends here, or nil.
	Begin(ctx context.Context, s Step) (context.Context, func(res *validate.Result, f *Refusal))

	// End ends the check, before the next handler or the answer. f is nil if the request passed;
	// files is how many files it had, and received the bytes of its body as sent.
	End(f *Refusal, files int, received int64)
}

// begin begins a step for Options.Trace. The function it returns must be called once, with the
// error that the step ended with.
func (c *check) begin(ctx context.Context, s Step) (context.Context, func(*validate.Result, error)) {
	if c.trace == nil {
		return ctx, func(*validate.Result, error) {}
	}
	in, end := c.trace.Begin(ctx, s)
	return in, func(res *validate.Result, err error) {
		var f *Refusal
		if err != nil {
			f = c.m.refusalOf(c.ctx, err)
		}
		end(res, f)
	}
}

// step performs a step that has no file.
func (c *check) step(s Step, do func() error) error {
	_, end := c.begin(c.ctx, s)
	err := do()
	end(nil, err)
	return err
}

// waitForSlot waits for a slot on behalf of f. The caller must give it back.
func (c *check) waitForSlot(ctx context.Context, f *checked) error {
	start := time.Now()
	err := c.step(StepWait, func() error { return c.m.slots.acquire(ctx, c.m.opts.MaxWait) })
	f.waited += time.Since(start)
	return err
}

// phases are StepVerify and StepHooks of one file, one after the other. The zero value is
// neither.
type phases struct {
	c   *check
	ctx context.Context               // of StepHooks, once that has begun
	end func(*validate.Result, error) // of the phase that is under way; nil if none is

	verified bool // StepVerify is over
	hooks    bool // StepHooks has begun
}

type phasesKey struct{}

// verifying begins StepVerify, unless the file is in a phase already, and returns the context to
// verify in.
func (p *phases) verifying(c *check) context.Context {
	if c.trace == nil {
		return c.ctx
	}
	p.c = c
	if p.end == nil && !p.verified {
		_, p.end = c.begin(c.ctx, StepVerify)
	}
	return context.WithValue(c.ctx, phasesKey{}, p)
}

// finish ends the phase under way, if any.
func (p *phases) finish(res *validate.Result, err error) {
	if p.end != nil {
		p.end(res, err)
		p.end = nil
	}
}

// inHooks ends StepVerify, begins StepHooks if that has not begun, and returns the context for a
// hook.
func inHooks(ctx context.Context, res *validate.Result) context.Context {
	p, ok := ctx.Value(phasesKey{}).(*phases)
	if !ok {
		return ctx
	}
	if !p.hooks {
		p.finish(res, nil)
		p.hooks = true
		p.ctx, p.end = p.c.begin(ctx, StepHooks)
	}
	return p.ctx
}

// traced returns opts with hooks that are called in the context of StepHooks.
func traced(opts validate.Options) validate.Options {
	checks := opts.Checks
	opts.Checks = nil
	for _, check := range checks {
		opts.Checks = append(opts.Checks, func(ctx context.Context, p *validate.Picture) error {
			return check(inHooks(ctx, p.Result), p)
		})
	}
	if opts.Faces != nil {
		opts.Faces = tracedFaces{opts.Faces}
	}
	return opts
}

// tracedFaces is a face finder that is called in the context of StepHooks.
type tracedFaces struct{ validate.FaceFinder }

func (f tracedFaces) FindFaces(ctx context.Context, p *validate.Picture) (validate.Faces, error) {
	return f.FaceFinder.FindFaces(inHooks(ctx, p.Result), p)
}

// newTrace returns the trace of a request, or nil.
func (o *Options) newTrace(r *http.Request) Trace {
	if o.Trace == nil {
		return nil
	}
	return o.Trace(r)
}

// tracedValidate returns Validate as a check uses it.
func (o *Options) tracedValidate() validate.Options {
	if o.Trace == nil {
		return o.Validate
	}
	return traced(o.Validate)
}
