package middleware

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/imgvet/imgvet/internal/procs"
	"github.com/imgvet/imgvet/validate"
)

// batch is how many bytes of a file are received before some more of it is verified.
const batch = 128 << 10

// errLater ends the verification of a file that is to be verified once the request is whole: its
// bytes no longer lie in memory, or there is no memory to keep a verification that waits.
var errLater = errors.New("middleware: verified later")

// arriving is a file of which a part is here, and which is verified as more of it comes
// ([validate.Arriving]). It has a slot for verifications only between two calls of More: a slow
// client keeps none.
type arriving struct {
	c    *check
	f    *checked
	next func() ([]byte, error) // returns the next bytes, or io.EOF

	whole   bool
	slot    bool
	held    int64     // bytes of memory that Hold has taken
	resumed time.Time // when More returned last
	stopped time.Time // since when nobody reads from the client
}

// verifiesArriving tells whether the next file can be verified before the request is whole: the
// access hook has let the request pass, and the bytes lie in memory.
func (c *check) verifiesArriving(f *checked) bool {
	if c.source.keep == nil || c.m.opts.Authorize != nil && !c.authorized || c.m.opts.Validate.Limiter != nil {
		return false
	}
	_, ok := f.bytes()
	return ok
}

// receiveData reads a file: the bytes of head, which were read already, and what next returns
// until io.EOF. It verifies a file of more than a batch meanwhile if it can.
func (c *check) receiveData(f *checked, head []byte, next func() ([]byte, error)) error {
	tried := false
	for b := head; ; {
		if err := f.take(b); err != nil {
			return err
		}
		if f.gate.size >= batch && !tried && c.verifiesArriving(f) {
			tried = true
			f.arriving = arriving{c: c, f: f, next: next}
			if err := f.arriving.verify(); !errors.Is(err, errLater) {
				return err
			}
			if f.arriving.whole {
				return nil
			}
		}
		var err error
		if b, err = next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// take judges the next bytes of the file by its head and its size, and keeps them if they are
// not kept as a part of the body.
func (f *checked) take(b []byte) error {
	if _, err := f.gate.Write(b); err != nil {
		return err
	}
	f.keepDecoded(b, f.check.body.store.threshold)
	return nil
}

// bytes returns the file as far as it has arrived, and false if it does not lie in memory.
func (f *checked) bytes() ([]byte, bool) {
	if f.check.kind == object {
		if f.decoded == nil {
			return nil, false
		}
		return f.decoded.b, true
	}
	b, ok := f.check.body.arrived(f.offset)
	if !ok {
		return nil, false
	}
	n := max(f.gate.size, f.Size)
	return b[:n:n], true
}

// verify verifies the file while it arrives.
func (a *arriving) verify() error {
	buffer := a.buffer()
	buffer.retain = true
	a.stopped = time.Now()
	defer func() {
		a.c.wire.clock.paused(time.Since(a.stopped))
		buffer.forgetOld()
		a.yield()
		a.c.m.store.memory.unreserve(a.held)
	}()
	ctx := a.f.phases.verifying(a.c)
	r, err := validate.Receive(procs.WithGroup(ctx, a.c.m.slots), a, a.c.m.validate)
	if errors.Is(err, errLater) {
		a.f.elapsed, a.f.waited = 0, 0
		a.f.phases.finish(nil, nil)
		return err
	}
	a.f.Result = r.Result()
	if err != nil {
		a.f.phases.finish(a.f.Result, err)
		return err
	}
	a.f.received = r
	if a.c.hooks() { // they cost more, and wait until the whole request is here
		a.f.phases.finish(a.f.Result, nil)
		a.f.phases.verified = true
		return nil
	}
	return a.c.verifyFile(a.f, nil, nil)
}

// buffer is where the file's bytes are.
func (a *arriving) buffer() *growing {
	if a.c.kind == object {
		return a.f.decoded
	}
	return &a.c.body.mem
}

// yield gives the slot back.
func (a *arriving) yield() {
	if a.slot {
		a.slot = false
		a.f.elapsed += time.Since(a.resumed)
		a.c.m.slots.Give()
	}
}

// Size is part of [validate.Arriving]. What a request says of its length need not be true where
// another handler has replaced its body.
func (a *arriving) Size() int64 { return -1 }

// Hold is part of [validate.Holder].
func (a *arriving) Hold(n int64) error {
	if n > a.held {
		if !a.c.m.store.memory.reserve(n - a.held) {
			return errLater
		}
		a.held = n
	}
	return nil
}

// More is part of [validate.Arriving]. It goes on receiving while no slot is free, and waits for
// one when the file is whole.
func (a *arriving) More(ctx context.Context, have int) ([]byte, bool, error) {
	a.yield()
	a.c.wire.clock.paused(time.Since(a.stopped))
	err := a.receiveMore(have)
	a.stopped = time.Now()
	if err != nil {
		return nil, false, err
	}
	if !a.slot {
		if err := a.c.waitForSlot(ctx, a.f); err != nil {
			return nil, false, err
		}
		a.slot = true
	}
	a.resumed = time.Now()
	b, ok := a.f.bytes()
	if !ok {
		return nil, false, errLater
	}
	return b, a.whole, nil
}

// receiveMore receives more than have bytes, and goes on while no slot is free.
func (a *arriving) receiveMore(have int) error {
	for !a.whole {
		have += batch
		if err := a.receive(have); err != nil {
			return err
		}
		if !a.whole && a.c.m.slots.Take() {
			a.slot = true
			return nil
		}
	}
	return nil
}

// receive reads until the file has n bytes, or is whole.
func (a *arriving) receive(n int) error {
	for a.f.gate.size < int64(n) {
		b, err := a.next()
		if err == io.EOF {
			a.whole = true
			return nil
		}
		if err == nil {
			err = a.f.take(b)
		}
		if err != nil {
			return err
		}
		if _, ok := a.f.bytes(); !ok {
			return errLater
		}
	}
	return nil
}
