package plan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"

	"gocloud.dev/blob"

	"github.com/imgvet/imgvet/bulk/internal/store"
)

// All yields the shards of a plan in their order, and holds one segment in memory. It ends with
// the first error.
func (h Head) All(ctx context.Context, results *blob.Bucket) iter.Seq2[Shard, error] {
	return func(yield func(Shard, error) bool) {
		next := int64(0)
		for segment := range h.Segments {
			for s, err := range h.inSegment(ctx, results, segment) {
				if err == nil && s.Shard != next {
					err = fmt.Errorf("plan: segment %d: shard %d where %d is due", segment, s.Shard, next)
				}
				if !yield(s, err) || err != nil {
					return
				}
				next++
			}
		}
		if next != h.Shards {
			yield(Shard{}, fmt.Errorf("plan: %d shards, and %d are due", next, h.Shards))
		}
	}
}

// inSegment yields the shards of one segment.
func (h Head) inSegment(ctx context.Context, results *blob.Bucket, segment int64) iter.Seq2[Shard, error] {
	return func(yield func(Shard, error) bool) {
		b, err := store.Get(ctx, results, h.segmentKey(segment), maxSegment)
		if err != nil {
			yield(Shard{}, fmt.Errorf("plan: segment %d: %w", segment, err))
			return
		}
		offset := int64(0)
		for text := range bytes.Lines(b) {
			s, err := ParseShard(text)
			s.Segment, s.Offset, s.Length = segment, offset, int64(len(text))
			if !yield(s, err) || err != nil {
				return
			}
			offset += int64(len(text))
		}
	}
}

// Share yields every of'th shard, beginning with number index. Of a plan of many segments it takes
// every of'th segment instead, so that each worker reads no more than its share of the plan.
func (h Head) Share(ctx context.Context, results *blob.Bucket, index, of int64) iter.Seq2[Shard, error] {
	bySegment := h.Segments >= 4*of
	return func(yield func(Shard, error) bool) {
		for segment := range h.Segments {
			if bySegment && segment%of != index {
				continue
			}
			for s, err := range h.inSegment(ctx, results, segment) {
				if err == nil && !bySegment && s.Shard%of != index {
					continue
				}
				if !yield(s, err) || err != nil {
					return
				}
			}
		}
	}
}

// ErrNoShard is the error of [Head.Fetch] if the plan has no such shard there.
var ErrNoShard = errors.New("no shard of the plan is there")

// Fetch reads one shard, of which the caller knows where it is.
func (h Head) Fetch(ctx context.Context, results *blob.Bucket, number, segment, offset, length int64) (Shard, error) {
	if segment < 0 || segment >= h.Segments || offset < 0 || length < 1 || length > maxSegment {
		return Shard{}, fmt.Errorf("plan: %w: byte %d of segment %d", ErrNoShard, offset, segment)
	}
	b, err := store.GetRange(ctx, results, h.segmentKey(segment), offset, length, length)
	if store.OutOfRange(err) {
		return Shard{}, fmt.Errorf("plan: %w: byte %d of segment %d", ErrNoShard, offset, segment)
	}
	if err != nil {
		return Shard{}, fmt.Errorf("plan: segment %d: %w", segment, err)
	}
	s, err := ParseShard(b)
	if err != nil {
		return Shard{}, fmt.Errorf("%w: %w", ErrNoShard, err)
	}
	if s.Shard != number {
		return Shard{}, fmt.Errorf("plan: %w: shard %d where %d is due", ErrNoShard, s.Shard, number)
	}
	s.Segment, s.Offset, s.Length = segment, offset, length
	return s, nil
}
