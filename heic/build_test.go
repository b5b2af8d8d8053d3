package heic_test

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
)

// A 64x64 picture, 8 bits, 4:2:0: a gradient coded by x265 through heif-enc -q 40.
// Its hvcC, and its one slice with a length of four bytes.
const (
	tileConfig = "0103700000000000000000001ef000fcfdf8f800000f03200001001840010c01ffff03700000030090000003000003001eba0240210001002b42010103700000030090000003000003001ea020810596ea4929ae6e04040c08000003000800000300084022000100074401c172b02240"
	tileStream = "0000002c2801af58f9329c872a1bc8310af4465b3b57df45d670ad0ca042b622306ca13f1e5d2e120f19083ba3bdbdf8"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

func be(width int, v uint64) []byte {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], v)
	return b[8-width:]
}

func cat(parts ...[]byte) []byte { return slices.Concat(parts...) }

// mkbox makes a box, mkfull one with version and flags.
func mkbox(typ string, parts ...[]byte) []byte {
	p := cat(parts...)
	return cat(be(4, uint64(len(p)+8)), []byte(typ), p)
}

func mkfull(typ string, version, flags uint64, parts ...[]byte) []byte {
	return mkbox(typ, append([][]byte{be(4, version<<24|flags)}, parts...)...)
}

func ispe(w, h uint64) []byte { return mkfull("ispe", 0, 0, be(4, w), be(4, h)) }
func irot(angle byte) []byte  { return mkbox("irot", []byte{angle}) }
func imir(axis byte) []byte   { return mkbox("imir", []byte{axis}) }
func hvcC() []byte            { return mkbox("hvcC", unhex(tileConfig)) }

func clap(n ...uint64) []byte {
	var p []byte
	for _, v := range n {
		p = append(p, be(4, v)...)
	}
	return mkbox("clap", p)
}

func gridData(rows, cols byte, w, h uint64) []byte {
	return cat([]byte{0, 0, rows - 1, cols - 1}, be(2, w), be(2, h))
}

// heif is a HEIF file in the making: what the tests damage and what the hostile
// files are made from.
type heif struct {
	brands  string
	primary int
	items   []heifItem
	props   [][]byte
	refs    [][]byte
	extra   [][]byte // boxes at the end of meta
	tail    []byte   // bytes behind mdat
	wideLoc bool     // iloc version 2 with fields of 8 bytes
}

type heifItem struct {
	typ     string
	data    []byte
	idat    bool   // construction method 1
	props   []byte // association bytes: index from 1, bit 7 essential
	extents int    // data is cut into so many; 0 means 1
	noLoc   bool
	hidden  bool   // libheif then shows it in no place of its own
	mime    string // content type
	built   int    // construction method 2: so many bytes of the item its iloc reference names
}

func (it *heifItem) contentType() []byte {
	if it.mime == "" {
		return nil
	}
	return append([]byte(it.mime), 0)
}

// ref adds a SingleItemTypeReference.
func (h *heif) ref(typ string, from int, to ...int) {
	p := cat(be(2, uint64(from)), be(2, uint64(len(to))))
	for _, id := range to {
		p = append(p, be(2, uint64(id))...)
	}
	h.refs = append(h.refs, mkbox(typ, p))
}

// bytes lays the file out: ftyp, meta, mdat.
func (h *heif) bytes() []byte {
	brands := h.brands
	if brands == "" {
		brands = "heicmif1heic"
	}
	ftyp := mkbox("ftyp", []byte(brands[:4]), be(4, 0), []byte(brands[4:]))
	meta := h.meta(0)
	meta = h.meta(uint64(len(ftyp) + len(meta) + 8))
	var mdat []byte
	for _, it := range h.items {
		if !it.idat {
			mdat = append(mdat, it.data...)
		}
	}
	return cat(ftyp, meta, mkbox("mdat", mdat), h.tail)
}

func (h *heif) meta(mdatAt uint64) []byte {
	var infe, locs, ipma, idat []byte
	nloc, nassoc := 0, 0
	for i, it := range h.items {
		id := uint64(i + 1)
		hidden := uint64(0)
		if it.hidden {
			hidden = 1
		}
		infe = append(infe, mkfull("infe", 2, hidden, be(2, id), be(2, 0), []byte(it.typ), []byte{0}, it.contentType())...)
		if it.props != nil {
			nassoc++
			ipma = append(ipma, cat(be(2, id), []byte{byte(len(it.props))}, it.props)...)
		}
		if it.noLoc {
			continue
		}
		nloc++
		at, method := mdatAt, uint64(0)
		if it.built > 0 {
			at, method = 0, 2
		} else if it.idat {
			at, method = uint64(len(idat)), 1
			idat = append(idat, it.data...)
		} else {
			mdatAt += uint64(len(it.data))
		}
		locs = append(locs, h.loc(id, method, at, &it)...)
	}
	iloc := mkfull("iloc", 1, 0, []byte{0x44, 0}, be(2, uint64(nloc)), locs)
	if h.wideLoc {
		iloc = mkfull("iloc", 2, 0, []byte{0x88, 0x80}, be(4, uint64(nloc)), locs)
	}
	parts := [][]byte{
		mkfull("hdlr", 0, 0, be(4, 0), []byte("pict"), make([]byte, 13)),
		mkfull("pitm", 0, 0, be(2, uint64(h.primary))),
		iloc,
		mkfull("iinf", 0, 0, be(2, uint64(len(h.items))), infe),
		mkbox("iprp", mkbox("ipco", h.props...), mkfull("ipma", 0, 0, be(4, uint64(nassoc)), ipma)),
	}
	if h.refs != nil {
		parts = append(parts, mkfull("iref", 0, 0, h.refs...))
	}
	if idat != nil {
		parts = append(parts, mkbox("idat", idat))
	}
	return mkfull("meta", 0, 0, append(parts, h.extra...)...)
}

func (h *heif) loc(id, method, at uint64, it *heifItem) []byte {
	n := max(1, it.extents)
	var ext []byte
	width := 4
	if h.wideLoc {
		width = 8
	}
	for i := range n {
		total := max(len(it.data), it.built)
		lo, hi := total*i/n, total*(i+1)/n
		ext = append(ext, cat(be(width, at+uint64(lo)), be(width, uint64(hi-lo)))...)
	}
	if h.wideLoc {
		return cat(be(4, id), be(2, method), be(2, 0), be(8, 0), be(2, uint64(n)), ext)
	}
	return cat(be(2, id), be(2, method), be(2, 0), be(2, uint64(n)), ext)
}

// single is the smallest good file: one tile, with more properties if asked.
func single(props ...[]byte) *heif {
	h := &heif{primary: 1, props: append([][]byte{hvcC(), ispe(64, 64)}, props...)}
	links := []byte{0x81, 2}
	for i := range props {
		links = append(links, 0x80|byte(3+i))
	}
	h.items = []heifItem{{typ: "hvc1", data: unhex(tileStream), props: links}}
	return h
}

// gridOf is a grid of cols x rows tiles with a canvas of w x h pixels.
func gridOf(rows, cols byte, w, h uint64, props ...[]byte) *heif {
	f := &heif{props: append([][]byte{hvcC(), ispe(64, 64), ispe(w, h)}, props...)}
	var ids []int
	for i := range int(rows) * int(cols) {
		f.items = append(f.items, heifItem{typ: "hvc1", data: unhex(tileStream), props: []byte{0x81, 2}})
		ids = append(ids, i+1)
	}
	links := []byte{3}
	for i := range props {
		links = append(links, 0x80|byte(4+i))
	}
	f.primary = len(f.items) + 1
	f.items = append(f.items, heifItem{typ: "grid", data: gridData(rows, cols, w, h), idat: true, props: links})
	f.ref("dimg", f.primary, ids...)
	return f
}

// overlayOf lays two tiles on a canvas of w x h pixels.
func overlayOf(w, h uint64) *heif {
	f := &heif{primary: 3, props: [][]byte{hvcC(), ispe(64, 64), ispe(w, h)}}
	for range 2 {
		f.items = append(f.items, heifItem{typ: "hvc1", data: unhex(tileStream), props: []byte{0x81, 2}})
	}
	data := cat([]byte{0, 0}, be(8, 0xffff_0000_0000_ffff), be(2, w), be(2, h), be(2, 0), be(2, 0), be(2, 0xfff0), be(2, 70))
	f.items = append(f.items, heifItem{typ: "iovl", data: data, idat: true, props: []byte{3}})
	f.ref("dimg", 3, 1, 2)
	return f
}

// identityOf shows one tile through an iden item with its own transforms.
func identityOf(props ...[]byte) *heif {
	f := single()
	f.props = append(f.props, props...)
	links := []byte{2}
	for i := range props {
		links = append(links, 0x80|byte(3+i))
	}
	f.primary = 2
	f.items = append(f.items, heifItem{typ: "iden", props: links, noLoc: true})
	f.ref("dimg", 2, 1)
	return f
}
