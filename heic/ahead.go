package heic

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/imgvet/imgvet/heic/internal/heif"
	"github.com/imgvet/imgvet/internal/procs"
	"github.com/imgvet/imgvet/internal/verify"
)

// lookahead reads several coded pictures at a time, and lets the walk over the
// container run ahead of them. What the streams say is taken in strictly in the
// order of that walk, so that verdict, fault and warnings are those of reading
// one after the other.
//
// The walk reads streams itself too, when it can queue no more of them and when it waits.
type lookahead struct {
	n       int             // how many streams are read at a time
	spare   bool            // a goroutine needs a processor that no verification uses
	todo    chan *streamJob // those of pending that nobody reads yet
	helpers atomic.Int64    // goroutines that read
	group   sync.WaitGroup  // of these
	stop    atomic.Bool     // the verdict is certain: do not begin another
	pending []*streamJob    // oldest first, at most as many as todo has room for
	settled []*streamJob    // for the next streams
	fault   error           // of the first stream in that order that has one
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
	a := &lookahead{n: n, spare: spare, todo: make(chan *streamJob, 2*n)}
	v.ahead = a
	defer func() {
		a.stop.Store(true)
		for _, j := range a.pending {
			a.wait(v.in.Context(), j)
		}
		a.group.Wait()
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

// queue leaves a stream to be read, and takes in the oldest one if enough are under way.
func (v *verifier) queue(it *heif.Item, c *heif.Config, data heif.Payload) error {
	a := v.ahead
	if len(a.pending) == cap(a.todo) {
		if a.fault = v.settle(); a.fault != nil {
			return a.fault
		}
	}
	j := a.job()
	j.item, j.config, j.data, j.lim = it, c, data, v.lim.coded()
	a.pending = append(a.pending, j)
	a.todo <- j
	a.help(v.in.Context())
	return nil
}

// help starts a goroutine that reads streams, if there may be one more.
func (a *lookahead) help(ctx context.Context) {
	if a.helpers.Load() >= int64(a.n-1) {
		return
	}
	done := func() {}
	if a.spare {
		if done = procs.Spare(ctx); done == nil {
			return
		}
	}
	a.helpers.Add(1)
	a.group.Go(func() {
		defer done()
		defer a.helpers.Add(-1)
		for {
			select {
			case j := <-a.todo:
				j.read(ctx, a)
			default:
				return // the next stream finds another goroutine, or the walk reads it
			}
		}
	})
}

// wait waits for a stream, and reads others meanwhile, or it itself.
func (a *lookahead) wait(ctx context.Context, j *streamJob) {
	for {
		select {
		case <-j.done:
			return
		default:
		}
		select {
		case <-j.done:
			return
		case other := <-a.todo:
			other.read(ctx, a)
		}
	}
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

// read reads the stream.
func (j *streamJob) read(ctx context.Context, a *lookahead) {
	defer func() {
		// A panic in a goroutine of its own would end the program, past any recover
		// of the caller's.
		j.panicked = recover()
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
	a.wait(v.in.Context(), j)
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
