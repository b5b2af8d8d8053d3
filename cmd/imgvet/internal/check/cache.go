package check

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/imgvet/imgvet/validate"
)

// cacheVersion changes when the form of a cache does.
const cacheVersion = 1

// cacheKey stands for a file as it was: its path, size and time. Half of a SHA-256: nobody gains
// by two files of one key but who can write both.
type cacheKey [16]byte

// cache remembers which files were good, without a warning, so that they need not be read again
// while they have not changed. nil remembers nothing. Safe for concurrent use.
//
// A file of it is a line that tells what judged, and the keys.
type cache struct {
	name, head string
	mu         sync.Mutex
	good       map[cacheKey]struct{}
	grown      bool
}

// openCache reads the cache of that name. One of another program, or of other options, is begun
// anew. A file that is no cache is never written over.
func openCache(name string, opts validate.Options, extra string) (*cache, error) {
	if name == "" {
		return nil, nil
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(exe)
	if err != nil {
		return nil, err
	}
	// The program by its size and time: that changes with every build.
	judge := sha256.Sum256(fmt.Appendf(nil, "%d %d %d %d %d %v %v %+v %t %s", info.Size(), info.ModTime().UnixNano(),
		opts.MaxBytes, opts.MaxPixels, opts.MaxWork, opts.Formats, opts.Tolerance, opts.Rules, opts.Faces != nil, extra))
	c := &cache{name: name, head: fmt.Sprintf("imgvet cache %d %x\n", cacheVersion, judge[:8]), good: map[cacheKey]struct{}{}}
	b, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && len(b) == 0:
		return c, nil
	case err != nil:
		return nil, err
	case !bytes.HasPrefix(b, []byte("imgvet cache ")):
		return nil, fmt.Errorf("%s is no cache of imgvet: it is not written over", name)
	}
	if keys, mine := bytes.CutPrefix(b, []byte(c.head)); mine && len(keys)%len(cacheKey{}) == 0 {
		for ; len(keys) > 0; keys = keys[len(cacheKey{}):] {
			c.good[cacheKey(keys)] = struct{}{}
		}
	}
	return c, nil
}

// key returns what stands for a file as it is now.
func (c *cache) key(name string) (cacheKey, bool) {
	if c == nil {
		return cacheKey{}, false
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return cacheKey{}, false
	}
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return cacheKey{}, false
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%d", abs, info.Size(), info.ModTime().UnixNano()))
	return cacheKey(sum[:]), true
}

// holds reports whether a file of that key was good.
func (c *cache) holds(k cacheKey) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.good[k]
	return ok
}

// add remembers a good file.
func (c *cache) add(k cacheKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.good[k] = struct{}{}
	c.grown = true
}

// save writes the cache, whole or not at all.
func (c *cache) save() error {
	if c == nil || !c.grown {
		return nil
	}
	tmp, err := os.CreateTemp(filepath.Dir(c.name), ".imgvet-cache-*")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString(c.head)
	for k := range c.good {
		b.Write(k[:])
	}
	_, err = tmp.Write(b.Bytes())
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), c.name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}
