package heic

import (
	"context"
	"sync/atomic"

	"github.com/imgvet/imgvet/heic/internal/heif"
	"github.com/imgvet/imgvet/internal/procs"
	"github.com/imgvet/imgvet/internal/verify"
)

// lookahead reads several coded pictures at a time, and lets the walk over the
// container run ahead of them. What the streams say is taken in strictly in the
// order of that walk, so that verdict, fault and warnings are those of reading
// one after the other.
type lookahead struct {
	slots   chan struct{} // one for each stream that is being read
	spare   bool          // a goroutine needs a processor that no verification uses
	stop    atomic.Bool   // the verdict is certain: do not begin another
	pending []*streamJob  // oldest first, at most twice the slots
	settled []*streamJob  // for the next streams
	fault   error         // of the first stream in that order that has one
}

// streamJob is one coded picture to be read.
type streamJob struct {
	item   *heif.Item
	config *heif.Config
	data   heif.Payload
	lim    verify.Limits

	// Filled before done has an element.
	padding  int
	err      error
	panicked any
	done     chan struct{}

	after []Warning // what the walk forgave since this job was queued
}

// streamed calls walk, with as many streams read at a time as the limits allow.
// All goroutines have ended when it returns.
func (v *verifier) streamed(walk func() error) error {
	n, spare := v.lim.lookahead()
	if n == 1 {
		return walk()
	}
	a := &lookahead{slots: make(chan struct{}, n), spare: spare}
	v.ahead = a
	defer func() {
		a.stop.Store(true)
		for _, j := range a.pending {
			<-j.done
		}
		v.ahead = nil
	}()
	fault := walk()
	// A stream queued before the walk met its fault comes before that fault.
	for a.fault == nil && len(a.pending) > 0 {
		a.fault = v.settle()
	}
	if a.fault != nil {
		return a.fault
	}
	return fault
}

// queue hands a stream to a goroutine, or reads it itself if no processor is spare, and takes
// in the oldest one if enough are under way.
func (v *verifier) queue(it *heif.Item, c *heif.Config, data heif.Payload) error {
	a := v.ahead
	if len(a.pending) == 2*cap(a.slots) {
		if a.fault = v.settle(); a.fault != nil {
			return a.fault
		}
	}
	j := a.job()
	j.item, j.config, j.data, j.lim = it, c, data, v.lim.coded()
	a.pending = append(a.pending, j)
	ctx := v.in.Context()
	if !a.spare {
		go func() {
			a.slots <- struct{}{}
			j.read(ctx, a)
		}()
		return nil
	}
	a.slots <- struct{}{} // one is always free: of all slots but this goroutine's, others take some
	if len(a.slots) < cap(a.slots) {
		if done := procs.Spare(ctx); done != nil {
			go func() {
				defer done()
				j.read(ctx, a)
			}()
			return nil
		}
	}
	j.read(ctx, a)
	return nil
}

// job returns a job to fill.
func (a *lookahead) job() *streamJob {
	n := len(a.settled)
	if n == 0 {
		return &streamJob{done: make(chan struct{}, 1)}
	}
	j := a.settled[n-1]
	a.settled = a.settled[:n-1]
	*j = streamJob{done: j.done, after: j.after[:0]}
	return j
}

// read reads the stream, in a slot that it gives back.
func (j *streamJob) read(ctx context.Context, a *lookahead) {
	defer func() {
		// A panic in a goroutine of its own would end the program, past any recover
		// of the caller's.
		j.panicked = recover()
		<-a.slots
		j.done <- struct{}{}
	}()
	if !a.stop.Load() {
		j.padding, j.err = heif.ReadStream(ctx, j.config, &j.data, j.lim)
	}
}

// settle waits for the oldest stream, and takes in what it says.
func (v *verifier) settle() error {
	a := v.ahead
	j := a.pending[0]
	<-j.done
	a.pending = append(a.pending[:0], a.pending[1:]...)
	a.settled = append(a.settled, j)
	if j.panicked != nil {
		panic(j.panicked)
	}
	if err := v.judgeStream(j.item, &j.data, j.padding, j.err); err != nil {
		// Whatever else the walk forgives no longer matters.
		return err
	}
	for _, w := range j.after {
		v.forgive(w)
	}
	return nil
}
