package fuzz

import (
	"bytes"

	"github.com/imgvet/imgvet/detect"
)

func heicBadCases() []Case {
	s := &suite{format: detect.HEIC}
	c := codedSeed("tile.heic")
	heicBadBoxes(s, c)
	heicBadTables(s, c)
	heicBadProperties(s, c)
	heicBadDerived(s, c)
	heicBadStream(s, c)
	return s.cases
}

func heicBadBoxes(s *suite, c coded) {
	good := c.still().file()
	without := func(kind string) []byte {
		h := c.still()
		h.edit = replaceBox(kind, func([]byte) []byte { return nil })
		return h.file()
	}
	meta := bytes.Index(good, []byte("meta")) - 4
	mdat := len(good) - len(c.data) - 8
	s.badOther("ftyp_renamed", patched(good, 4, []byte("fuzz")...), "ISOBMFF 4.3: ftyp comes first")
	s.bad("meta_missing", join(good[:meta], good[mdat:]), "6.2: a still stands in a meta box")
	s.bad("meta_alone", good[:mdat], "ISOBMFF 8.11.3: the item's bytes are gone with mdat")
	s.bad("meta_size_7", patched(good, meta, be32(7)...), "ISOBMFF 4.2: a box is at least its header")
	s.bad("meta_past_the_end", patched(good, meta, be32(1<<30)...), "ISOBMFF 4.2: a box lies inside its file")
	s.bad("meta_ends_in_a_child", patched(good, meta, be32(100)...), "ISOBMFF 4.2: a box lies inside its container")
	s.bad("mdat_past_the_end", patched(good, mdat, be32(uint32(len(c.data)+9))...), "ISOBMFF 4.2: the file is shorter than its last box: the tail is lost")
	s.bad("mdat_half", good[:mdat+8+len(c.data)/2], "ISOBMFF 4.2: half of the coded data is gone")
	s.bad("pitm_missing", without("pitm"), "6.2: a primary item is due")
	s.bad("iinf_missing", without("iinf"), "6.2: item information is due")
	s.bad("iloc_missing", without("iloc"), "6.2: item locations are due")
	s.bad("iprp_missing", without("iprp"), "6.2: hvcC and ispe are due")
	h := c.still()
	h.edit = replaceBox("hdlr", func(b []byte) []byte { return patched(b, 16, []byte("mdta")...) })
	s.bad("hdlr_not_pict", h.file(), "6.2: the handler type is pict")
}

func heicBadTables(s *suite, c coded) {
	replace := func(kind string, by func(b []byte) []byte) []byte {
		h := c.still()
		h.edit = replaceBox(kind, by)
		return h.file()
	}
	// iloc version 1 of one item: count at 14, then ID 16, method 18, reference
	// 20, extents 22, offset 24, length 28.
	s.bad("pitm_of_no_item", replace("pitm", func(b []byte) []byte { return patched(b, 12, 0, 77) }), "ISOBMFF 8.11.4: the primary item exists")
	s.bad("iloc_of_another_item", replace("iloc", func(b []byte) []byte { return patched(b, 16, 0, 77) }), "ISOBMFF 8.11.3: a coded item has a location")
	s.bad("iloc_offset_past_the_end", replace("iloc", func(b []byte) []byte { return setBE32(b, 24, 1<<30) }), "ISOBMFF 8.11.3: an extent lies inside its file")
	s.bad("iloc_length_past_the_end", replace("iloc", func(b []byte) []byte { return setBE32(b, 28, beAt(b, 28)+1) }), "ISOBMFF 8.11.3: an extent lies inside its file")
	s.bad("iloc_sum_wraps", replace("iloc", func(b []byte) []byte { return setBE32(b, 28, 1<<32-1) }), "ISOBMFF 8.11.3: offset + length is over 2^32")
	s.bad("iloc_length_short", replace("iloc", func(b []byte) []byte { return setBE32(b, 28, beAt(b, 28)-9) }), "14496-15 4.3.3: the last NAL unit passes its item")
	s.bad("iloc_version_3", replace("iloc", func(b []byte) []byte { return patched(b, 8, 3) }), "ISOBMFF 8.11.3: versions 0 to 2")
	s.bad("iloc_method_2", replace("iloc", func(b []byte) []byte { return patched(b, 18, 0, 2) }), "ISOBMFF 8.11.3: construction from an item that does not exist")
	s.bad("iloc_method_1_without_idat", replace("iloc", func(b []byte) []byte { return patched(b, 18, 0, 1) }), "ISOBMFF 8.11.11: idat is due")
	s.bad("iloc_sizes_of_5", replace("iloc", func(b []byte) []byte { return patched(b, 12, 0x55) }), "ISOBMFF 8.11.3: field sizes are 0, 4 or 8")
	s.bad("iloc_count_too_high", replace("iloc", func(b []byte) []byte { return patched(b, 14, 0xff, 0xff) }), "ISOBMFF 8.11.3: 65535 entries in the space of one")
	s.bad("iloc_extents_too_many", replace("iloc", func(b []byte) []byte { return patched(b, 22, 0xff, 0xff) }), "ISOBMFF 8.11.3: 65535 extents in the space of one")
	s.bad("iinf_of_another_item", replace("iinf", func(b []byte) []byte { return patched(b, 14+12, 0, 77) }), "ISOBMFF 8.11.6: the primary item has an entry")
	s.bad("ipma_property_past_ipco", c.stillWith(func(h *heif) { h.items[0].props = []int{1, 2, 9} }), "9.3.1: property_index is 0 or one of ipco's")
	s.bad("item_protected", replace("iinf", func(b []byte) []byte { return patched(b, 14+14, 0, 1) }), "ISOBMFF 8.11.6: an item under protection, without ipro")
}

// stillWith is the file of still after an edit.
func (c coded) stillWith(edit func(h *heif)) []byte {
	h := c.still()
	edit(&h)
	return h.file()
}

func heicBadProperties(s *suite, c coded) {
	prop := func(i int, edit func(b []byte) []byte) []byte {
		return c.stillWith(func(h *heif) { h.props[i] = edit(h.props[i]) })
	}
	hvcC := func(edit func(data []byte) []byte) []byte {
		return prop(0, func(b []byte) []byte { return resized(b, edit) })
	}
	s.bad("hvcc_missing", c.stillWith(func(h *heif) { h.items[0].props = []int{2} }), "14496-15 10.3: hvc1 needs its configuration")
	s.bad("hvcc_version_2", hvcC(func(d []byte) []byte { d[0] = 2; return d }), "14496-15 8.3.3.1: configurationVersion is 1")
	s.bad("hvcc_cut", hvcC(func(d []byte) []byte { return d[:len(d)-3] }), "14496-15 8.3.3.1: nalUnitLength bytes")
	s.bad("hvcc_no_arrays", hvcC(func(d []byte) []byte { d[22] = 0; return d[:23] }), "H.265 7.4.2.4.2: parameter sets are due")
	s.bad("hvcc_length_size_3", hvcC(func(d []byte) []byte { d[21] = d[21]&^3 | 2; return d }), "14496-15 8.3.3.1: lengthSizeMinusOne is 0, 1 or 3")
	s.bad("ispe_missing", c.stillWith(func(h *heif) { h.items[0].props = []int{1} }), "6.5.3: every image item has ispe")
	s.bad("ispe_zero_width", prop(1, func([]byte) []byte { return ispe(0, 64) }), "6.5.3: no pixels")
	s.bad("ispe_smaller_than_sps", prop(1, func([]byte) []byte { return ispe(32, 64) }), "6.5.3: the size after decoding is another")
	s.bad("ispe_larger_than_sps", prop(1, func([]byte) []byte { return ispe(64, 128) }), "6.5.3: the size after decoding is another")
	s.bad("sps_larger_than_data", c.stillWith(func(h *heif) { h.props = [][]byte{hvcCFor(128, 128), ispe(128, 128)} }), "H.265 7.3.8: coding tree units for the whole picture")
	extra := func(b []byte) []byte {
		return c.stillWith(func(h *heif) {
			h.props = append(h.props, b)
			h.items[0].props = []int{1, 2, 3}
		})
	}
	s.bad("essential_unknown", extra(box("fuzz", pattern(9, 1))), "6.5.1: an essential property that nobody knows")
	s.bad("clap_outside", extra(setBE32(clap(40, 30), 24, 1000)), "6.5.9: the window lies in the picture")
	s.bad("clap_denominator_0", extra(setBE32(clap(40, 30), 12, 0)), "ISOBMFF 12.1.4: a fraction")
	s.bad("clap_zero_width", extra(clap(0, 30)), "ISOBMFF 12.1.4: no pixels are left")
	s.bad("irot_cut", extra(box("irot")), "6.5.10: one byte")
}

func heicBadDerived(s *suite, c coded) {
	grid := func(rows, columns, w, h int, edit func(f *heif)) []byte {
		f := gridOf(c, rows, columns, w, h)
		if edit != nil {
			edit(&f)
		}
		return f.file()
	}
	last := func(f *heif) *heifItem { return &f.items[len(f.items)-1] }
	s.bad("grid_larger_than_its_tiles", grid(1, 2, 129, 64, nil), "6.6.2.3.2: the tiles cover the output")
	s.bad("grid_row_not_needed", grid(2, 2, 128, 64, nil), "6.6.2.3.2: every tile adds to the output")
	s.bad("grid_tile_too_few", grid(2, 2, 128, 128, func(f *heif) { f.refs[0].to = f.refs[0].to[:3] }), "6.6.2.3.1: rows x columns references")
	s.bad("grid_without_tiles", grid(1, 2, 128, 64, func(f *heif) { f.refs = nil }), "6.6.2.3.1: rows x columns references")
	s.bad("grid_tile_of_no_item", grid(1, 2, 128, 64, func(f *heif) { f.refs[0].to = []int{1, 77} }), "ISOBMFF 8.11.12: a referenced item exists")
	s.bad("grid_of_itself", grid(1, 2, 128, 64, func(f *heif) { f.refs[0].to = []int{500, 500} }), "6.6.1: derivation has no loops")
	s.bad("grid_cut", grid(1, 2, 128, 64, func(f *heif) { last(f).data = last(f).data[:6] }), "6.6.2.3.2: eight bytes")
	s.bad("grid_version_1", grid(1, 2, 128, 64, func(f *heif) { last(f).data[0] = 1 }), "6.6.2.3.2: version is 0")
	s.bad("grid_zero_width", grid(1, 2, 0, 64, func(f *heif) { f.props[2] = ispe(128, 64) }), "6.6.2.3.2: no pixels")
	s.bad("grid_ispe_disagrees", grid(1, 2, 128, 64, func(f *heif) { f.props[2] = ispe(100, 64) }), "6.5.3: ispe is the size of the output")
	s.bad("grid_tile_data_missing", grid(1, 2, 128, 64, func(f *heif) { f.items[1].data = nil }), "H.265 7.3.8: a tile without data")
	s.bad("grid_tile_zeroed", grid(1, 2, 128, 64, func(f *heif) { f.items[1].data = zeroed(c.data, 40, len(c.data)-40) }), "H.265 9.3: the second tile is not the one coded")
	odd := grid(1, 2, 128, 64, func(f *heif) {
		small := codedSeed("gray.heic")
		f.props = append(f.props, small.hvcC, ispe(64, 32))
		f.items[1].props = []int{4, 5}
		f.items[1].data = small.data
	})
	s.bad("grid_tile_of_another_size", odd, "6.6.2.3.1: tiles of one size")
	over := overlayOf(c)
	over.items[2].data = over.items[2].data[:16]
	s.bad("overlay_cut", over.file(), "6.6.2.2.2: an offset for each picture")
	loop := c.still()
	loop.primary = 2
	loop.items = append(loop.items, heifItem{id: 2, kind: "iden", props: []int{2}}, heifItem{id: 3, kind: "iden", props: []int{2}})
	loop.refs = []heifRef{{"dimg", 2, []int{3}}, {"dimg", 3, []int{2}}}
	s.bad("identity_loop", loop.file(), "6.6.1: derivation has no loops")
}

func heicBadStream(s *suite, c coded) {
	with := func(data []byte) []byte { return c.stillWith(func(h *heif) { h.items[0].data = data }) }
	n := len(c.data)
	s.bad("nal_length_past_the_item", with(patched(c.data, 0, be32(uint32(n))...)), "14496-15 4.3.3: a NAL unit lies inside its item")
	s.bad("nal_length_0", with(patched(c.data, 0, be32(0)...)), "H.265 7.3.1.2: a NAL unit has a header")
	s.bad("nal_forbidden_bit", with(patched(c.data, 4, c.data[4]|0x80)), "H.265 7.4.2.2: forbidden_zero_bit")
	s.bad("nal_no_slice", with(join(be32(4), []byte{39 << 1, 1, 0x80, 0x80})), "H.265 7.4.2.4.4: a picture has a slice")
	s.bad("slice_header_only", with(join(be32(4), c.data[4:8])), "H.265 7.3.8: coding tree units are due")
	half := c.data[:n/2]
	s.bad("slice_half", with(join(be32(uint32(len(half)-4)), half[4:])), "H.265 7.3.8: coding tree units up to the end of the picture")
	s.bad("slice_second_half_zeroed", with(zeroed(c.data, n/2, n-n/2)), "H.265 9.3: the code stream is not the one written")
	s.bad("slice_last_quarter_zeroed", with(zeroed(c.data, n*3/4, n-n*3/4)), "H.265 9.3: the code stream is not the one written")
	s.bad("slice_twice", with(join(c.data, c.data)), "H.265 7.4.2.4.4: an item is one picture")
	s.bad("nal_predicted_picture", with(patched(c.data, 4, 1<<1)), "6.2, 14496-15 10.3: a coded still is an IRAP picture")
}
