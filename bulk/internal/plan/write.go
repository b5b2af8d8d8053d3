package plan

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"
	"unicode/utf8"

	"gocloud.dev/blob"

	"github.com/imgvet/imgvet/bulk/internal/store"
)

// Limits bound a shard. Zero means the default.
type Limits struct {
	Keys  int
	Bytes int64
}

func (l Limits) filled() (Limits, error) {
	if l.Keys == 0 {
		l.Keys = DefaultKeys
	}
	if l.Bytes == 0 {
		l.Bytes = DefaultBytes
	}
	if l.Keys < 1 || l.Keys > MaxKeys || l.Bytes < 1 {
		return l, fmt.Errorf("plan: shards of %d keys and %d bytes: 1 to %d keys, and bytes, can be had", l.Keys, l.Bytes, MaxKeys)
	}
	return l, nil
}

// Problem returns what is wrong with l, or nil.
func (l Limits) Problem() error {
	_, err := l.filled()
	return err
}

// writer gathers objects into shards, and shards into segments.
type writer struct {
	ctx     context.Context
	results *blob.Bucket
	limits  Limits
	head    Head
	shard   Shard
	bytes   int64 // of the shard
	segment []byte
	shards  int // in the segment
}

// Make writes a plan of objects to results. h has the job, the bucket and the rules; Make fills in
// the rest. If there is a plan by then, even one that was made meanwhile, that one stands: Make
// returns its head and ErrExists.
func Make(ctx context.Context, results *blob.Bucket, h Head, l Limits, objects iter.Seq2[store.Object, error]) (Head, error) {
	l, err := l.filled()
	if err != nil {
		return Head{}, err
	}
	if err := CheckJob(h.Job); err != nil {
		return Head{}, err
	}
	if old, err := standing(ctx, results); !errors.Is(err, ErrNone) {
		return old, err
	}
	h.Format, h.Draft, h.Created = format, rand.Text(), time.Now().UTC().Truncate(time.Second)
	w := &writer{ctx: ctx, results: results, limits: l, head: h}
	for o, err := range objects {
		if err != nil {
			return Head{}, fmt.Errorf("plan: %w", err)
		}
		if err := w.add(o); err != nil {
			return Head{}, err
		}
	}
	if err := errors.Join(w.endShard(), w.endSegment()); err != nil {
		return Head{}, err
	}
	text, err := json.MarshalIndent(w.head, "", "  ")
	if err != nil {
		return Head{}, err
	}
	err = store.PutNew(ctx, results, headKey, append(text, '\n'))
	if errors.Is(err, store.ErrExists) {
		return standing(ctx, results)
	}
	return w.head, err
}

// ErrExists is the error of [Make] if there is a plan.
var ErrExists = errors.New("there is a plan already")

// standing returns the plan that is there, and ErrExists.
func standing(ctx context.Context, results *blob.Bucket) (Head, error) {
	h, err := Load(ctx, results)
	if err == nil {
		err = ErrExists
	}
	return h, err
}

func (w *writer) add(o store.Object) error {
	if !utf8.ValidString(o.Key) {
		return fmt.Errorf("plan: the key %q is not UTF-8", o.Key)
	}
	if len(w.shard.Objects) > 0 && (len(w.shard.Objects) >= w.limits.Keys || w.bytes+o.Size > w.limits.Bytes) {
		if err := w.endShard(); err != nil {
			return err
		}
	}
	w.shard.Objects = append(w.shard.Objects, object(o))
	w.bytes += o.Size
	w.head.Keys++
	w.head.Bytes += o.Size
	return nil
}

func (w *writer) endShard() error {
	if len(w.shard.Objects) == 0 {
		return nil
	}
	w.shard.Shard = w.head.Shards
	text, err := json.Marshal(w.shard)
	if err != nil {
		return err
	}
	w.segment = append(append(w.segment, text...), '\n')
	w.head.Shards++
	w.shards++
	w.shard.Objects, w.bytes = w.shard.Objects[:0], 0
	if w.shards == segmentShards || len(w.segment) >= segmentBytes {
		return w.endSegment()
	}
	return nil
}

func (w *writer) endSegment() error {
	if w.shards == 0 {
		return nil
	}
	if err := store.Put(w.ctx, w.results, w.head.segmentKey(w.head.Segments), w.segment); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	w.head.Segments++
	w.segment, w.shards = w.segment[:0], 0
	return nil
}
