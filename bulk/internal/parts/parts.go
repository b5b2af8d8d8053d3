package parts

import (
	"bytes"
	"context"
	"fmt"
	"iter"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"github.com/imgvet/imgvet/bulk/internal/line"
	"github.com/imgvet/imgvet/bulk/internal/store"
)

// maxPart bounds what is read of a part: 10,000 lines of 20 KiB.
const maxPart = 200 << 20

// Put writes a part.
func Put(ctx context.Context, results *blob.Bucket, job string, shard int64, n Node, part []byte) error {
	return store.Put(ctx, results, Key(job, shard, n), part)
}

// Exists reports whether a part is there.
func Exists(ctx context.Context, results *blob.Bucket, job string, shard int64, n Node) (bool, error) {
	var there bool
	err := store.DefaultBackoff.Do(ctx, func() (err error) {
		there, err = results.Exists(ctx, Key(job, shard, n))
		return err
	})
	return there, err
}

// BadError is the error of a part that has not the lines of its objects.
type BadError struct{ why string }

func (e *BadError) Error() string { return e.why }

// Read reads a part, and holds its lines to the objects: each has one, and none is another's. If
// the lines are not so, the error is a [BadError].
func Read(ctx context.Context, results *blob.Bucket, job string, shard int64, n Node, objects []store.Object) ([]line.Line, []byte, error) {
	b, err := store.Get(ctx, results, Key(job, shard, n), maxPart)
	if err != nil {
		return nil, nil, err
	}
	lines, err := Check(b, objects)
	return lines, b, err
}

// Check reads the lines of a part of these objects.
func Check(b []byte, objects []store.Object) ([]line.Line, error) {
	lines := make([]line.Line, 0, len(objects))
	for text := range bytes.Lines(b) {
		l, err := line.Parse(text)
		if err != nil {
			return nil, &BadError{err.Error()}
		}
		if len(lines) == len(objects) || objects[len(lines)].Key != l.Key {
			return nil, &BadError{fmt.Sprintf("line %d of the part is of %q, which is not due there", len(lines), l.Key)}
		}
		lines = append(lines, l)
	}
	if len(lines) != len(objects) || len(b) > 0 && b[len(b)-1] != '\n' {
		return nil, &BadError{fmt.Sprintf("%d whole lines of %d objects", len(lines), len(objects))}
	}
	return lines, nil
}

// Gone reports whether an error of Read means that there is no such part.
func Gone(err error) bool { return gcerrors.Code(err) == gcerrors.NotFound }

// Found is the parts of one shard.
type Found struct {
	Shard int64
	Nodes []Node
}

// List yields the parts that are there, shard by shard in ascending order. Objects whose names are
// not those of parts are left out. It ends with the first error.
func List(ctx context.Context, results *blob.Bucket, job string) iter.Seq2[Found, error] {
	return func(yield func(Found, error) bool) {
		at := Found{Shard: -1}
		for o, err := range store.List(ctx, results, store.ListOptions{Prefix: Prefix(job)}) {
			if err != nil {
				yield(Found{}, err)
				return
			}
			shard, n, ok := ParseKey(job, o.Key)
			if !ok {
				continue
			}
			if shard != at.Shard {
				if at.Shard >= 0 && !yield(at, nil) {
					return
				}
				if shard < at.Shard {
					yield(Found{}, fmt.Errorf("the bucket lists %q behind shard %d: its listings must be sorted", o.Key, at.Shard))
					return
				}
				at = Found{Shard: shard}
			}
			at.Nodes = append(at.Nodes, n)
		}
		if at.Shard >= 0 {
			yield(at, nil)
		}
	}
}
