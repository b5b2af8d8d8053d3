package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"gocloud.dev/gcerrors"

	"github.com/imgvet/imgvet/bulk/internal/parts"
	"github.com/imgvet/imgvet/bulk/internal/store"
)

// note says in the bucket what a worker has begun, and how often it was begun.
type note struct {
	Shard int64      `json:"shard"`
	Node  parts.Node `json:"node"`
	Tries int        `json:"tries"`
}

// readNote returns a note, or one of no shard if there is none, or none of ours.
func (w *Worker) readNote(ctx context.Context, key string) (note, error) {
	n := note{Shard: -1}
	b, err := store.Get(ctx, w.Results, key, 1<<10)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return n, nil
	}
	if err != nil {
		return n, err
	}
	if json.Unmarshal(b, &n) != nil {
		n = note{Shard: -1}
	}
	return n, nil
}

func (w *Worker) putNote(ctx context.Context, key string, n note) error {
	ctx, cancel := context.WithTimeout(ctx, noteWait)
	defer cancel()
	b, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return store.Put(ctx, w.Results, key, b)
}

// noted judges objects, and notes first that it does. n says how often they were begun and not
// ended: one object that ended two workers is not read again.
func (w *Worker) noted(ctx context.Context, key string, n note, objects []store.Object) ([]byte, error) {
	if len(objects) == 1 && n.Tries >= suspect-1 {
		w.Log.Error("an object ends workers", "key", objects[0].Key)
		return w.Pool.Failures(objects, fmt.Errorf("%d workers ended while they read this object", n.Tries)), nil
	}
	if err := w.putNote(ctx, key, note{n.Shard, n.Node, n.Tries + 1}); err != nil {
		return nil, err
	}
	part, err := w.read(ctx, objects)
	if err != nil { // told to end, which is not the object's fault
		return nil, errors.Join(err, w.putNote(context.WithoutCancel(ctx), key, n))
	}
	return part, nil
}
