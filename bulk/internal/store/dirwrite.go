package store

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"

	"gocloud.dev/blob/driver"
)

// tempMark is in the name of a file that is being written. Listings leave such files out, so
// what a writer that was killed leaves behind is never taken for an object.
const tempMark = ".imgvet-bulk-tmp-"

// dirWriter writes a file beside its place, and renames it when it is whole and on the disk.
type dirWriter struct {
	*os.File
	ctx       context.Context
	path      string
	exclusive bool
}

func (d *dir) NewTypedWriter(ctx context.Context, key, _ string, opts *driver.WriterOptions) (driver.Writer, error) {
	path, err := d.path(key)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(filepath.Dir(path), tempMark+rand.Text()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	return &dirWriter{f, ctx, path, opts.IfNotExist}, nil
}

func (w *dirWriter) abandon() {
	_ = w.File.Close()
	_ = os.Remove(w.Name())
}

// Close puts the file in its place, unless the context is done: then nothing is written.
func (w *dirWriter) Close() error {
	if err := w.ctx.Err(); err != nil {
		w.abandon()
		return err
	}
	if err := w.Sync(); err != nil {
		w.abandon()
		return err
	}
	if err := w.File.Close(); err != nil {
		_ = os.Remove(w.Name())
		return err
	}
	if w.exclusive {
		err := os.Link(w.Name(), w.path) // fails if the file is there, at once with the making
		_ = os.Remove(w.Name())
		return err
	}
	if err := os.Rename(w.Name(), w.path); err != nil {
		_ = os.Remove(w.Name())
		return err
	}
	return nil
}

func isTemp(name string) bool { return strings.HasPrefix(name, tempMark) }
