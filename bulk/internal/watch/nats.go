package watch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/imgvet/imgvet/bulk/internal/engine"
	"github.com/imgvet/imgvet/bulk/internal/events"
	"github.com/imgvet/imgvet/bulk/internal/store"
)

const (
	eventStream = "imgvet-bulk-events"
	eventAge    = 7 * 24 * time.Hour
	eventWait   = time.Minute // within which the stream wants to hear of one
	// fatalTries is the delivery of an event that is answered without a look at its objects: it ended
	// those who handled it, or failed each time.
	fatalTries = 8
)

// pauses are those before an event is asked for again, after an error.
var pauses = store.Backoff{Base: 2 * time.Second, Cap: 30 * time.Second}

// Consume handles the events of a NATS subject until ctx is done, as many at a time as the pool
// reads objects. If no stream has the subject, it makes one, so that events of an hour without a
// watcher are not lost.
func (w *Watcher) Consume(ctx context.Context, nc *nats.Conn, subject, durable string) error {
	n := w.Pool.InFlight()
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("nats: %w", err)
	}
	s := &source{open: func(ctx context.Context) (jetstream.Consumer, error) { return consumer(ctx, js, subject, durable, n) }}
	if err := s.reopen(ctx, nil); err != nil {
		return err
	}
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() { w.loop(ctx, s) })
	}
	wg.Wait()
	return ctx.Err()
}

func (w *Watcher) loop(ctx context.Context, s *source) {
	for failures := 0; ctx.Err() == nil; {
		c := s.consumer()
		waiting, cancel := context.WithTimeout(ctx, 5*time.Second)
		msg, err := c.Next(jetstream.FetchContext(waiting))
		cancel()
		switch {
		case err == nil:
			failures = 0
			w.message(ctx, msg)
		case errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrTimeout):
			failures = 0
		case ctx.Err() != nil:
		default:
			failures++
			w.Log.Warn("no event can be had", "err", err, "failures", failures)
			if pauses.Pause(ctx, failures) != nil {
				return
			}
			if err := s.reopen(ctx, c); err != nil {
				w.Log.Warn("the consumer cannot be opened", "err", err)
			}
		}
	}
}

// source is the consumer, which is opened again when it is lost.
type source struct {
	open func(context.Context) (jetstream.Consumer, error)

	mu  sync.Mutex
	now jetstream.Consumer
}

func (s *source) consumer() jetstream.Consumer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// reopen opens the consumer, unless another loop has done so since this one got lost.
func (s *source) reopen(ctx context.Context, lost jetstream.Consumer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now != lost {
		return nil
	}
	c, err := s.open(ctx)
	if err == nil {
		s.now = c
	}
	return err
}

func consumer(ctx context.Context, js jetstream.JetStream, subject, durable string, n int) (jetstream.Consumer, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	name, err := js.StreamNameBySubject(ctx, subject)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		name = eventStream
		_, err = js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
			Name: name, Description: "events of buckets, for imgvet-bulk watch", Subjects: []string{subject}, MaxAge: eventAge,
		})
	}
	if err != nil {
		return nil, fmt.Errorf("nats: no stream of %s: %w", subject, err)
	}
	c, err := js.CreateOrUpdateConsumer(ctx, name, jetstream.ConsumerConfig{
		Durable: durable, FilterSubject: subject, AckPolicy: jetstream.AckExplicitPolicy, AckWait: eventWait,
		MaxDeliver: -1, MaxAckPending: 16 * max(n, 64),
	})
	if err != nil {
		return nil, fmt.Errorf("nats: consumer %s: %w", durable, err)
	}
	return c, nil
}

// message handles one event.
func (w *Watcher) message(ctx context.Context, msg jetstream.Msg) {
	defer engine.Beat(msg, eventWait)()
	tries := uint64(1)
	if meta, err := msg.Metadata(); err == nil {
		tries = meta.NumDelivered
	}
	var err error
	if tries >= fatalTries {
		err = w.Unread(msg.Data(), fmt.Errorf("the event was handled %d times in vain", tries-1))
	} else {
		err = w.Handle(ctx, msg.Data())
	}
	var other *BucketError
	switch {
	case err == nil:
		_ = msg.Ack()
	case ctx.Err() != nil:
		_ = msg.Nak()
	case errors.Is(err, events.ErrNone), errors.As(err, &other):
		w.Log.Warn("an event is dropped", "err", err)
		_ = msg.TermWithReason("no event of this bucket")
	default:
		w.Log.Warn("an event was not handled", "err", err)
		_ = msg.NakWithDelay(time.Duration(min(1<<tries, 300)) * time.Second)
	}
}
