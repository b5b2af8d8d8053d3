// Package task says what there is to do of a plan: the messages that name shards, and which of
// them are not done. A message has no keys in it. What is done is what has a part in the bucket.
package task

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"gocloud.dev/blob"

	"github.com/imgvet/imgvet/bulk/internal/parts"
	"github.com/imgvet/imgvet/bulk/internal/plan"
)

// Message names a shard, or a part of one, and where the plan has it.
type Message struct {
	Job     string     `json:"job"`
	Shard   int64      `json:"shard"`
	Node    parts.Node `json:"node,omitempty"`
	Segment int64      `json:"segment"`
	Offset  int64      `json:"offset"`
	Length  int64      `json:"length"`
}

// Of returns the message of a node of a shard.
func Of(job string, s plan.Shard, n parts.Node) Message {
	return Message{job, s.Shard, n, s.Segment, s.Offset, s.Length}
}

// Encode returns the message as bytes.
func (m Message) Encode() []byte {
	b, _ := json.Marshal(m) // strings and numbers: it cannot fail
	return b
}

// Parse reads a message. It takes nothing that Encode does not make.
func Parse(b []byte) (Message, error) {
	var m Message
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return Message{}, fmt.Errorf("message: %w", err)
	}
	if dec.More() {
		return Message{}, errors.New("message: something follows it")
	}
	if err := plan.CheckJob(m.Job); err != nil {
		return Message{}, fmt.Errorf("message: %w", err)
	}
	if m.Shard < 0 || m.Segment < 0 || m.Offset < 0 || m.Length < 1 {
		return Message{}, errors.New("message: negative number")
	}
	if _, err := parts.ParseNode(string(m.Node)); err != nil {
		return Message{}, fmt.Errorf("message: %w", err)
	}
	return m, nil
}

// Progress is how far a job is.
type Progress struct {
	Shards, Keys         int64 // of the plan
	DoneShards, DoneKeys int64
	Halved               int64 // shards of which parts are there, but not one of the whole
}

// Walk calls visit for each shard of the plan, in order, with the nodes that are there.
func Walk(ctx context.Context, results *blob.Bucket, h plan.Head, visit func(s plan.Shard, there []parts.Node) error) error {
	next, stop := iter.Pull2(parts.List(ctx, results, h.Job))
	defer stop()
	found, err, more := next()
	for s, planErr := range h.All(ctx, results) {
		if planErr != nil {
			return planErr
		}
		for more && err == nil && found.Shard < s.Shard {
			found, err, more = next()
		}
		if err != nil {
			return err
		}
		var there []parts.Node
		if more && found.Shard == s.Shard {
			there = found.Nodes
		}
		if err := visit(s, there); err != nil {
			return err
		}
	}
	return nil
}

// Missing yields the messages of what has no part. It ends with the first error.
func Missing(ctx context.Context, results *blob.Bucket, h plan.Head) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		errStop := errors.New("stop")
		err := Walk(ctx, results, h, func(s plan.Shard, there []parts.Node) error {
			_, missing := parts.Cover(there, len(s.Objects))
			for _, n := range missing {
				if !yield(Of(h.Job, s, n), nil) {
					return errStop
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(Message{}, err)
		}
	}
}

// Count returns how far a job is.
func Count(ctx context.Context, results *blob.Bucket, h plan.Head) (Progress, error) {
	p := Progress{Shards: h.Shards, Keys: h.Keys}
	err := Walk(ctx, results, h, func(s plan.Shard, there []parts.Node) error {
		have, missing := parts.Cover(there, len(s.Objects))
		for _, n := range have {
			from, to, _ := n.Range(len(s.Objects))
			p.DoneKeys += int64(to - from)
		}
		if len(missing) == 0 {
			p.DoneShards++
		}
		if len(there) > 0 && !(len(have) == 1 && have[0] == "") {
			p.Halved++
		}
		return nil
	})
	return p, err
}
