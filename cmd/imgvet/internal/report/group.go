package report

import (
	"bufio"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
)

// kind is what became of the files of a group, the worst first.
type kind int

const (
	kindFailed kind = iota
	kindRefused
	kindWarned
)

// groupKey names a group of the page: the files that share a fate and its reason.
type groupKey struct {
	kind   kind
	reason string
}

// group collects the items of one group in a temporary file, as spool does.
type group struct {
	groupKey
	n       int64
	formats map[string]int64 // how many of them claim to be of a format
	tmp     *os.File
	*bufio.Writer
}

// groups are those of a page. There are no more than reasons, a few dozen.
type groups map[groupKey]*group

// add counts a file of that format, and returns where its item is to be written.
func (gs groups) add(to groupKey, format string) (io.Writer, error) {
	g := gs[to]
	if g == nil {
		tmp, err := scratch()
		if err != nil {
			return nil, err
		}
		g = &group{groupKey: to, formats: map[string]int64{}, tmp: tmp, Writer: bufio.NewWriter(tmp)}
		gs[to] = g
	}
	g.n++
	g.formats[format]++
	return g, nil
}

// sorted returns the groups in the order of the page: the worst first, then the largest.
func (gs groups) sorted() []*group {
	return slices.SortedFunc(maps.Values(gs), func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(b.n, a.n), cmp.Compare(a.reason, b.reason))
	})
}

// moveTo appends the items to w, and ends the group.
func (g *group) moveTo(w io.Writer) error {
	err := g.Flush()
	if err == nil {
		_, err = g.tmp.Seek(0, io.SeekStart)
	}
	if err == nil {
		_, err = io.Copy(w, g.tmp)
	}
	return errors.Join(err, discard(g.tmp))
}

// scratch creates a temporary file that is gone when it is closed, however the program ends.
// Windows cannot do that: discard does it there.
func scratch() (*os.File, error) {
	tmp, err := os.CreateTemp("", "imgvet-report-*")
	if err == nil {
		_ = os.Remove(tmp.Name())
	}
	return tmp, err
}

// discard closes a file of scratch.
func discard(tmp *os.File) error {
	err := tmp.Close()
	if gone := os.Remove(tmp.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}
