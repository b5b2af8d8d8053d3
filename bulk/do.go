package bulk

import (
	"bytes"
	"context"
	"fmt"
	"iter"

	"gocloud.dev/blob"

	"github.com/imgvet/imgvet/bulk/internal/line"
	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/bulk/internal/verify"
	"github.com/imgvet/imgvet/validate"
)

// DefaultInFlight is the default of Shard.InFlight for a bucket that is no folder. A folder
// answers at once: twice the processors is its default.
const DefaultInFlight = verify.DefaultInFlight

// ErrStore is the error of [Do] if no object of the shard could be read.
var ErrStore = verify.ErrStore

// Object is a reference to an object of a bucket.
type Object struct {
	Key  string `json:"key"`  // UTF-8
	Size int64  `json:"size"` // as the bucket listed it; what is read decides. 0 if not known
}

// Shard is what one call of [Do] judges: some 200 objects, or some 256 MiB of them.
type Shard struct {
	Objects  []Object
	InFlight int // objects read at a time; 0 means DefaultInFlight, or for a folder twice the processors
}

// Line is the verdict of one object: that of "imgvet check --json", and what identifies the
// object. Its File is the key.
type Line = line.Line

// Do judges the objects of a shard and returns their lines, in the shard's order. It tries again
// what the store fails to give, with pauses that grow, for some seconds.
//
// An error is that of ctx, [ErrStore], or one of the options. There are no lines with an error: try
// the whole shard again. Do is safe for concurrent use.
func Do(ctx context.Context, bucket *blob.Bucket, shard Shard, opts validate.Options) ([]byte, error) {
	if bucket == nil {
		return nil, fmt.Errorf("bulk: nil bucket")
	}
	pool, err := verify.New(verify.Config{Bucket: bucket, Validate: opts, InFlight: shard.InFlight})
	if err != nil {
		return nil, err
	}
	objects := make([]store.Object, len(shard.Objects))
	for i, o := range shard.Objects {
		if o.Key == "" {
			return nil, fmt.Errorf("bulk: object %d of the shard has no key", i)
		}
		objects[i] = store.Object{Key: o.Key, Size: o.Size}
	}
	return pool.Shard(ctx, objects)
}

// ParseLine reads one line of a part.
func ParseLine(b []byte) (Line, error) { return line.Parse(b) }

// Verdicts reads the lines of a part. It ends with the first line that is none.
func Verdicts(part []byte) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		for text := range bytes.Lines(part) {
			l, err := line.Parse(text)
			if !yield(l, err) || err != nil {
				return
			}
		}
	}
}
