package heic

import (
	"encoding/binary"

	"github.com/imgvet/imgvet/internal/verify"
)

// associations are the properties of one item: a run of entries of ipma
// (14496-12, 8.11.14), read where they are needed.
type associations struct {
	b    []byte
	wide bool // entries of two bytes, not one
	at   int  // offset of b in the file; 0 if the item has no entry
}

func (a *associations) len() int {
	if a.wide {
		return len(a.b) / 2
	}
	return len(a.b)
}

// entry returns the property index, from 1, and whether it is essential.
func (a *associations) entry(i int) (index int, essential bool) {
	if a.wide {
		v := binary.BigEndian.Uint16(a.b[2*i:])
		return int(v & 0x7fff), v&0x8000 != 0
	}
	return int(a.b[i] & 0x7f), a.b[i]&0x80 != 0
}

// parseProperties reads iprp: ipco and every ipma.
func (f *file) parseProperties(b *box) error {
	c := b.cursor()
	var ipco *box
	var ipma []box
	for c.Len() > 0 {
		child, err := next(&c)
		if err != nil {
			return err
		}
		switch child.typ {
		case "ipco":
			if ipco != nil {
				return verify.Faultf(verify.Malformed, child.at, "second ipco box")
			}
			ipco = &child
		case "ipma":
			// One for each pair of version and flags; four can be told apart.
			if len(ipma) == 4 {
				return verify.Faultf(verify.Malformed, child.at, "over four ipma boxes")
			}
			ipma = append(ipma, child)
		}
	}
	if ipco == nil || len(ipma) == 0 {
		return verify.Faultf(verify.Malformed, b.at, "iprp without ipco or ipma")
	}
	for pc := ipco.cursor(); pc.Len() > 0; {
		p, err := next(&pc)
		if err != nil {
			return err
		}
		if len(f.props) == maxProperties {
			return tooMany(p.at, "properties", maxProperties, maxProperties+1)
		}
		f.props = append(f.props, p)
	}
	for i := range ipma {
		if err := f.parseAssociations(&ipma[i]); err != nil {
			return err
		}
	}
	return nil
}

func (f *file) parseAssociations(b *box) error {
	c, version, flags := b.fullBox()
	wide, width := flags&1 != 0, 1
	if wide {
		width = 2
	}
	count := c.Uint32BE("entry_count")
	for range count {
		at := c.Offset()
		var id uint32
		if version == 0 {
			id = uint32(c.Uint16BE("item_ID"))
		} else {
			id = c.Uint32BE("item_ID")
		}
		n := int(c.Uint8("association_count"))
		a := associations{b: c.Bytes(n*width, "associations"), wide: wide, at: at}
		if err := c.Err(); err != nil {
			return err
		}
		it := f.item(id)
		if it == nil {
			continue
		}
		if it.assoc.at != 0 {
			return verify.Faultf(verify.Malformed, at, "item %d has its properties twice", id)
		}
		it.assoc = a
	}
	return c.Err()
}

// ispeSlack is by how many samples ispe may differ from the stream: less than a block of
// the smallest size, which is what a conformance window has to cut away.
const ispeSlack = 8

// properties are what ipma ties to an item, as far as a picture needs it.
type properties struct {
	size    size // ispe, or the stream's where they differ by less than ispeSlack
	stated  size // ispe
	sizeAt  int
	config  *config // hvcC
	steps   []step  // irot, imir and clap in order
	colour  *nclx
	channel []uint8 // pixi: bits of each channel
	pixiAt  int
}

// nclx is the colour information of a colr box (14496-12, 12.1.5), in the code
// points of ITU-T H.273.
type nclx struct {
	primaries, transfer, matrix uint16
	fullRange                   bool
}

// properties reads the properties of an item that the shown picture needs.
func (f *file) properties(it *item) (properties, error) {
	p := properties{}
	if n := it.assoc.len(); n > maxAssociations {
		return p, tooMany(it.assoc.at, "properties of one item", maxAssociations, int64(n))
	}
	for i := range it.assoc.len() {
		index, essential := it.assoc.entry(i)
		if index == 0 {
			continue // 14496-12, 8.11.14.3: "0 indicating that no property is associated"
		}
		if index > len(f.props) {
			return p, verify.Faultf(verify.Malformed, it.assoc.at, "item %d: property %d of %d", it.id, index, len(f.props))
		}
		if err := f.addProperty(&p, index-1, essential); err != nil {
			return p, inBox(err)
		}
	}
	if p.size.w == 0 {
		// 23008-12, 6.5.3.1: ispe is mandatory for image items.
		return p, verify.Faultf(verify.Malformed, it.at, "item %d has no ispe", it.id)
	}
	p.stated = p.size
	if c := p.config; c != nil {
		// Qt writes the size before the stream's conformance window is cut out. libheif
		// shows what the stream holds.
		w, h := int64(c.sps.Width), int64(c.sps.Height)
		if max(w-p.size.w, p.size.w-w, h-p.size.h, p.size.h-h) < ispeSlack {
			p.size = size{w, h}
		}
	}
	return p, nil
}

func (f *file) addProperty(p *properties, index int, essential bool) error {
	b := &f.props[index]
	switch b.typ {
	case "ispe":
		s, err := parseExtents(b)
		if err == nil && p.size.w != 0 && s != p.size {
			err = verify.Faultf(verify.Malformed, b.at, "two ispe of one item")
		}
		p.size, p.sizeAt = s, b.at
		return err
	case "hvcC":
		if p.config != nil {
			return verify.Faultf(verify.Malformed, b.at, "two hvcC of one item")
		}
		c, err := f.config(index)
		p.config = c
		return err
	case "irot", "imir", "clap":
		s, err := parseStep(b)
		p.steps = append(p.steps, s)
		return err
	case "colr":
		f.addColour(p, b)
	case "pixi":
		f.addPixi(p, b)
	case "auxC", "pasp", "rloc", "udes", "mdcv", "clli", "cclv", "amve", "altt", "iscl", "crtt", "mdft", "subs":
		// Nothing that changes which pixels are shown. A pasp other than 1:1
		// asks for stretching that no viewer does.
	default:
		// 23008-12, 6.5.1: a reader must not show an item with an essential
		// property that it does not know.
		if essential {
			return verify.Faultf(verify.Unsupported, b.at, "unknown essential property")
		}
	}
	return nil
}

// parseExtents reads ispe (23008-12, 6.5.3).
func parseExtents(b *box) (size, error) {
	c, _, _ := b.fullBox()
	s := size{int64(c.Uint32BE("image_width")), int64(c.Uint32BE("image_height"))}
	if err := c.Err(); err != nil {
		return size{}, err
	}
	if s.w == 0 || s.h == 0 {
		return size{}, verify.Faultf(verify.Malformed, b.at, "ispe: zero width or height")
	}
	return s, nil
}

// addColour reads colr. No viewer refuses a picture over it.
func (f *file) addColour(p *properties, b *box) {
	c := b.cursor()
	if string(c.Bytes(4, "colour_type")) == "nclx" {
		n := nclx{
			primaries: c.Uint16BE("colour_primaries"),
			transfer:  c.Uint16BE("transfer_characteristics"),
			matrix:    c.Uint16BE("matrix_coefficients"),
			fullRange: c.Uint8("full_range_flag")&0x80 != 0,
		}
		if c.Err() == nil {
			p.colour = &n
		}
	}
	if c.Err() != nil {
		f.warn(verify.BadMetadata, b.at, "colr is too short")
	}
}

// addPixi reads pixi (23008-12, 6.5.6), which repeats what the stream says.
func (f *file) addPixi(p *properties, b *box) {
	c, _, _ := b.fullBox()
	bits := c.Bytes(int(c.Uint8("num_channels")), "bits_per_channel")
	if c.Err() != nil {
		f.warn(verify.BadMetadata, b.at, "pixi is too short")
		return
	}
	p.channel, p.pixiAt = bits, b.at
}

// auxiliaryType returns the type that auxC gives an item, or nil (23008-12, 6.5.8).
func (f *file) auxiliaryType(it *item) []byte {
	for i := range min(it.assoc.len(), maxAssociations) {
		index, _ := it.assoc.entry(i)
		if index == 0 || index > len(f.props) || f.props[index-1].typ != "auxC" {
			continue
		}
		c, _, _ := f.props[index-1].fullBox()
		s := c.Bytes(min(c.Len(), 128), "aux_type")
		for j, ch := range s {
			if ch == 0 {
				s = s[:j]
				break
			}
		}
		return s
	}
	return nil
}

// isAlpha tells whether an auxiliary item is an alpha plane (23008-12, 6.5.8 and
// 14496-15; the second name is MIAF's).
func (f *file) isAlpha(it *item) bool {
	switch string(f.auxiliaryType(it)) {
	case "urn:mpeg:hevc:2015:auxid:1", "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha":
		return true
	}
	return false
}

// extentsOf returns the ispe of any item, 0, 0 if it has none that can be read.
func (f *file) extentsOf(it *item) (w, h int) {
	for i := range min(it.assoc.len(), maxAssociations) {
		index, _ := it.assoc.entry(i)
		if index == 0 || index > len(f.props) || f.props[index-1].typ != "ispe" {
			continue
		}
		if s, err := parseExtents(&f.props[index-1]); err == nil && s.w <= maxSide && s.h <= maxSide {
			return int(s.w), int(s.h)
		}
	}
	return 0, 0
}

// maxSide is the largest side that is passed on as an int, on machines of any
// word size. Pictures have to stay under the pixel limit anyhow.
const maxSide = 1 << 30
