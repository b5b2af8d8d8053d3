package heif

import (
	"bytes"
	"errors"
	"slices"

	"github.com/imgvet/imgvet/heic/internal/bmff"
	"github.com/imgvet/imgvet/internal/verify"
)

// File is a HEIF file as far as it is parsed. Tables stay in the file's bytes
// and are read where they are needed, so that a count costs no memory.
type File struct {
	Bytes  []byte     // the whole file, or as much of it as has arrived
	Brands []string   // the major and the compatible ones, without doubles
	C2PA   bool       // a box of Content Credentials lies at file level
	Movies []bmff.Box // moov

	Primary       uint32      // the ID that pitm names
	Items         []Item      // by ascending ID
	PropertyBoxes []bmff.Box  // ipco's children; ipma counts from 1
	References    []Reference // by ascending ID of the item that they lead from

	idat    bmff.Box // without a type if there is none
	locs    locationTable
	configs map[int]*Config  // parsed hvcC, by property index
	alphas  map[uint32]*Item // alpha planes, by the item they belong to; nil until one is asked for
	extents int              // resolved so far
	spans   [][]Span         // of the items read so far, by their index
	runs    []Span           // all of them
	warn    func(verify.Reason, int, string)
	in      *verify.Input // where the rest of Bytes comes from; nil if there is none
}

// Item is one infe, and what the other tables say of it.
type Item struct {
	ID        uint32
	Index     int // in the file's items
	Type      [4]byte
	At        int // offset of its infe
	Hidden    bool
	Protected bool
	XMP       bool
	Loc       location
	Assoc     associations
}

// Size is a width and a height in pixels.
type Size struct{ W, H int64 }

// Area is below 2^62 for any size that passed a limit.
func (s Size) Area() int64 { return s.W * s.H }

// Reference is a SingleItemTypeReferenceBox (14496-12, 8.11.12).
type Reference struct {
	Type [4]byte
	From uint32
	At   int    // offset of its header
	to   []byte // big-endian IDs
	wide bool   // of 4 bytes each, not 2
}

// Len returns how many items r refers to.
func (r *Reference) Len() int {
	if r.wide {
		return len(r.to) / 4
	}
	return len(r.to) / 2
}

// ID returns the ID of the item that r names at place i.
func (r *Reference) ID(i int) uint32 {
	if r.wide {
		t := r.to[4*i : 4*i+4]
		return uint32(t[0])<<24 | uint32(t[1])<<16 | uint32(t[2])<<8 | uint32(t[3])
	}
	return uint32(r.to[2*i])<<8 | uint32(r.to[2*i+1])
}

// Names tells whether an item is among those that r refers to.
func (r *Reference) Names(id uint32) bool {
	for i := range r.Len() {
		if r.ID(i) == id {
			return true
		}
	}
	return false
}

// New returns the file that b holds, before anything of it is read. What is forgiven is
// handed to warn, with its offset and a text.
func New(b []byte, warn func(r verify.Reason, at int, text string)) *File {
	return &File{Bytes: b, warn: warn}
}

// ErrArriving means that only the whole file can say what comes next.
var ErrArriving = errors.New("heif: the file is still arriving")

// Arriving returns the file of in, once the tables of its meta box are there, and parses it as
// far. Boxes behind it are left out. Read then waits for the bytes of an item.
//
// The error may be a fault, but also ErrArriving: in a file whose meta box is the last, or that
// is odd in any way.
func Arriving(in *verify.Input, warn func(r verify.Reason, at int, text string)) (*File, error) {
	end, err := bmff.EndOfMeta(in)
	if err != nil {
		return nil, errors.Join(ErrArriving, err)
	}
	f := New(in.Bytes()[:end:end], warn)
	f.in = in
	return f, f.Parse()
}

// Holds returns about how many bytes the tables take, with what a walk notes of each item.
func (f *File) Holds() int64 {
	const item, box, reference, config, extent = 320, 64, 80, 2048, 32
	return item*int64(len(f.Items)) + box*int64(len(f.PropertyBoxes)) + reference*int64(len(f.References)) +
		config*int64(len(f.configs)) + extent*int64(f.extents)
}

// c2paUUID is the extended type of a box of Content Credentials (C2PA 2.1, A.5.1).
const c2paUUID = "\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81"

// Parse reads the container's tables.
func (f *File) Parse() error {
	var meta *bmff.Box
	trailing, err := bmff.Walk(f.Bytes, func(b *bmff.Box) error {
		switch {
		case f.Brands == nil:
			return f.parseFileType(b)
		case b.Type == "meta" && meta != nil:
			return verify.Faultf(verify.Malformed, b.At, "second meta box")
		case b.Type == "meta":
			m := *b
			meta = &m
			return f.parseMeta(b)
		case b.Type == "uuid":
			f.C2PA = f.C2PA || bytes.HasPrefix(b.Data, []byte(c2paUUID))
		case b.Type == "moov":
			f.Movies = append(f.Movies, *b)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if trailing >= 0 {
		f.warn(verify.TrailingData, trailing, "bytes behind the last box")
	}
	if meta == nil {
		if len(f.Movies) > 0 {
			return verify.Faultf(verify.Unsupported, f.Movies[0].At, "an image sequence without a still")
		}
		return verify.Faultf(verify.Truncated, len(f.Bytes), "no meta box")
	}
	return f.checkLocations()
}

// parseFileType reads ftyp, which must be the first box (ISO/IEC 23008-12, 10.2).
func (f *File) parseFileType(b *bmff.Box) error {
	if b.Type != "ftyp" {
		return verify.Faultf(verify.Malformed, b.At, "the first box is not ftyp")
	}
	c := b.Cursor()
	brands := []string{string(c.Bytes(4, "major brand"))}
	c.Skip(4, "minor version")
	if err := c.Err(); err != nil {
		return bmff.InBox(err)
	}
	for n := 0; c.Len() >= 4 && n < maxBrands; n++ {
		if s := string(c.Bytes(4, "compatible brand")); !slices.Contains(brands, s) {
			brands = append(brands, s)
		}
	}
	f.Brands = brands
	for _, s := range brands {
		switch s {
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
			return nil
		}
	}
	return verify.Faultf(verify.Unsupported, b.At, "ftyp names no HEIC brand")
}

// Printable returns an item's type as text, for logs: a hostile one is kept from reaching
// them as it is.
func (it *Item) Printable() string {
	t := it.Type
	for i, c := range t {
		if c < ' ' || c > '~' {
			t[i] = '?'
		}
	}
	return string(t[:])
}

// Item returns the item of an ID, or nil.
func (f *File) Item(id uint32) *Item {
	i, ok := slices.BinarySearchFunc(f.Items, id, func(it Item, id uint32) int {
		switch {
		case it.ID < id:
			return -1
		case it.ID > id:
			return 1
		}
		return 0
	})
	if !ok {
		return nil
	}
	return &f.Items[i]
}

// Reference returns the first reference of a type from an item, or nil.
func (f *File) Reference(typ string, from uint32) *Reference {
	i, _ := slices.BinarySearchFunc(f.References, from, func(r Reference, id uint32) int {
		switch {
		case r.From < id:
			return -1
		case r.From > id:
			return 1
		}
		return 0
	})
	for ; i < len(f.References) && f.References[i].From == from; i++ {
		if string(f.References[i].Type[:]) == typ {
			return &f.References[i]
		}
	}
	return nil
}
