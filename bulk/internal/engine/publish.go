package engine

import (
	"context"
	"crypto/rand"
	"fmt"
	"iter"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/bulk/internal/task"
)

const (
	publishWindow = 512              // messages on their way
	publishWait   = 10 * time.Second // for the stream to confirm one
)

// again is how often one is sent that the stream does not confirm.
var again = store.Backoff{Base: 200 * time.Millisecond, Cap: 10 * time.Second, Tries: 10}

// Publish sends messages, and returns how many the stream has confirmed. Memory does not grow with
// their number.
func (q *Queue) Publish(ctx context.Context, messages iter.Seq2[task.Message, error]) (int64, error) {
	run := rand.Text() // what is published again on purpose is no duplicate
	var n int64
	var window []sent
	for m, err := range messages {
		if err != nil {
			return n, err
		}
		s := sent{m: m, id: fmt.Sprintf("%s/%d/%s/%s", m.Job, m.Shard, m.Node, run)}
		s.future, s.err = q.js.PublishMsgAsync(&nats.Msg{Subject: subject + m.Job, Data: m.Encode()}, jetstream.WithMsgID(s.id))
		if window = append(window, s); len(window) == publishWindow {
			done, err := q.confirm(ctx, window)
			if n += done; err != nil {
				return n, err
			}
			window = window[:0]
		}
	}
	done, err := q.confirm(ctx, window)
	return n + done, err
}

// sent is a message on its way.
type sent struct {
	m      task.Message
	id     string
	future jetstream.PubAckFuture
	err    error
}

// confirm waits until the stream has each message. What it does not confirm is sent again, under
// its name: it is kept once.
func (q *Queue) confirm(ctx context.Context, window []sent) (n int64, err error) {
	timeout := time.NewTimer(publishWait)
	defer timeout.Stop()
	for _, s := range window {
		ok := false
		if s.err == nil {
			select {
			case <-s.future.Ok():
				ok = true
			case err := <-s.future.Err():
				s.err = err // sent again below
			case <-timeout.C:
				timeout.Reset(0) // the others have waited as long
			case <-ctx.Done():
				return n, ctx.Err()
			}
		}
		if !ok {
			if err := q.publish(ctx, s.m, s.id); err != nil {
				return n, err
			}
		}
		n++
	}
	return n, nil
}

// publish sends one message until the stream confirms it.
func (q *Queue) publish(ctx context.Context, m task.Message, id string) error {
	err := again.Do(ctx, func() error {
		once, cancel := context.WithTimeout(ctx, publishWait)
		defer cancel()
		_, err := q.js.PublishMsg(once, &nats.Msg{Subject: subject + m.Job, Data: m.Encode()}, jetstream.WithMsgID(id))
		return err
	})
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return fmt.Errorf("nats: publish: %w", err)
}
