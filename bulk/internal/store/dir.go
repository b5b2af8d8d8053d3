package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/gcerrors"
)

// dir is a folder as a bucket. A key is the path of a file below the folder, with slashes.
type dir struct{ root string }

// OpenDir returns the bucket of a folder.
func OpenDir(path string, create bool) (*blob.Bucket, error) {
	root, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if create {
		if err := os.MkdirAll(root, 0o777); err != nil {
			return nil, err
		}
	}
	info, err := os.Stat(root)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &os.PathError{Op: "open", Path: root, Err: errors.New("not a folder")}
	}
	return blob.NewBucket(&dir{root}), nil
}

// errKey means a key that no file of the folder can have.
var errKey = errors.New("not the name of a file below this folder")

// path returns where the file of a key is. It never leads out of the folder.
func (d *dir) path(key string) (string, error) {
	name := filepath.FromSlash(nameOf(key))
	if !filepath.IsLocal(name) || filepath.Clean(name) != name || strings.ContainsRune(name, 0) {
		return "", &os.PathError{Op: "open", Path: key, Err: errKey}
	}
	return filepath.Join(d.root, name), nil
}

func etag(info fs.FileInfo) string {
	return fmt.Sprintf("\"%x-%x\"", info.ModTime().UnixNano(), info.Size())
}

// ErrorCode, As and the methods below are those of driver.Bucket.
func (d *dir) ErrorCode(err error) gcerrors.ErrorCode {
	switch {
	case errors.Is(err, errKey), errors.Is(err, syscall.ELOOP), errors.Is(err, syscall.ENAMETOOLONG):
		return gcerrors.InvalidArgument
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errNotRegular):
		return gcerrors.NotFound
	case errors.Is(err, fs.ErrExist):
		return gcerrors.FailedPrecondition
	case errors.Is(err, fs.ErrPermission):
		return gcerrors.PermissionDenied
	case errors.Is(err, context.Canceled):
		return gcerrors.Canceled
	}
	return gcerrors.Unknown
}

func (d *dir) As(i any) bool {
	if p, ok := i.(**dir); ok {
		*p = d
		return true
	}
	return false
}

func (d *dir) ErrorAs(err error, i any) bool { return errors.As(err, i) }

func (d *dir) Close() error { return nil }

// errNotRegular is what a pipe or a folder is read with.
var errNotRegular = errors.New("not a regular file")

func (d *dir) stat(key string) (string, fs.FileInfo, error) {
	path, err := d.path(key)
	if err != nil {
		return "", nil, err
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = &os.PathError{Op: "open", Path: key, Err: errNotRegular}
	}
	return path, info, err
}

func (d *dir) Attributes(_ context.Context, key string) (*driver.Attributes, error) {
	_, info, err := d.stat(key)
	if err != nil {
		return nil, err
	}
	return &driver.Attributes{
		ModTime: info.ModTime(), Size: info.Size(), ETag: etag(info),
		AsFunc: func(any) bool { return false },
	}, nil
}

func (d *dir) NewRangeReader(_ context.Context, key string, offset, length int64, _ *driver.ReaderOptions) (driver.Reader, error) {
	path, _, err := d.stat(key) // before it is opened: a pipe would wait for its writer
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && offset > 0 {
		_, err = f.Seek(offset, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	r := &dirReader{r: f, f: f, info: info}
	if length >= 0 {
		r.r = io.LimitReader(f, length)
	}
	return r, nil
}

// dirReader reads a file.
type dirReader struct {
	r    io.Reader
	f    *os.File
	info fs.FileInfo
}

func (r *dirReader) Read(p []byte) (int, error) { return r.r.Read(p) }
func (r *dirReader) Close() error               { return r.f.Close() }

func (r *dirReader) Attributes() *driver.ReaderAttributes {
	return &driver.ReaderAttributes{ModTime: r.info.ModTime(), Size: r.info.Size()}
}

func (r *dirReader) As(i any) bool {
	if p, ok := i.(**dirReader); ok {
		*p = r
		return true
	}
	return false
}

func (d *dir) Copy(ctx context.Context, dst, src string, _ *driver.CopyOptions) error {
	r, err := d.NewRangeReader(ctx, src, 0, -1, nil)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := d.NewTypedWriter(ctx, dst, "", &driver.WriterOptions{})
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		w.(*dirWriter).abandon()
		return err
	}
	return w.Close()
}

func (d *dir) Delete(_ context.Context, key string, _ *driver.DeleteOptions) error {
	path, _, err := d.stat(key)
	if err != nil {
		return err
	}
	return os.Remove(path)
}

func (d *dir) SignedURL(context.Context, string, *driver.SignedURLOptions) (string, error) {
	return "", errors.New("a folder has no signed URLs")
}
