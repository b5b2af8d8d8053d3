package hevc

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// codedItem is an hvc1 item of a HEIF file: parameter sets and slices.
type codedItem struct {
	sets, units []Unit
}

// codedItems returns the hvc1 items of a HEIF file. It understands what encoders
// write, and trusts it as far as Go's bounds checks allow: tests only.
func codedItems(file []byte) (items []codedItem, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the container is broken")
		}
	}()
	meta := box(boxes(file, 0), "meta")
	inMeta := boxes(meta.data[4:], meta.at+4)
	iprp := box(inMeta, "iprp")
	inIprp := boxes(iprp.data, iprp.at)
	ipco := box(inIprp, "ipco")
	props := boxes(ipco.data, ipco.at)
	assoc := associations(box(inIprp, "ipma").data)
	idat := box(inMeta, "idat").data
	for id, data := range itemData(box(inMeta, "iloc").data, file, idat) {
		for _, prop := range assoc[id] {
			if p := props[prop-1]; p.kind == "hvcC" {
				items = append(items, splitItem(p, data.data, data.at))
			}
		}
	}
	slices.SortFunc(items, func(a, b codedItem) int { return a.units[0].Offset - b.units[0].Offset })
	return items, nil
}

func splitItem(hvcC boxOf, data []byte, at int) (it codedItem) {
	b := hvcC.data
	lengthSize := int(b[21]&3) + 1
	pos := 23
	for range b[22] {
		n := int(binary.BigEndian.Uint16(b[pos+1:]))
		pos += 3
		for range n {
			size := int(binary.BigEndian.Uint16(b[pos:]))
			it.sets = append(it.sets, Unit{b[pos+2 : pos+2+size], hvcC.at + pos + 2})
			pos += 2 + size
		}
	}
	for pos := 0; pos < len(data); {
		size := int(number(data[pos:], lengthSize))
		pos += lengthSize
		it.units = append(it.units, Unit{data[pos : pos+size], at + pos})
		pos += size
	}
	return it
}

type boxOf struct {
	kind string
	data []byte
	at   int
}

func boxes(b []byte, at int) (list []boxOf) {
	for pos := 0; pos+8 <= len(b); {
		size, head := int(number(b[pos:], 4)), 8
		switch size {
		case 0:
			size = len(b) - pos
		case 1:
			size, head = int(number(b[pos+8:], 8)), 16
		}
		list = append(list, boxOf{string(b[pos+4 : pos+8]), b[pos+head : pos+size], at + pos + head})
		pos += size
	}
	return list
}

func box(list []boxOf, kind string) boxOf {
	for _, b := range list {
		if b.kind == kind {
			return b
		}
	}
	return boxOf{}
}

func number(b []byte, size int) (v uint64) {
	for _, c := range b[:size] {
		v = v<<8 | uint64(c)
	}
	return v
}

func associations(ipma []byte) map[uint64][]int {
	out := map[uint64][]int{}
	idSize := 2
	if ipma[0] > 0 {
		idSize = 4
	}
	wide := ipma[3]&1 != 0
	b := ipma[8:]
	for range number(ipma[4:], 4) {
		id := number(b, idSize)
		n := int(b[idSize])
		b = b[idSize+1:]
		for range n {
			if wide {
				out[id] = append(out[id], int(number(b, 2)&0x7FFF))
				b = b[2:]
			} else {
				out[id] = append(out[id], int(b[0]&0x7F))
				b = b[1:]
			}
		}
	}
	return out
}

func itemData(iloc, file, idat []byte) map[uint64]boxOf {
	out := map[uint64]boxOf{}
	version := iloc[0]
	offSize, lenSize := int(iloc[4]>>4), int(iloc[4]&15)
	baseSize, idxSize := int(iloc[5]>>4), int(iloc[5]&15)
	b := iloc[6:]
	next := func(size int) uint64 {
		v := number(b, size)
		b = b[size:]
		return v
	}
	idSize := 2
	if version == 2 {
		idSize = 4
	}
	for range next(idSize) {
		id := next(idSize)
		from := file
		if version > 0 {
			if next(2)&15 == 1 {
				from = idat
			}
		} else {
			idxSize = 0
		}
		next(2)
		base := next(baseSize)
		extents := next(2)
		var it boxOf
		for i := range extents {
			next(idxSize)
			off := base + next(offSize)
			size := next(lenSize)
			if size == 0 {
				size = uint64(len(from)) - off
			}
			if i == 0 {
				it.at = int(off)
			}
			it.data = append(it.data, from[off:off+size]...)
		}
		out[id] = it
	}
	return out
}

// moduleFile returns the content of a file of a module in the module cache, and
// skips the test where it is not there.
func moduleFile(t testing.TB, pattern string) []byte {
	t.Helper()
	cache := os.Getenv("GOMODCACHE")
	if cache == "" {
		gopath := os.Getenv("GOPATH")
		if gopath == "" {
			home, err := os.UserHomeDir()
			require.NoError(t, err)
			gopath = filepath.Join(home, "go")
		}
		cache = filepath.Join(gopath, "pkg", "mod")
	}
	found, err := filepath.Glob(filepath.Join(cache, "github.com", pattern))
	require.NoError(t, err)
	if len(found) == 0 {
		t.Skipf("SKIPPED: %s is not in the module cache", pattern)
	}
	b, err := os.ReadFile(found[0])
	require.NoError(t, err)
	return b
}
