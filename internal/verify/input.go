package verify

import (
	"context"
	"errors"
	"math"
	"sync"
)

// Window is how many bytes of a file a verifier sees at a time. At the end of each window the
// Input looks at its context.
const Window = 256 << 10

// More waits until more than have bytes of a file are there, or the file has ended. It returns
// all bytes so far in one slice, and whether they are the whole file. A longer slice may lie
// elsewhere in memory; earlier ones must stay unchanged until the verification is over. A file
// that is not whole must have grown. An error says nothing about the file.
//
// holds is about how many bytes of memory the verification keeps while it waits.
type More func(ctx context.Context, have int, holds int64) (b []byte, whole bool, err error)

// Holds is what a verification keeps at most while it waits, beyond what a [Holder] says.
const Holds = 192 << 10

// Input is a file that may still be arriving. A verifier sees its first bytes, and asks for more
// where it needs them.
//
// An Input stops when its context is done, when More fails, or when the verification has cost
// more than it may. From then on the file seems to end, which brings every verifier to its end
// soon. The verifier then returns the Input's error in place of its own.
type Input struct {
	ctx     context.Context
	more    More
	seen    []byte // the beginning of arrived that the verifier sees
	arrived []byte
	whole   bool // arrived is the whole file
	memory  bool // it was from the beginning
	past    bool // the verifier asked for bytes past the end of the file
	size    int64
	err     error

	maxWork, work int64
	budget        budget
	holder        Holder
}

// budget is work that the format of the file bounds. Each byte of the file pays for some, those
// too that have not arrived.
type budget struct {
	left, perByte int64
	paid          int64 // bytes that are in left
}

// Memory returns an Input for a file that is in memory as a whole.
func Memory(ctx context.Context, b []byte) *Input {
	return &Input{ctx: ctx, seen: b[:min(len(b), Window)], arrived: b, whole: true, memory: true, size: int64(len(b)), maxWork: math.MaxInt64}
}

// Verifier verifies the file of an Input. With a refusal, which is a [*Fault], Info holds what was
// known by then.
type Verifier func(in *Input, lim Limits) (Info, error)

// Judge calls a verifier for a file that may still be arriving, and returns what it says.
//
// A verifier that has the whole file before it first makes sure that the end is there, so of a
// file that is cut and also broken it says that it is cut. One that reads a file as it arrives
// meets the other fault first. Judge therefore waits for a window more before it refuses. If the
// file ends within these bytes, or the verifier looked for more than it has, the verdict is the
// one of the whole file. So it depends on the file alone, and never on how it arrives.
//
// looked is the size of the file or, if it goes on behind the bytes that were waited for, how
// many these are.
func Judge(in *Input, lim Limits, verifier Verifier) (info Info, looked int64, err error) {
	info, err = verifier(in, lim)
	if in.memory {
		return info, in.size, err
	}
	var fault *Fault
	if !errors.As(err, &fault) {
		if err == nil && !in.All() {
			err = in.err
		}
		return info, int64(len(in.arrived)), err
	}
	most := max(fault.Offset, 0) + Window
	for !in.whole && int64(len(in.arrived)) <= most {
		if !in.wait() {
			return info, int64(len(in.arrived)), in.err
		}
	}
	if !in.past && int64(len(in.arrived)) > most {
		return info, most, err
	}
	for !in.whole {
		if !in.wait() {
			return info, int64(len(in.arrived)), in.err
		}
	}
	again := Memory(in.ctx, in.arrived)
	again.Limit(in.maxWork)
	info, err = verifier(again, lim)
	return info, again.size, err
}

// Whole calls a verifier for a file that is in memory as a whole, without a context.
func Whole(b []byte, lim Limits, verifier Verifier) (Info, error) {
	in := inputs.Get().(*Input)
	*in = *Memory(context.Background(), b)
	info, err := verifier(in, lim)
	*in = Input{} // the pool must not keep the caller's bytes
	inputs.Put(in)
	return info, err
}

var inputs = sync.Pool{New: func() any { return new(Input) }}

// Arriving returns an Input for a file of which b is the beginning. size is that of the file, or
// -1 if it is not known.
func Arriving(ctx context.Context, b []byte, size int64, more More) *Input {
	return &Input{ctx: ctx, seen: b[:min(len(b), Window)], arrived: b, size: size, more: more, maxWork: math.MaxInt64}
}

// Bytes returns the file as far as the verifier may look. Once Reach has returned false, it is
// the whole file.
func (in *Input) Bytes() []byte { return in.seen }

// Context returns the context of the verification.
func (in *Input) Context() context.Context { return in.ctx }

// Size returns the size of the file, or -1 if that was not known from the beginning: what it
// decides must not depend on how the file arrives.
func (in *Input) Size() int64 { return in.size }

// InMemory reports whether the whole file was there from the beginning. Checks that need the end
// of the file can then come first.
func (in *Input) InMemory() bool { return in.memory }

// Err returns why the Input stopped, or nil: an error that is no verdict, or a [*Fault] of reason
// TooMuchWork.
func (in *Input) Err() error { return in.err }

// File returns the file as far as it has arrived, which may be further than Bytes.
func (in *Input) File() []byte { return in.arrived }

// Reach waits until Bytes has n bytes. It returns false if the file ends before, or the Input has
// stopped.
func (in *Input) Reach(n int) bool {
	for n > len(in.seen) {
		if !in.advance(n) {
			in.past = in.past || in.err == nil
			return false
		}
	}
	return true
}

// Extend waits until Bytes is longer than it is. It returns false if it is the whole file, or the
// Input has stopped. It is for those who could do with more bytes, but need none.
func (in *Input) Extend() bool {
	n := len(in.seen)
	for len(in.seen) == n {
		if !in.advance(n + 1) {
			return false
		}
	}
	return true
}

// All waits for the whole file. It returns false if the Input has stopped.
func (in *Input) All() bool {
	in.Reach(math.MaxInt)
	return in.err == nil
}

// advance extends seen by a window, or up to byte n if that is more, as far as the file has
// arrived. It waits for more bytes if there are none.
func (in *Input) advance(n int) bool {
	if in.whole && len(in.seen) == len(in.arrived) || !in.Look() {
		return false
	}
	if len(in.seen) == len(in.arrived) && !in.wait() {
		return false
	}
	in.seen = in.arrived[:min(len(in.arrived), max(n, len(in.seen)+Window))]
	return true
}

// wait waits for more bytes.
func (in *Input) wait() bool {
	holds := int64(Holds)
	if in.holder != nil {
		holds += in.holder.Holds()
	}
	b, whole, err := in.more(in.ctx, len(in.arrived), holds)
	if err != nil {
		in.err = err
		return false
	}
	in.arrived, in.whole = b, whole
	return true
}

// Holder is a verifier whose memory depends on the file. Holds returns how many bytes it keeps.
type Holder interface{ Holds() int64 }

// Holding sets the verifier that keeps memory while the Input waits. nil takes it back.
func (in *Input) Holding(h Holder) { in.holder = h }

// Look looks at the context, and reports whether the verification may go on. Verifiers call it
// where work takes no bytes of the file.
func (in *Input) Look() bool {
	if in.err == nil {
		in.err = in.ctx.Err()
	}
	return in.err == nil
}

// Limit sets the work that the verification may cost. See [Weight].
func (in *Input) Limit(work int64) { in.maxWork = work }

// Spend charges n coded bytes of the given weight, the last of which are at about offset. It
// stops the Input if that is more than the verification may cost.
func (in *Input) Spend(n int64, w Weight, offset int) bool {
	in.work += n * int64(w)
	if in.work > in.maxWork && in.err == nil {
		in.err = TooMany(offset, "units of work", in.maxWork, in.work)
	}
	return in.err == nil
}

// Allow sets the steps that the format allows a file to cost: base, and perByte for each byte.
func (in *Input) Allow(base, perByte int64) { in.budget = budget{left: base, perByte: perByte} }

// Afford takes n steps off what Allow has set. It returns false if they are more than are left,
// which it knows only once the file has ended.
func (in *Input) Afford(n int64) bool {
	b := &in.budget
	b.left -= n
	for b.left < 0 {
		size := max(in.size, int64(len(in.seen)))
		b.left += b.perByte * (size - b.paid)
		b.paid = size
		if b.left < 0 && !in.Extend() {
			return false
		}
	}
	return true
}
