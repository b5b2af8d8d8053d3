package walk

import (
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strings"
)

// How a folder is listed: names are asked for in portions, and a batch of names is
// sorted and handed on before the next is looked for. So that the memory does not
// grow with the folder, it is listed again for each batch.
const (
	listPortion = 1024
	listBatch   = 1 << 15 // a few MB of names
)

// entry is a name in a folder, and of what type it is (see [fs.FileMode.Type]).
type entry struct {
	name string
	typ  fs.FileMode
}

func (e entry) hidden() bool { return strings.HasPrefix(e.name, ".") }

// list yields the entries of a folder by name, and holds at most 2*batch of them.
// What keeps the folder from being read comes last.
func list(dir string, batch int) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		for after := ""; ; {
			entries, more, err := smallest(dir, after, batch)
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
				after = e.name
			}
			if err != nil {
				yield(entry{}, err)
				return
			}
			if !more {
				return
			}
		}
	}
}

// smallest returns the n first entries of a folder whose names stand after the
// given one, by name, and whether there are more.
func smallest(dir, after string, n int) (entries []entry, more bool, err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	cut := func() {
		slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
		if len(entries) > n {
			clear(entries[n:])
			entries, more = entries[:n], true
		}
	}
	for {
		portion, err := f.ReadDir(listPortion)
		for _, d := range portion {
			switch name := d.Name(); {
			case name <= after:
			case more && name > entries[n-1].name: // belongs to a later batch
			default:
				entries = append(entries, entry{name, d.Type()})
			}
			if len(entries) == 2*n {
				cut()
			}
		}
		if err != nil {
			cut()
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return entries, more, err
		}
	}
}
