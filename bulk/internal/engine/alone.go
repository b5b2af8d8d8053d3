package engine

import (
	"context"
	"fmt"

	"gocloud.dev/gcerrors"

	"github.com/imgvet/imgvet/bulk/internal/parts"
	"github.com/imgvet/imgvet/bulk/internal/plan"
	"github.com/imgvet/imgvet/bulk/internal/task"
)

// Alone works on the share of one of several workers, with no broker between them. Share says which
// of how many it is.
//
// Before each part it notes in the bucket what it begins. If it ends over it and is started again,
// it finds the note; what ended it twice is halved.
type Alone struct {
	*Worker
	Share Share
}

// Share is one of Of equal shares of a plan, counted from 0.
type Share struct{ Index, Of int64 }

// Problem returns what is wrong with a share, or nil.
func (s Share) Problem() error {
	if s.Of < 1 || s.Index < 0 || s.Index >= s.Of {
		return fmt.Errorf("share %d of %d: shares are counted from 0", s.Index, s.Of)
	}
	return nil
}

func (a *Alone) noteKey() string {
	return fmt.Sprintf("attempts/%s/%d-of-%d.json", a.Head.Job, a.Share.Index, a.Share.Of)
}

// Work works on all shards of the share.
func (a *Alone) Work(ctx context.Context) error {
	last, err := a.readNote(ctx, a.noteKey())
	if err != nil {
		return err
	}
	for s, err := range a.Head.Share(ctx, a.Results, a.Share.Index, a.Share.Of) {
		if err != nil {
			return err
		}
		if err := a.node(ctx, s, "", &last); err != nil {
			return err
		}
	}
	err = a.Results.Delete(ctx, a.noteKey())
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil
	}
	return err
}

// node writes the part of a node, if it is not there, or those of its halves.
func (a *Alone) node(ctx context.Context, s plan.Shard, n parts.Node, last *note) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	there, err := parts.Exists(ctx, a.Results, a.Head.Job, s.Shard, n)
	if err != nil || there {
		return err
	}
	objects := s.Refs()
	from, to, ok := n.Range(len(objects))
	if !ok {
		return nil
	}
	objects = objects[from:to]
	tries := 0
	inside := false
	if last.Shard == s.Shard {
		if last.Node == n {
			tries = last.Tries
		}
		inside = len(last.Node) > len(n) && last.Node[:len(n)] == n
	}
	if len(objects) > 1 && (inside || tries >= suspect-1) {
		for _, half := range n.Halves() {
			if err := a.node(ctx, s, half, last); err != nil {
				return err
			}
		}
		return nil
	}
	part, err := a.noted(ctx, a.noteKey(), note{s.Shard, n, tries}, objects)
	if err != nil {
		return err
	}
	return a.write(ctx, task.Of(a.Head.Job, s, n), objects, part)
}
