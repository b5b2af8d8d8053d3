package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gocloud.dev/blob/driver"
)

// batch is how many names of one folder are held and sorted at a time. A folder of more comes in
// several sorted runs.
const batch = 1 << 16

// errStop ends a walk.
var errStop = errors.New("stop")

// walk calls yield for each regular file below the folder whose key begins with prefix, one
// folder at a time and in the order of names. Links to files are followed, links to folders are
// not. hidden includes what begins with a dot.
func (d *dir) walk(ctx context.Context, prefix string, hidden bool, yield func(key string, info fs.FileInfo) error) error {
	at := ""
	if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
		at = filepath.FromSlash(nameOf(prefix[:i]))
		if !filepath.IsLocal(at) {
			return nil
		}
	}
	if _, err := os.Stat(d.root); err != nil {
		return err // an empty listing of a disk that is gone would be a lie
	}
	err := d.walkIn(ctx, at, prefix, hidden, yield)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (d *dir) walkIn(ctx context.Context, at, prefix string, hidden bool, yield func(string, fs.FileInfo) error) error {
	f, err := os.Open(filepath.Join(d.root, at))
	if err != nil {
		return err
	}
	defer f.Close()
	for end := false; !end; {
		entries, err := f.ReadDir(batch)
		if err != nil && err != io.EOF {
			return err
		}
		end = err == io.EOF || len(entries) < batch
		// "a/" sorts behind "a-b", as keys do.
		slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(sortName(a), sortName(b)) })
		for _, e := range entries {
			if err := d.visit(ctx, at, e, prefix, hidden, yield); err != nil {
				return err
			}
		}
	}
	return nil
}

func sortName(e fs.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}

func (d *dir) visit(ctx context.Context, at string, e fs.DirEntry, prefix string, hidden bool, yield func(string, fs.FileInfo) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if isTemp(e.Name()) || !hidden && strings.HasPrefix(e.Name(), ".") {
		return nil
	}
	name := filepath.Join(at, e.Name())
	key := keyOf(filepath.ToSlash(name))
	if e.IsDir() {
		if inside := key + "/"; !strings.HasPrefix(inside, prefix) && !strings.HasPrefix(prefix, inside) {
			return nil
		}
		err := d.walkIn(ctx, name, prefix, hidden, yield)
		if errors.Is(err, fs.ErrNotExist) { // gone meanwhile
			return nil
		}
		return err
	}
	if !strings.HasPrefix(key, prefix) {
		return nil
	}
	info, err := e.Info()
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		linked, statErr := os.Stat(filepath.Join(d.root, name))
		switch {
		case statErr != nil: // a dangling link is a file that cannot be read
		case linked.IsDir():
			return nil
		default:
			info = linked
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() && info.Mode()&fs.ModeSymlink == 0 { // pipes and devices
		return nil
	}
	return yield(key, info)
}

// ListPaged walks the folder again for each page. [List] does not use it.
func (d *dir) ListPaged(ctx context.Context, opts *driver.ListOptions) (*driver.ListPage, error) {
	size := opts.PageSize
	if size == 0 {
		size = 1000
	}
	// The keys behind the token, of which the smallest fill the page.
	var page driver.ListPage
	more := false
	err := d.walk(ctx, opts.Prefix, true, func(key string, info fs.FileInfo) error {
		o := &driver.ListObject{Key: key, ModTime: info.ModTime(), Size: info.Size(), AsFunc: func(any) bool { return false }}
		if opts.Delimiter != "" {
			if i := strings.Index(key[len(opts.Prefix):], opts.Delimiter); i >= 0 {
				o = &driver.ListObject{Key: key[:len(opts.Prefix)+i+len(opts.Delimiter)], IsDir: true, AsFunc: o.AsFunc}
			}
		}
		if o.Key <= string(opts.PageToken) {
			return nil
		}
		i, found := slices.BinarySearchFunc(page.Objects, o.Key, func(o *driver.ListObject, key string) int { return strings.Compare(o.Key, key) })
		if found {
			return nil
		}
		page.Objects = slices.Insert(page.Objects, i, o)
		if len(page.Objects) > size {
			page.Objects, more = page.Objects[:size], true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if more {
		page.NextPageToken = []byte(page.Objects[size-1].Key)
	}
	return &page, nil
}
