package heic

import (
	"slices"

	"github.com/imgvet/imgvet/internal/verify"
)

// file is a HEIF file as far as it is parsed. Tables stay in the file's bytes
// and are read where they are needed, so that a count costs no memory.
type file struct {
	b    []byte
	lim  Limits
	info Info

	primary uint32
	items   []item // by ascending id
	props   []box  // ipco's children; ipma counts from 1
	refs    []reference
	idat    *box
	movies  []box
	locs    locationTable
	configs map[int]*config // parsed hvcC, by property index

	extents int   // resolved so far
	pixels  int64 // of all coded pictures and canvases verified so far
	spans   []coded
	passed  bool       // coded pictures were verified before
	ahead   *lookahead // nil where coded pictures are read one after the other
}

// item is one infe, and what the other tables say of it.
type item struct {
	id        uint32
	typ       [4]byte
	at        int // offset of its infe
	hidden    bool
	protected bool
	xmp       bool
	loc       location
	assoc     associations
	role      Role
	visit     visitState
	out       size  // shown size, once known
	cost      int64 // pixels to decode and draw, once verified
}

type size struct{ w, h int64 }

// area is below 2^62 for any size that passed a limit.
func (s size) area() int64 { return s.w * s.h }

type visitState uint8

const (
	unvisited visitState = iota
	visiting
	visited
)

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

func newFile(b []byte, lim Limits) *file {
	return &file{b: b, lim: lim, info: Info{Frames: 1}}
}

const maxWarnings = 16

func (f *file) warn(r verify.Reason, at int, text string) {
	w := Warning{Reason: r, Offset: int64(at), Text: text}
	if f.ahead != nil && len(f.ahead.pending) > 0 {
		last := f.ahead.pending[len(f.ahead.pending)-1]
		if len(last.after) < maxWarnings {
			last.after = append(last.after, w)
		}
		return
	}
	f.forgive(w)
}

// forgive takes in a warning that has no stream to wait for.
func (f *file) forgive(w Warning) {
	if len(f.info.Warnings) < maxWarnings {
		f.info.Warnings = append(f.info.Warnings, w)
	}
}

// parse reads the container's tables.
func (f *file) parse() error {
	var meta *box
	err := f.topLevel(func(b *box) error {
		switch {
		case f.info.Brands == nil:
			return f.parseFileType(b)
		case b.typ == "meta" && meta != nil:
			return verify.Faultf(verify.Malformed, b.at, "second meta box")
		case b.typ == "meta":
			m := *b
			meta = &m
			return f.parseMeta(b)
		case b.typ == "uuid":
			f.noteExtended(b)
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
	f.info.Brands = brands
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

// listItems fills info.Items from the tables read so far.
func (f *file) listItems() {
	f.info.Items = make([]Item, len(f.items))
	f.assignRoles()
	for i := range f.items {
		it := &f.items[i]
		w, h := f.extentsOf(it)
		f.info.Items[i] = Item{
			ID: it.id, Type: string(it.typ[:]), Role: it.role, Size: it.loc.size,
			Width: w, Height: h, Hidden: it.hidden,
		}
	}
}

// assignRoles says what each item is to the primary one.
func (f *file) assignRoles() {
	for i := range f.refs {
		r := &f.refs[i]
		if it := f.item(r.from); it != nil {
			f.assignRole(it, r)
		}
	}
	for i := range f.items {
		switch it := &f.items[i]; {
		case it.id == f.primary:
			it.role = RolePrimary
		case it.role != RoleNone:
		case string(it.typ[:]) == "Exif" || string(it.typ[:]) == "mime":
			it.role = RoleMetadata
		}
	}
}

func (f *file) assignRole(it *item, r *reference) {
	switch string(r.typ[:]) {
	case "thmb":
		it.role = RoleThumbnail
	case "auxl":
		it.role = RoleAuxiliary
		if f.isAlpha(it) {
			it.role = RoleAlpha
		}
	case "cdsc":
		it.role = RoleMetadata
	case "dimg":
		for i := range r.len() {
			if to := f.item(r.id(i)); to != nil && to.role == RoleNone {
				to.role = RoleInput
			}
		}
	}
}
