package fuzz

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
)

// The sections named here are those of ISO/IEC 23008-12:2022 (HEIF) and ISO/IEC
// 14496-12:2022 (ISOBMFF, marked so), 14496-15 (hvcC) and H.265 V10.

func heicGoodCases() []Case {
	s := &suite{format: detect.HEIC}
	for _, k := range []struct{ name, why string }{
		{"tile", "6.2: one hvc1 item, Main Still Picture, 4:2:0"},
		{"gray", "H.265 table 6-1: 4:0:0"},
		{"444", "H.265 table 6-1: 4:4:4"},
		{"ten-bit", "H.265 A.3.3: Main 10"},
		{"alpha", "6.6.2.1, 6.5.8: alpha as an auxiliary item"},
		{"odd", "6.5.9: odd size, cropped by clap from an even one"},
	} {
		s.good("kind_"+k.name, seed(k.name+".heic"), k.why)
	}
	heicGoodContainers(s)
	heicGoodProperties(s)
	heicGoodItems(s)
	return s.cases
}

func heicGoodContainers(s *suite) {
	c := codedSeed("tile.heic")
	with := func(edit func(h *heif)) []byte { h := c.still(); edit(&h); return h.file() }
	s.good("plain", c.still().file(), "6.2: the least that a still needs")
	s.good("brand_mif1_major", with(func(h *heif) { h.major = "mif1" }), "10.2: mif1 as the major brand, heic compatible")
	s.good("brand_mif1_only", with(func(h *heif) { h.major, h.brands = "mif1", []string{"mif1"} }), "10.2: the primary item tells the codec")
	s.good("brands_unknown_too", with(func(h *heif) { h.brands = []string{"mif1", "heic", "fuzz", "miaf"} }), "ISOBMFF 4.3: unknown brands do no harm")
	s.good("mdat_before_meta", with(func(h *heif) { h.mdatFirst = true }), "ISOBMFF 6.3.4: boxes stand in any order")
	s.good("free_box", with(func(h *heif) { h.between = box("free", pattern(40, 1)) }), "ISOBMFF 8.1.2: free space is ignored")
	s.good("unknown_box", with(func(h *heif) { h.between = box("fuZz", pattern(40, 1)) }), "ISOBMFF 4.2: unknown boxes are ignored")
	s.good("uuid_box", with(func(h *heif) { h.between = box("uuid", pattern(40, 1)) }), "ISOBMFF 11.1: extended types")
	s.good("extents_3", with(func(h *heif) { h.extents = 3 }), "ISOBMFF 8.11.3: an item in several extents")
	s.good("item_in_idat", with(func(h *heif) { h.items[0].idat = true }), "ISOBMFF 8.11.3: construction method 1")
	s.good("unknown_meta_box", with(func(h *heif) {
		h.edit = replaceBox("iprp", func(b []byte) []byte { return join(b, box("fuZz", pattern(9, 1))) })
	}), "ISOBMFF 4.2: unknown boxes are ignored")
	whole := c.still().file()
	mdat := len(whole) - len(c.data) - 8
	s.good("mdat_to_the_end", patched(whole, mdat, be32(0)...), "ISOBMFF 4.2: size 0 is up to the end of the file")
	large := with(func(h *heif) {
		h.edit = replaceBox("iloc", func(b []byte) []byte { return setBE32(b, 24, beAt(b, 24)+8) })
	})
	s.good("mdat_64_bit_size", join(large[:mdat], be32(1), []byte("mdat"), be32(0), be32(uint32(16+len(c.data))), c.data), "ISOBMFF 4.2: size 1 is a 64-bit size")
	heicGoodTables(s, c)
}

// heicGoodTables has the other versions of iloc, iinf and ipma.
func heicGoodTables(s *suite, c coded) {
	replace := func(kind string, by func(b []byte) []byte) []byte {
		h := c.still()
		h.edit = replaceBox(kind, by)
		return h.file()
	}
	at := func(b []byte) uint32 { return beAt(b, 24) }
	n := be32(uint32(len(c.data)))
	s.good("iloc_version_0", replace("iloc", func(b []byte) []byte {
		return fullBox("iloc", 0, 0, []byte{0x44, 0x00}, be16(1), be16(1), be16(0), be16(1), be32(at(b)), n)
	}), "ISOBMFF 8.11.3: version 0 has no construction method")
	s.good("iloc_version_2", replace("iloc", func(b []byte) []byte {
		return fullBox("iloc", 2, 0, []byte{0x44, 0x00}, be32(1), be32(1), be16(0), be16(0), be16(1), be32(at(b)), n)
	}), "ISOBMFF 8.11.3: version 2 has 32-bit item numbers")
	s.good("iloc_base_offset", replace("iloc", func(b []byte) []byte {
		return fullBox("iloc", 0, 0, []byte{0x44, 0x40}, be16(1), be16(1), be16(0), be32(at(b)-5), be16(1), be32(5), n)
	}), "ISOBMFF 8.11.3: extent offsets count from base_offset")
	s.good("iloc_64_bit", replace("iloc", func(b []byte) []byte {
		return fullBox("iloc", 0, 0, []byte{0x88, 0x80}, be16(1), be16(1), be16(0), make([]byte, 8), be16(1), be32(0), be32(at(b)), be32(0), n)
	}), "ISOBMFF 8.11.3: sizes of 8 bytes")
	s.good("infe_version_3", replace("iinf", func([]byte) []byte {
		return fullBox("iinf", 1, 0, be32(1), fullBox("infe", 3, 0, be32(1), be16(0), []byte("hvc1"), []byte{0}))
	}), "ISOBMFF 8.11.6: 32-bit counts and item numbers")
	s.good("ipma_wide", replace("iprp", func([]byte) []byte {
		return box("iprp", box("ipco", c.hvcC, c.ispe), fullBox("ipma", 1, 1, be32(1), be32(1), []byte{2}, be16(0x8001), be16(2)))
	}), "9.3.1: version 1 and 15-bit property numbers")
}

// beAt reads four bytes of a box.
func beAt(b []byte, at int) uint32 {
	return uint32(b[at])<<24 | uint32(b[at+1])<<16 | uint32(b[at+2])<<8 | uint32(b[at+3])
}

func heicGoodProperties(s *suite) {
	c := codedSeed("tile.heic")
	with := func(props ...[]byte) []byte {
		h := c.still()
		for _, p := range props {
			h.props = append(h.props, p)
			h.items[0].props = append(h.items[0].props, len(h.props))
		}
		return h.file()
	}
	for turns := range 4 {
		s.good(fmt.Sprintf("irot_%d", 90*turns), with(box("irot", []byte{byte(turns)})), "6.5.10: quarter turns")
	}
	for axis := range 2 {
		s.good(fmt.Sprintf("imir_%d", axis), with(box("imir", []byte{byte(axis)})), "6.5.12: mirrored")
		s.good(fmt.Sprintf("irot_90_imir_%d", axis), with(box("irot", []byte{1}), box("imir", []byte{byte(axis)})), "6.3: transforms apply in the order of ipma")
	}
	s.good("clap", with(clap(40, 30)), "6.5.9: a window in the middle")
	s.good("pixi", with(fullBox("pixi", 0, 0, []byte{3, 8, 8, 8})), "6.5.6: three channels of 8 bits")
	s.good("pasp", with(box("pasp", be32(1), be32(1))), "6.5.4: square pixels")
	s.good("colr_nclx", with(box("colr", []byte("nclx"), be16(1), be16(13), be16(6), []byte{0x80})), "ISOBMFF 12.1.5: code points")
	s.good("property_unknown", with(box("fuZz", pattern(9, 1))), "6.5.1: a property that is not essential may be ignored")
}

// clap is a centred window of w x h (ISO/IEC 14496-12 12.1.4).
func clap(w, h int) []byte {
	return box("clap", be32(uint32(w)), be32(1), be32(uint32(h)), be32(1), be32(0), be32(1), be32(0), be32(1))
}

// exifItem returns h with an Exif item about its primary item (annex A.2.1).
func exifItem(h heif, data []byte) heif {
	h.items = append(h.items, heifItem{id: 900, kind: "Exif", data: data})
	h.refs = append(h.refs, heifRef{"cdsc", 900, []int{h.primary}})
	return h
}

func heicGoodItems(s *suite) {
	c := codedSeed("tile.heic")
	for _, g := range []struct{ rows, columns, w, h int }{{1, 2, 128, 64}, {2, 1, 64, 128}, {2, 2, 128, 128}, {2, 2, 101, 77}, {3, 3, 192, 192}, {1, 5, 300, 64}} {
		s.good(fmt.Sprintf("grid_%dx%d_of_%dx%d", g.rows, g.columns, g.w, g.h), gridOf(c, g.rows, g.columns, g.w, g.h).file(),
			"6.6.2.3: tiles of one size, the last ones cropped; data in idat, as phones write it")
	}
	rotated := gridOf(c, 1, 2, 128, 64)
	rotated.props = append(rotated.props, box("irot", []byte{3}))
	rotated.items[len(rotated.items)-1].props = []int{3, 4}
	s.good("grid_irot", rotated.file(), "6.6.2.3, 6.5.10: a phone held upright")
	s.good("exif", exifItem(c.still(), join(be32(0), tinyTIFF(1))).file(), "A.2.1: Exif behind a four-byte offset")
	s.good("exif_behind_a_header", exifItem(c.still(), join(be32(6), []byte("Exif\x00\x00"), tinyTIFF(1))).file(), "A.2.1: the offset skips the header")

	xmp := c.still()
	xmp.items = append(xmp.items, heifItem{id: 2, kind: "mime", data: []byte("<x:xmpmeta/>"), more: []byte("application/rdf+xml\x00")})
	xmp.refs = []heifRef{{"cdsc", 2, []int{1}}}
	s.good("xmp", xmp.file(), "A.3: XMP as a mime item")

	thumb := c.still()
	thumb.items = append(thumb.items, heifItem{id: 2, kind: "hvc1", data: c.data, props: []int{1, 2}})
	thumb.refs = []heifRef{{"thmb", 2, []int{1}}}
	s.good("thumbnail", thumb.file(), "6.4.4: a thumbnail of the primary item")

	second := c.still()
	second.items = append(second.items, heifItem{id: 2, kind: "hvc1", data: c.data, props: []int{1, 2}})
	s.good("two_pictures", second.file(), "6.2: a collection: the primary item is shown")

	gray := codedSeed("gray.heic")
	alpha := c.still()
	alpha.props = append(alpha.props, gray.hvcC, gray.ispe, fullBox("auxC", 0, 0, []byte("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\x00")))
	alpha.items = append(alpha.items, heifItem{id: 2, kind: "hvc1", data: gray.data, props: []int{3, 4, 5}, hidden: true})
	alpha.refs = []heifRef{{"auxl", 2, []int{1}}}
	s.good("alpha_item", alpha.file(), "6.5.8: alpha as an auxiliary item")

	iden := c.still()
	iden.primary = 2
	iden.props = append(iden.props, box("irot", []byte{1}))
	iden.items[0].hidden = true
	iden.items = append(iden.items, heifItem{id: 2, kind: "iden", props: []int{2, 3}})
	iden.refs = []heifRef{{"dimg", 2, []int{1}}}
	s.good("identity", iden.file(), "6.6.2.1: the same picture, turned")
	s.good("overlay", overlayOf(c).file(), "6.6.2.2: two pictures on a canvas")
}

// overlayOf places the same picture twice on a canvas of 96x80.
func overlayOf(c coded) heif {
	h := c.still()
	h.primary = 3
	h.props = append(h.props, ispe(96, 80))
	h.items[0].hidden = true
	canvas := join([]byte{0, 0}, be16(0xffff), be16(0), be16(0), be16(0xffff), be16(96), be16(80), be16(0), be16(0), be16(32), be16(16))
	h.items = append(h.items,
		heifItem{id: 2, kind: "hvc1", data: c.data, props: []int{1, 2}, hidden: true},
		heifItem{id: 3, kind: "iovl", idat: true, props: []int{3}, data: canvas})
	h.refs = []heifRef{{"dimg", 3, []int{1, 2}}}
	return h
}
