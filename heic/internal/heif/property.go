package heif

import (
	"encoding/binary"

	"github.com/imgvet/imgvet/heic/internal/bmff"
	"github.com/imgvet/imgvet/internal/verify"
)

// associations are the properties of one item: a run of entries of ipma
// (14496-12, 8.11.14), read where they are needed.
type associations struct {
	b    []byte
	wide bool // entries of two bytes, not one
	at   int  // offset of b in the file; 0 if the item has no entry
}

func (a *associations) Len() int {
	if a.wide {
		return len(a.b) / 2
	}
	return len(a.b)
}

// Entry returns the property index, from 1, and whether it is essential.
func (a *associations) Entry(i int) (index int, essential bool) {
	if a.wide {
		v := binary.BigEndian.Uint16(a.b[2*i:])
		return int(v & 0x7fff), v&0x8000 != 0
	}
	return int(a.b[i] & 0x7f), a.b[i]&0x80 != 0
}

// parseProperties reads iprp: ipco and every ipma.
func (f *File) parseProperties(b *bmff.Box) error {
	c := b.Cursor()
	var ipco bmff.Box // without a type until it is found
	var ipmas [4]bmff.Box
	ipma := ipmas[:0]
	for c.Len() > 0 {
		child, err := bmff.Next(&c)
		if err != nil {
			return err
		}
		switch child.Type {
		case "ipco":
			if ipco.Type != "" {
				return verify.Faultf(verify.Malformed, child.At, "second ipco box")
			}
			ipco = child
		case "ipma":
			// One for each pair of version and flags; four can be told apart.
			if len(ipma) == len(ipmas) {
				return verify.Faultf(verify.Malformed, child.At, "over four ipma boxes")
			}
			ipma = append(ipma, child)
		}
	}
	if ipco.Type == "" || len(ipma) == 0 {
		return verify.Faultf(verify.Malformed, b.At, "iprp without ipco or ipma")
	}
	f.PropertyBoxes = make([]bmff.Box, 0, min(len(ipco.Data)/16, 16))
	for pc := ipco.Cursor(); pc.Len() > 0; {
		p, err := bmff.Next(&pc)
		if err != nil {
			return err
		}
		if len(f.PropertyBoxes) == maxProperties {
			return verify.TooMany(p.At, "properties", maxProperties, maxProperties+1)
		}
		f.PropertyBoxes = append(f.PropertyBoxes, p)
	}
	for i := range ipma {
		if err := f.parseAssociations(&ipma[i]); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) parseAssociations(b *bmff.Box) error {
	c, version, flags := b.FullBox()
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
		it := f.Item(id)
		if it == nil {
			continue
		}
		if it.Assoc.at != 0 {
			return verify.Faultf(verify.Malformed, at, "item %d has its properties twice", id)
		}
		it.Assoc = a
	}
	return c.Err()
}

// ispeSlack is by how many samples ispe may differ from the stream: less than a block of
// the smallest size, which is what a conformance window has to cut away.
const ispeSlack = 8

// Properties are what ipma ties to an item, as far as a picture needs it.
type Properties struct {
	Size    Size // ispe, or the stream's where they differ by less than ispeSlack
	Stated  Size // ispe
	SizeAt  int
	Config  *Config // hvcC
	Steps   []step  // irot, imir and clap in order
	Colour  *NCLX
	Channel []uint8 // pixi: bits of each channel
	PixiAt  int
}

// NCLX is the colour information of a colr box (14496-12, 12.1.5), in the code
// points of ITU-T H.273.
type NCLX struct {
	primaries, transfer, Matrix uint16
	FullRange                   bool
}

// Properties reads the properties of an item that the shown picture needs.
func (f *File) Properties(it *Item) (Properties, error) {
	p := Properties{}
	if n := it.Assoc.Len(); n > MaxAssociations {
		return p, verify.TooMany(it.Assoc.at, "properties of one item", MaxAssociations, int64(n))
	}
	for i := range it.Assoc.Len() {
		index, essential := it.Assoc.Entry(i)
		if index == 0 {
			continue // 14496-12, 8.11.14.3: "0 indicating that no property is associated"
		}
		if index > len(f.PropertyBoxes) {
			return p, verify.Faultf(verify.Malformed, it.Assoc.at, "item %d: property %d of %d", it.ID, index, len(f.PropertyBoxes))
		}
		if err := f.addProperty(&p, index-1, essential); err != nil {
			return p, bmff.InBox(err)
		}
	}
	if p.Size.W == 0 {
		// 23008-12, 6.5.3.1: ispe is mandatory for image items.
		return p, verify.Faultf(verify.Malformed, it.At, "item %d has no ispe", it.ID)
	}
	p.Stated = p.Size
	if c := p.Config; c != nil {
		// Qt writes the size before the stream's conformance window is cut out. libheif
		// shows what the stream holds.
		w, h := int64(c.SPS.Width), int64(c.SPS.Height)
		if max(w-p.Size.W, p.Size.W-w, h-p.Size.H, p.Size.H-h) < ispeSlack {
			p.Size = Size{w, h}
		}
	}
	return p, nil
}

func (f *File) addProperty(p *Properties, index int, essential bool) error {
	b := &f.PropertyBoxes[index]
	switch b.Type {
	case "ispe":
		s, err := parseExtents(b)
		if err == nil && p.Size.W != 0 && s != p.Size {
			err = verify.Faultf(verify.Malformed, b.At, "two ispe of one item")
		}
		p.Size, p.SizeAt = s, b.At
		return err
	case "hvcC":
		if p.Config != nil {
			return verify.Faultf(verify.Malformed, b.At, "two hvcC of one item")
		}
		c, err := f.config(index)
		p.Config = c
		return err
	case "irot", "imir", "clap":
		s, err := parseStep(b)
		p.Steps = append(p.Steps, s)
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
			return verify.Faultf(verify.Unsupported, b.At, "unknown essential property")
		}
	}
	return nil
}

// parseExtents reads ispe (23008-12, 6.5.3).
func parseExtents(b *bmff.Box) (Size, error) {
	c, _, _ := b.FullBox()
	s := Size{int64(c.Uint32BE("image_width")), int64(c.Uint32BE("image_height"))}
	if err := c.Err(); err != nil {
		return Size{}, err
	}
	if s.W == 0 || s.H == 0 {
		return Size{}, verify.Faultf(verify.Malformed, b.At, "ispe: zero width or height")
	}
	return s, nil
}

// addColour reads colr. No viewer refuses a picture over it.
func (f *File) addColour(p *Properties, b *bmff.Box) {
	c := b.Cursor()
	if string(c.Bytes(4, "colour_type")) == "nclx" {
		n := NCLX{
			primaries: c.Uint16BE("colour_primaries"),
			transfer:  c.Uint16BE("transfer_characteristics"),
			Matrix:    c.Uint16BE("matrix_coefficients"),
			FullRange: c.Uint8("full_range_flag")&0x80 != 0,
		}
		if c.Err() == nil {
			p.Colour = &n
		}
	}
	if c.Err() != nil {
		f.warn(verify.BadMetadata, b.At, "colr is too short")
	}
}

// addPixi reads pixi (23008-12, 6.5.6), which repeats what the stream says.
func (f *File) addPixi(p *Properties, b *bmff.Box) {
	c, _, _ := b.FullBox()
	bits := c.Bytes(int(c.Uint8("num_channels")), "bits_per_channel")
	if c.Err() != nil {
		f.warn(verify.BadMetadata, b.At, "pixi is too short")
		return
	}
	p.Channel, p.PixiAt = bits, b.At
}

// AuxiliaryType returns the type that auxC gives an item, or nil (23008-12, 6.5.8).
func (f *File) AuxiliaryType(it *Item) []byte {
	for i := range min(it.Assoc.Len(), MaxAssociations) {
		index, _ := it.Assoc.Entry(i)
		if index == 0 || index > len(f.PropertyBoxes) || f.PropertyBoxes[index-1].Type != "auxC" {
			continue
		}
		c, _, _ := f.PropertyBoxes[index-1].FullBox()
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

// IsAlpha tells whether an auxiliary item is an alpha plane (23008-12, 6.5.8 and
// 14496-15; the second name is MIAF's).
func (f *File) IsAlpha(it *Item) bool {
	switch string(f.AuxiliaryType(it)) {
	case "urn:mpeg:hevc:2015:auxid:1", "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha":
		return true
	}
	return false
}

// AlphaOf returns the alpha plane of an item, nil if it has none: the first of them in the
// order of the tables, as libheif has it.
func (f *File) AlphaOf(it *Item) *Item {
	if f.alphas == nil {
		f.alphas = make(map[uint32]*Item)
		for i := range f.References {
			r := &f.References[i]
			if string(r.Type[:]) != "auxl" {
				continue
			}
			plane := f.Item(r.From)
			if plane == nil || !f.IsAlpha(plane) {
				continue
			}
			for j := range r.Len() {
				id := r.ID(j)
				if _, ok := f.alphas[id]; !ok && f.Item(id) != nil { // a file may name more that are not there than memory holds
					f.alphas[id] = plane
				}
			}
		}
	}
	return f.alphas[it.ID]
}

// ExtentsOf returns the ispe of any item, 0, 0 if it has none that can be read.
func (f *File) ExtentsOf(it *Item) (w, h int) {
	for i := range min(it.Assoc.Len(), MaxAssociations) {
		index, _ := it.Assoc.Entry(i)
		if index == 0 || index > len(f.PropertyBoxes) || f.PropertyBoxes[index-1].Type != "ispe" {
			continue
		}
		if s, err := parseExtents(&f.PropertyBoxes[index-1]); err == nil && s.W <= MaxSide && s.H <= MaxSide {
			return int(s.W), int(s.H)
		}
	}
	return 0, 0
}

// MaxSide is the largest side that is passed on as an int, on machines of any
// word size. Pictures have to stay under the pixel limit anyhow.
const MaxSide = 1 << 30
