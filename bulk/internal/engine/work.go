package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"gocloud.dev/blob"

	"github.com/imgvet/imgvet/bulk/internal/parts"
	"github.com/imgvet/imgvet/bulk/internal/plan"
	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/bulk/internal/task"
	"github.com/imgvet/imgvet/bulk/internal/verify"
)

const (
	// suspect is the delivery from which on a shard is taken for one that ends workers, though it
	// may have been handed back.
	suspect = 3
	// maxRounds is how often a shard of which nothing can be read is tried. The pauses between them
	// make some 48 minutes in the mean.
	maxRounds = 100

	nextWait = 5 * time.Second  // for a message
	noteWait = 10 * time.Second // for a note to be written

	// HandWait is how long a worker that is told to end tries to hand back what it has begun.
	HandWait = 3 * time.Second
)

// rounds are the pauses between two tries of a shard.
var rounds = store.Backoff{Base: 2 * time.Second, Cap: time.Minute}

// Worker works on the shards of a plan.
type Worker struct {
	Results *blob.Bucket
	Head    plan.Head
	Pool    *verify.Pool
	Log     *slog.Logger
	Shards  int            // worked on at a time; 0 means 2, so that one's end does not idle
	Done    func(keys int) // called after a part was written; may be nil

	// An object that is suspected of ending workers is read with nothing else at work in the
	// process: what ends it then is that object.
	alone sync.RWMutex
}

// Work takes messages until ctx is done, or, with drain, until there are none left, not even with
// other workers. What was begun when ctx is done is handed back.
func (w *Worker) Work(ctx context.Context, q *Queue, drain bool) error {
	n := w.Shards
	if n == 0 {
		n = 2
	}
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() { errs[i] = w.loop(ctx, q, drain) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (w *Worker) loop(ctx context.Context, q *Queue, drain bool) error {
	for failures := 0; ctx.Err() == nil; {
		wait := nextWait
		if drain {
			wait = time.Second
		}
		msg, err := next(ctx, q.consumer, wait)
		switch {
		case err == nil:
			failures = 0
			w.one(ctx, q, msg)
		case ctx.Err() != nil:
		case errors.Is(err, nats.ErrTimeout), errors.Is(err, jetstream.ErrNoMessages):
			failures = 0
			if drain {
				waiting, taken, err := q.Left(ctx)
				if err == nil && waiting+taken == 0 {
					return nil
				}
			}
		default:
			failures++
			w.Log.Warn("no message can be had", "err", err, "failures", failures)
			if err := rounds.Pause(ctx, min(failures, 4)); err == nil {
				if err := w.reopen(ctx, q); err != nil {
					w.Log.Warn("the queue cannot be opened", "err", err)
				}
			}
		}
	}
	return ctx.Err()
}

// reopen makes the stream and the consumer again, should they be lost.
func (w *Worker) reopen(ctx context.Context, q *Queue) error {
	copied := *q // others use the queue meanwhile
	return copied.ensure(ctx)
}

// next waits for a message, but not longer than wait.
func next(ctx context.Context, c jetstream.Consumer, wait time.Duration) (jetstream.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	msg, err := c.Next(jetstream.FetchContext(ctx))
	if errors.Is(err, context.DeadlineExceeded) {
		err = nats.ErrTimeout
	}
	return msg, err
}

// one does what a message asks for.
func (w *Worker) one(ctx context.Context, q *Queue, msg jetstream.Msg) {
	meta, err := msg.Metadata()
	if err == nil {
		m, bad := task.Parse(msg.Data())
		if bad == nil && m.Job != w.Head.Job {
			bad = fmt.Errorf("message of the job %q", m.Job)
		}
		if bad != nil {
			err = fmt.Errorf("%w: %w", errDrop, bad)
		} else {
			stop := Beat(msg, q.settings.AckWait)
			err = w.do(ctx, q, m, meta)
			stop()
		}
	}
	w.answer(ctx, msg, meta, err)
}

// errDrop means that a message names nothing that can be done, now or later.
var errDrop = errors.New("no shard of this plan")

// answer tells the stream what became of a message.
func (w *Worker) answer(ctx context.Context, msg jetstream.Msg, meta *jetstream.MsgMetadata, err error) {
	answering, cancel := context.WithTimeout(context.WithoutCancel(ctx), HandWait)
	defer cancel()
	switch {
	case err == nil:
		// If the stream does not hear it, the message comes again, and the part is found.
		if err := msg.DoubleAck(answering); err != nil {
			w.Log.Warn("a shard is done, and the stream has not confirmed to know", "err", err)
		}
	case ctx.Err() != nil:
		_ = msg.Nak() // and if it gets lost, AckWait runs out
	case meta == nil, errors.Is(err, errDrop):
		w.Log.Error("a message is dropped", "err", err, "message", fmt.Sprintf("%.200q", msg.Data()))
		_ = msg.TermWithReason("no shard of this plan")
	default:
		w.Log.Warn("a shard is handed back", "err", err)
		_ = msg.NakWithDelay(2 * time.Second)
	}
}

// Beat says that a message is being worked on, until stop is called: every third of the time within
// which the stream wants to hear of it.
func Beat(msg jetstream.Msg, ackWait time.Duration) (stop func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(ackWait / 3)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_ = msg.InProgress()
			case <-done:
				return
			}
		}
	})
	return func() { close(done); wg.Wait() }
}

// do writes the part that a message asks for, or halves it.
func (w *Worker) do(ctx context.Context, q *Queue, m task.Message, meta *jetstream.MsgMetadata) error {
	if meta.NumDelivered > 1 { // another worker may have done it, and died before it said so
		if there, err := parts.Exists(ctx, w.Results, m.Job, m.Shard, m.Node); err == nil && there {
			return nil
		}
	}
	s, err := w.Head.Fetch(ctx, w.Results, m.Shard, m.Segment, m.Offset, m.Length)
	if errors.Is(err, plan.ErrNoShard) {
		return fmt.Errorf("%w: %w", errDrop, err)
	}
	if err != nil {
		return err
	}
	objects := s.Refs()
	from, to, ok := m.Node.Range(len(objects))
	if !ok {
		return errDrop
	}
	objects = objects[from:to]
	if len(objects) == 1 && (m.Node != "" || meta.NumDelivered >= suspect) {
		return w.single(ctx, m, objects)
	}
	if meta.NumDelivered >= suspect {
		return w.halve(ctx, q, m, meta)
	}
	w.alone.RLock()
	defer w.alone.RUnlock()
	part, err := w.read(ctx, objects)
	if err != nil {
		return err
	}
	return w.write(ctx, m, objects, part)
}

// single judges a suspect object, alone, and notes that it does. If two workers ended so, it is not
// read again.
func (w *Worker) single(ctx context.Context, m task.Message, objects []store.Object) error {
	w.alone.Lock()
	defer w.alone.Unlock()
	key := fmt.Sprintf("attempts/%s/%010d-%s.json", m.Job, m.Shard, m.Node)
	n, err := w.readNote(ctx, key)
	if err != nil {
		return err
	}
	part, err := w.noted(ctx, key, note{m.Shard, m.Node, n.Tries}, objects)
	if err != nil {
		return err
	}
	if err := w.write(ctx, m, objects, part); err != nil {
		return err
	}
	_ = w.Results.Delete(ctx, key) // what stays of it harms nothing: the part is there
	return nil
}

// halve publishes the two halves of a message. Should it come again, they are duplicates by name.
func (w *Worker) halve(ctx context.Context, q *Queue, m task.Message, meta *jetstream.MsgMetadata) error {
	w.Log.Warn("a shard was delivered again and again: it is halved", "shard", m.Shard, "part", string(m.Node))
	for _, half := range m.Node.Halves() {
		child := m
		child.Node = half
		id := fmt.Sprintf("%s/%d/%s/%d", m.Job, m.Shard, half, meta.Sequence.Stream)
		if err := q.publish(ctx, child, id); err != nil {
			return err
		}
	}
	return nil
}

// read judges objects, and tries again while the store gives none of them.
func (w *Worker) read(ctx context.Context, objects []store.Object) ([]byte, error) {
	for round := 1; ; round++ {
		part, err := w.Pool.Shard(ctx, objects)
		if err == nil || !errors.Is(err, verify.ErrStore) {
			return part, err
		}
		w.Log.Warn("the store cannot be read", "err", err, "round", round)
		if round == maxRounds {
			return w.Pool.Failures(objects, err), nil
		}
		if err := rounds.Pause(ctx, round); err != nil {
			return nil, err
		}
	}
}

// write writes a part, and tries until it is written.
func (w *Worker) write(ctx context.Context, m task.Message, objects []store.Object, part []byte) error {
	for round := 1; ; round++ {
		err := parts.Put(ctx, w.Results, m.Job, m.Shard, m.Node, part)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		w.Log.Warn("a part cannot be written", "err", err, "round", round)
		if err := rounds.Pause(ctx, round); err != nil {
			return err
		}
	}
	if w.Done != nil {
		w.Done(len(objects))
	}
	return nil
}
