package heic

import (
	"bytes"
	"slices"

	"github.com/imgvet/imgvet/internal/verify"
)

// file is a HEIF file as far as it is parsed. Tables stay in the file's bytes
// and are read where they are needed, so that a count costs no memory.
type file struct {
	b      []byte
	brands []string
	c2pa   bool // a box of Content Credentials lies at file level
	warn   func(verify.Reason, int, string)

	primary uint32
	items   []item // by ascending id
	props   []box  // ipco's children; ipma counts from 1
	refs    []reference
	idat    *box
	movies  []box
	locs    locationTable
	configs map[int]*config // parsed hvcC, by property index

	extents int // resolved so far
}

// item is one infe, and what the other tables say of it.
type item struct {
	id        uint32
	index     int // in the file's items
	typ       [4]byte
	at        int // offset of its infe
	hidden    bool
	protected bool
	xmp       bool
	loc       location
	assoc     associations
}

type size struct{ w, h int64 }

// area is below 2^62 for any size that passed a limit.
func (s size) area() int64 { return s.w * s.h }

// reference is a SingleItemTypeReferenceBox (14496-12, 8.11.12).
type reference struct {
	typ  [4]byte
	from uint32
	at   int    // offset of its header
	to   []byte // big-endian IDs
	wide bool   // of 4 bytes each, not 2
}

func (r *reference) len() int {
	if r.wide {
		return len(r.to) / 4
	}
	return len(r.to) / 2
}

func (r *reference) id(i int) uint32 {
	if r.wide {
		t := r.to[4*i : 4*i+4]
		return uint32(t[0])<<24 | uint32(t[1])<<16 | uint32(t[2])<<8 | uint32(t[3])
	}
	return uint32(r.to[2*i])<<8 | uint32(r.to[2*i+1])
}

// newFile returns the file that b holds, before anything of it is read. What is forgiven is
// handed to warn, with its offset and a text.
func newFile(b []byte, warn func(r verify.Reason, at int, text string)) *file {
	return &file{b: b, warn: warn}
}

// c2paUUID is the extended type of a box of Content Credentials (C2PA 2.1, A.5.1).
const c2paUUID = "\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81"

// parse reads the container's tables.
func (f *file) parse() error {
	var meta *box
	err := f.topLevel(func(b *box) error {
		switch {
		case f.brands == nil:
			return f.parseFileType(b)
		case b.typ == "meta" && meta != nil:
			return verify.Faultf(verify.Malformed, b.at, "second meta box")
		case b.typ == "meta":
			m := *b
			meta = &m
			return f.parseMeta(b)
		case b.typ == "uuid":
			f.c2pa = f.c2pa || bytes.HasPrefix(b.data, []byte(c2paUUID))
		case b.typ == "moov":
			f.movies = append(f.movies, *b)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if meta == nil {
		if len(f.movies) > 0 {
			return verify.Faultf(verify.Unsupported, f.movies[0].at, "an image sequence without a still")
		}
		return verify.Faultf(verify.Truncated, len(f.b), "no meta box")
	}
	return f.checkLocations()
}

// parseFileType reads ftyp, which must be the first box (ISO/IEC 23008-12, 10.2).
func (f *file) parseFileType(b *box) error {
	if b.typ != "ftyp" {
		return verify.Faultf(verify.Malformed, b.at, "the first box is not ftyp")
	}
	c := b.cursor()
	brands := []string{string(c.Bytes(4, "major brand"))}
	c.Skip(4, "minor version")
	if err := c.Err(); err != nil {
		return inBox(err)
	}
	for n := 0; c.Len() >= 4 && n < maxBrands; n++ {
		if s := string(c.Bytes(4, "compatible brand")); !slices.Contains(brands, s) {
			brands = append(brands, s)
		}
	}
	f.brands = brands
	for _, s := range brands {
		switch s {
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
			return nil
		}
	}
	return verify.Faultf(verify.Unsupported, b.at, "ftyp names no HEIC brand")
}

// walkContainers checks that the boxes inside b nest properly.
func walkContainers(b *box, depth int) error {
	switch b.typ {
	case "moov", "trak", "mdia", "minf", "stbl", "dinf", "edts":
	default:
		return nil
	}
	if depth > maxBoxDepth {
		return verify.Faultf(verify.TooMuchWork, b.at, "boxes nested over %d deep", maxBoxDepth)
	}
	for c := b.cursor(); c.Len() > 0; {
		child, err := next(&c)
		if err != nil {
			return err
		}
		if err := walkContainers(&child, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// item returns the item of an ID, or nil.
func (f *file) item(id uint32) *item {
	i, ok := slices.BinarySearchFunc(f.items, id, func(it item, id uint32) int {
		switch {
		case it.id < id:
			return -1
		case it.id > id:
			return 1
		}
		return 0
	})
	if !ok {
		return nil
	}
	return &f.items[i]
}

// reference returns the first reference of a type from an item, or nil.
func (f *file) reference(typ string, from uint32) *reference {
	i, _ := slices.BinarySearchFunc(f.refs, from, func(r reference, id uint32) int {
		switch {
		case r.from < id:
			return -1
		case r.from > id:
			return 1
		}
		return 0
	})
	for ; i < len(f.refs) && f.refs[i].from == from; i++ {
		if string(f.refs[i].typ[:]) == typ {
			return &f.refs[i]
		}
	}
	return nil
}
