package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"

	"gocloud.dev/blob"
)

// Object is what a listing says of an object.
type Object struct {
	Key  string
	Size int64
}

// ListOptions say what a listing has.
type ListOptions struct {
	Prefix string
	Hidden bool // of a folder also what begins with a dot
	// Skip leaves out keys that begin with it, if it is not "".
	Skip string
}

// List lists a bucket, page by page or name by name: its memory does not grow with the number of
// keys. Placeholders of folders (empty objects whose keys end in "/") are left out. It ends
// with the first error.
func List(ctx context.Context, b *blob.Bucket, opts ListOptions) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		var d *dir
		if b.As(&d) {
			listDir(ctx, d, opts, yield)
			return
		}
		it := b.List(&blob.ListOptions{Prefix: opts.Prefix})
		for {
			o, err := it.Next(ctx)
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(Object{}, fmt.Errorf("list: %w", err))
				return
			}
			if o.IsDir || o.Size == 0 && strings.HasSuffix(o.Key, "/") || opts.Skip != "" && strings.HasPrefix(o.Key, opts.Skip) {
				continue
			}
			if !yield(Object{o.Key, o.Size}, nil) {
				return
			}
		}
	}
}

// Accessible reports whether a bucket is there. It does not list a folder, of which that could be
// millions of files.
func Accessible(ctx context.Context, b *blob.Bucket) (bool, error) {
	var d *dir
	if !b.As(&d) {
		return b.IsAccessible(ctx)
	}
	info, err := os.Stat(d.root)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && info.IsDir(), err
}

func listDir(ctx context.Context, d *dir, opts ListOptions, yield func(Object, error) bool) {
	err := d.walk(ctx, opts.Prefix, opts.Hidden, func(key string, info fs.FileInfo) error {
		if opts.Skip != "" && strings.HasPrefix(key, opts.Skip) {
			return nil
		}
		if !yield(Object{key, info.Size()}, nil) {
			return errStop
		}
		return nil
	})
	if err != nil && !errors.Is(err, errStop) {
		yield(Object{}, fmt.Errorf("list: %w", err))
	}
}
