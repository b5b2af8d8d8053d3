package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// odd are names of files that a bucket must not lose or take for others.
var odd = []string{
	"a/x.jpg", "a/y.jpg", "a-b.jpg", "a.jpg", "A.jpg", "a\nb.jpg", "a\xffb.jpg", "a\U0010ff80b.jpg", "__0x41__.jpg", "photo.attrs",
	"b/c/d/e.jpg", "ü b+c%20.jpg", "b/&<>\".jpg", "z?x=1#y.jpg", " ", "c/ü/\xc3.png", "empty.jpg",
}

func folder(t testing.TB) (string, *blob.Bucket) {
	dir := t.TempDir()
	for _, name := range odd {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		content := name
		if name == "empty.jpg" {
			content = ""
		}
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	b, err := OpenDir(dir, false)
	require.NoError(t, err)
	t.Cleanup(func() { b.Close() })
	return dir, b
}

func list(t testing.TB, b *blob.Bucket, opts ListOptions) []string {
	var names []string
	for o, err := range List(t.Context(), b, opts) {
		require.NoError(t, err)
		names = append(names, FileName(b, o.Key))
	}
	return names
}

func TestDirNames(t *testing.T) {
	dir, b := folder(t)
	want := slices.Sorted(slices.Values(odd))
	got := list(t, b, ListOptions{})
	slices.Sort(got)
	require.Equal(t, want, got)
	for o, err := range List(t.Context(), b, ListOptions{}) {
		require.NoError(t, err)
		content, err := b.ReadAll(t.Context(), o.Key)
		require.NoError(t, err)
		require.Equal(t, o.Size, int64(len(content)))
		if o.Size > 0 {
			require.Equal(t, FileName(b, o.Key), string(content), "a key leads to its own file")
		}
		r, err := b.NewReader(t.Context(), o.Key, nil)
		require.NoError(t, err)
		id, err := Identify(t.Context(), b, o.Key, r)
		require.NoError(t, errors.Join(err, r.Close()))
		require.NotEmpty(t, id.ETag)
	}
	// What is hidden, being written, a link to nowhere or no file.
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".hidden"), nil, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, tempMark+"X"), nil, 0o644))
	require.NoError(t, os.Symlink("a.jpg", filepath.Join(dir, "link.jpg")))
	require.NoError(t, os.Symlink("a", filepath.Join(dir, "folder-link")))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "dangling.jpg")))
	require.Len(t, list(t, b, ListOptions{}), len(odd)+2)
	require.Len(t, list(t, b, ListOptions{Hidden: true}), len(odd)+3)
	require.Len(t, list(t, b, ListOptions{Skip: "a/"}), len(odd))
	require.ElementsMatch(t, []string{"a/x.jpg", "a/y.jpg"}, list(t, b, ListOptions{Prefix: "a/"}))
	require.ElementsMatch(t, []string{"b/c/d/e.jpg"}, list(t, b, ListOptions{Prefix: "b/c"}))
	require.Empty(t, list(t, b, ListOptions{Prefix: "../"}))
	_, err := b.ReadAll(t.Context(), "dangling.jpg")
	require.Equal(t, gcerrors.NotFound, gcerrors.Code(err))
}

// TestDirPages: pages have each key once, in the order of keys, whatever their size. gocloud's own
// driver leaves out "a-b.jpg" behind "a/".
func TestDirPages(t *testing.T) {
	_, b := folder(t)
	for _, size := range []int{1, 2, 3, 7, 100} {
		var keys []string
		for token := blob.FirstPageToken; token != nil; {
			page, next, err := b.ListPage(t.Context(), token, size, nil)
			require.NoError(t, err)
			for _, o := range page {
				keys = append(keys, o.Key)
			}
			token = next
		}
		require.True(t, slices.IsSorted(keys))
		require.Len(t, slices.Compact(keys), len(odd), "pages of %d", size)
	}
	it := b.List(&blob.ListOptions{Delimiter: "/"})
	folders := 0
	for {
		o, err := it.Next(t.Context())
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		if o.IsDir {
			folders++
		}
	}
	require.Equal(t, 3, folders)
}

// TestAccessible: whether a folder is there costs no walk through it.
func TestAccessible(t *testing.T) {
	root := filepath.Join(t.TempDir(), "photos")
	b, err := OpenDir(root, true)
	require.NoError(t, err)
	defer b.Close()
	accessible := func() bool {
		there, err := Accessible(t.Context(), b)
		require.NoError(t, err)
		return there
	}
	require.True(t, accessible(), "an empty one")
	one := testing.AllocsPerRun(10, func() { accessible() })
	for i := range 200 {
		require.NoError(t, os.WriteFile(filepath.Join(root, fmt.Sprint(i)), nil, 0o600))
	}
	require.InDelta(t, one, testing.AllocsPerRun(10, func() { accessible() }), 20)
	require.NoError(t, os.RemoveAll(root))
	require.False(t, accessible())
	require.NoError(t, os.WriteFile(root, nil, 0o600))
	require.False(t, accessible(), "a file in its place")
}

func TestDirKeysStayInside(t *testing.T) {
	dir, b := folder(t)
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(dir), "outside"), []byte("x"), 0o644))
	for _, key := range []string{"../outside", "/etc/passwd", "a/../../outside", "a/./x.jpg", "", ".", "a//x.jpg", "a\x00"} {
		_, err := b.ReadAll(t.Context(), key)
		require.Error(t, err, key)
		require.Error(t, b.WriteAll(t.Context(), key, []byte("x"), nil), key)
	}
	_, err := b.ReadAll(t.Context(), "a")
	require.Equal(t, gcerrors.NotFound, gcerrors.Code(err), "a folder is no object")
}

func TestPut(t *testing.T) {
	dir, b := folder(t)
	require.NoError(t, Put(t.Context(), b, "p/q.json", []byte("1")))
	require.NoError(t, Put(t.Context(), b, "p/q.json", []byte("2")))
	got, err := Get(t.Context(), b, "p/q.json", 1)
	require.NoError(t, err)
	require.Equal(t, "2", string(got))
	_, err = Get(t.Context(), b, "a.jpg", 2)
	require.Error(t, err, "too large")

	ctx, cancel := context.WithCancel(t.Context())
	w, err := b.NewWriter(ctx, "p/half.json", nil)
	require.NoError(t, err)
	_, err = w.Write(make([]byte, 1<<20))
	require.NoError(t, err)
	cancel()
	require.Error(t, w.Close())
	there, err := b.Exists(t.Context(), "p/half.json")
	require.NoError(t, err)
	require.False(t, there, "an object is whole or not there")
	left, err := filepath.Glob(filepath.Join(dir, "p", tempMark+"*"))
	require.NoError(t, err)
	require.Empty(t, left)

	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() { errs[i] = PutNew(t.Context(), b, "new.json", fmt.Append(nil, i)) })
	}
	wg.Wait()
	won := 0
	for i, err := range errs {
		if err == nil {
			won++
			got, _ := Get(t.Context(), b, "new.json", 10)
			require.Equal(t, fmt.Sprint(i), string(got))
		} else {
			require.ErrorIs(t, err, ErrExists)
		}
	}
	require.Equal(t, 1, won)
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	require.NoError(t, os.MkdirAll("x/y", 0o755))
	for _, url := range []string{"file://x/y", "file://./x/y", "file://../" + filepath.Base(dir) + "/x/y", "file://" + dir + "/x/y", "file://localhost" + dir + "/x/y"} {
		b, err := Open(t.Context(), url, false)
		require.NoError(t, err, url)
		require.NoError(t, b.Close())
		path, ok := Folder(url)
		require.True(t, ok)
		require.Equal(t, filepath.Join(dir, "x", "y"), path)
	}
	for _, url := range []string{"x/y", "file://x/z", "nope://a", "file://x/y?prefix=a", "", "gs://a"} {
		_, err := Open(t.Context(), url, false)
		require.Error(t, err, url)
	}
	b, err := Open(t.Context(), "file://x/new/folder", true)
	require.NoError(t, err)
	require.NoError(t, b.Close())
}

func TestSame(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "photos"), 0o755))
	require.NoError(t, os.Symlink("photos", filepath.Join(dir, "link")))
	at := "file://" + dir
	for _, c := range []struct {
		outer, inner, below string
		ok                  bool
	}{
		{at, at, "", true},
		{at + "/photos", at + "/photos/out", "out/", true},
		{at + "/photos/", at + "/link/out", "out/", true},
		{at + "/photos", at + "/photos2", "", false},
		{at + "/photos", at, "", false},
		{"s3://a?region=x", "s3://a?region=y&prefix=out/", "out/", true},
		{"s3://a?prefix=in/", "s3://a?prefix=out/", "", false},
		{"s3://a", "s3://b", "", false},
		{"s3://a?endpoint=http://one:9000", "s3://a?endpoint=http://two:9000", "", false},
		{"s3://a?endpoint=http://one:9000", "s3://a?prefix=out/", "", false},
		{"s3://a?endpoint=http://one:9000", "s3://a?endpoint=http%3A%2F%2FOne:9000/&prefix=out/", "out/", true},
		{"azblob://a?storage_account=one", "azblob://a?storage_account=two", "", false},
		{"s3://a", at, "", false},
	} {
		below, ok := Same(c.outer, c.inner)
		require.Equal(t, c.ok, ok, c)
		if ok {
			require.Equal(t, c.below, below, c)
		}
	}
	require.Equal(t, "s3://a?region=x", Redacted("s3://me:pass@a?region=x&secret_key=1"))
}

func FuzzNames(f *testing.F) {
	for _, name := range odd {
		f.Add(name)
		f.Add("x/" + name)
		f.Add(name + "\xf4\x8f\xbe\x80")
		f.Add(name + "\xf4\x8f\xbe")
	}
	f.Fuzz(func(t *testing.T, name string) {
		key := keyOf(name)
		require.Equal(t, name, nameOf(key))
		require.Equal(t, key, string([]rune(key)), "a key is UTF-8")
	})
}
