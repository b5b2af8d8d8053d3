package collect

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gocloud.dev/blob"

	"github.com/imgvet/imgvet/bulk/internal/line"
	"github.com/imgvet/imgvet/bulk/internal/parts"
	"github.com/imgvet/imgvet/bulk/internal/plan"
	"github.com/imgvet/imgvet/bulk/internal/task"
)

// ahead is how many shards are read before their turn.
const ahead = 16

// Result is what a collection found.
type Result struct {
	Manifest
	Missing []task.Message // of what is to be done again, at most maxMissing
	Broken  int64          // parts that are there, and no lines of their objects
}

// maxMissing bounds what is held of what is missing. A run after the next finds the rest.
const maxMissing = 100_000

// shardLines is what the parts of one shard say.
type shardLines struct {
	lines   []line.Line
	text    []byte
	missing []task.Message
	broken  int64
	keys    int64
	err     error
}

// Run gives the lines of all objects to sink, in the order of the plan. An object whose part is
// missing is counted in Manifest.Missing, and no line of it is given.
func Run(ctx context.Context, results *blob.Bucket, h plan.Head, sink Sink) (Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan chan shardLines, ahead)
	go func() {
		defer close(queue)
		err := task.Walk(ctx, results, h, func(s plan.Shard, there []parts.Node) error {
			done := make(chan shardLines, 1)
			select {
			case queue <- done:
			case <-ctx.Done():
				return ctx.Err()
			}
			there = slices.Clone(there)
			s.Objects = slices.Clone(s.Objects)
			go func() { done <- read(ctx, results, h.Job, s, there) }()
			return nil
		})
		if err != nil {
			done := make(chan shardLines, 1)
			done <- shardLines{err: err}
			select {
			case queue <- done:
			case <-ctx.Done():
			}
		}
	}()
	r := Result{Manifest: newManifest(h)}
	for done := range queue {
		s := <-done
		if s.err != nil {
			return r, s.err
		}
		for _, l := range s.lines {
			r.add(l)
		}
		r.Manifest.Missing += s.keys - int64(len(s.lines))
		r.Broken += s.broken
		if len(r.Missing) < maxMissing {
			r.Missing = append(r.Missing, s.missing...)
		}
		if err := sink.Add(s.lines, s.text); err != nil {
			return r, err
		}
	}
	if err := ctx.Err(); err != nil {
		return r, err
	}
	if r.Lines+r.Manifest.Missing != h.Keys {
		return r, fmt.Errorf("collect: %d lines and %d missing, of %d keys in the plan", r.Lines, r.Manifest.Missing, h.Keys)
	}
	return r, nil
}

// read reads the parts of a shard. A part that is broken counts as missing: what it holds may be
// in parts of less, or is to be made again.
func read(ctx context.Context, results *blob.Bucket, job string, s plan.Shard, there []parts.Node) shardLines {
	objects := s.Refs()
	out := shardLines{keys: int64(len(objects))}
	got := map[parts.Node]shardLines{}
	for {
		have, missing := parts.Cover(there, len(objects))
		bad := false
		for _, n := range have {
			if _, ok := got[n]; ok {
				continue
			}
			from, to, _ := n.Range(len(objects))
			lines, text, err := parts.Read(ctx, results, job, s.Shard, n, objects[from:to])
			if err == nil {
				got[n] = shardLines{lines: lines, text: text}
				continue
			}
			if ctx.Err() != nil || isStore(err) {
				out.err = fmt.Errorf("collect: part %s: %w", parts.Key(job, s.Shard, n), err)
				return out
			}
			bad = true
			out.broken++
			there = slices.DeleteFunc(slices.Clone(there), func(m parts.Node) bool { return m == n })
		}
		if bad {
			continue
		}
		for _, n := range have {
			out.lines, out.text = append(out.lines, got[n].lines...), append(out.text, got[n].text...)
		}
		for _, n := range missing {
			out.missing = append(out.missing, task.Of(job, s, n))
		}
		return out
	}
}

// isStore reports whether an error says nothing about the part itself.
func isStore(err error) bool {
	var bad *parts.BadError
	return !parts.Gone(err) && !errors.As(err, &bad)
}
