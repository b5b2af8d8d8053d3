package heic

import (
	"bytes"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/heif"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
)

// Bad are files with one defect each.
func Bad() []cases.Case {
	s := &cases.Suite{Format: detect.HEIC}
	c := heif.Seed("tile.heic")
	badBoxes(s, c)
	badTables(s, c)
	badProperties(s, c)
	badDerived(s, c)
	badStream(s, c)
	return s.Cases
}

func badBoxes(s *cases.Suite, c heif.Coded) {
	good := c.Still().Bytes()
	without := func(kind string) []byte {
		h := c.Still()
		h.Edit = heif.Replace(kind, func([]byte) []byte { return nil })
		return h.Bytes()
	}
	meta := bytes.Index(good, []byte("meta")) - 4
	mdat := len(good) - len(c.Data) - 8
	s.BadOther("ftyp_renamed", pack.Patched(good, 4, []byte("fuzz")...), "ISOBMFF 4.3: ftyp comes first")
	s.Bad("meta_missing", pack.Join(good[:meta], good[mdat:]), "6.2: a still stands in a meta box")
	s.Bad("meta_alone", good[:mdat], "ISOBMFF 8.11.3: the item's bytes are gone with mdat")
	s.Bad("meta_size_7", pack.Patched(good, meta, pack.BE32(7)...), "ISOBMFF 4.2: a box is at least its header")
	s.Bad("meta_past_the_end", pack.Patched(good, meta, pack.BE32(1<<30)...), "ISOBMFF 4.2: a box lies inside its file")
	s.Bad("meta_ends_in_a_child", pack.Patched(good, meta, pack.BE32(100)...), "ISOBMFF 4.2: a box lies inside its container")
	s.Bad("mdat_past_the_end", pack.Patched(good, mdat, pack.BE32(uint32(len(c.Data)+9))...), "ISOBMFF 4.2: the file is shorter than its last box: the tail is lost")
	s.Bad("mdat_half", good[:mdat+8+len(c.Data)/2], "ISOBMFF 4.2: half of the coded data is gone")
	s.Bad("mini_in_place_of_meta", heif.Mini("heic", "mif3heic"), "23008-12 Amd 1: HEVC in a mini box, which no viewer shows, whatever the brands say")
	s.Bad("pitm_missing", without("pitm"), "6.2: a primary item is due")
	s.Bad("iinf_missing", without("iinf"), "6.2: item information is due")
	s.Bad("iloc_missing", without("iloc"), "6.2: item locations are due")
	s.Bad("iprp_missing", without("iprp"), "6.2: hvcC and ispe are due")
	h := c.Still()
	h.Edit = heif.Replace("hdlr", func(b []byte) []byte { return pack.Patched(b, 16, []byte("mdta")...) })
	s.Bad("hdlr_not_pict", h.Bytes(), "6.2: the handler type is pict")
}

func badTables(s *cases.Suite, c heif.Coded) {
	replace := func(kind string, by func(b []byte) []byte) []byte {
		h := c.Still()
		h.Edit = heif.Replace(kind, by)
		return h.Bytes()
	}
	// iloc version 1 of one item: count at 14, then ID 16, method 18, reference
	// 20, extents 22, offset 24, length 28.
	s.Bad("pitm_of_no_item", replace("pitm", func(b []byte) []byte { return pack.Patched(b, 12, 0, 77) }), "ISOBMFF 8.11.4: the primary item exists")
	s.Bad("iloc_of_another_item", replace("iloc", func(b []byte) []byte { return pack.Patched(b, 16, 0, 77) }), "ISOBMFF 8.11.3: a coded item has a location")
	s.Bad("iloc_offset_past_the_end", replace("iloc", func(b []byte) []byte { return pack.SetBE32(b, 24, 1<<30) }), "ISOBMFF 8.11.3: an extent lies inside its file")
	s.Bad("iloc_length_past_the_end", replace("iloc", func(b []byte) []byte { return pack.SetBE32(b, 28, pack.BE32At(b, 28)+1) }), "ISOBMFF 8.11.3: an extent lies inside its file")
	s.Bad("iloc_sum_wraps", replace("iloc", func(b []byte) []byte { return pack.SetBE32(b, 28, 1<<32-1) }), "ISOBMFF 8.11.3: offset + length is over 2^32")
	s.Bad("iloc_length_short", replace("iloc", func(b []byte) []byte { return pack.SetBE32(b, 28, pack.BE32At(b, 28)-9) }), "14496-15 4.3.3: the last NAL unit passes its item")
	s.Bad("iloc_version_3", replace("iloc", func(b []byte) []byte { return pack.Patched(b, 8, 3) }), "ISOBMFF 8.11.3: versions 0 to 2")
	s.Bad("iloc_method_2", replace("iloc", func(b []byte) []byte { return pack.Patched(b, 18, 0, 2) }), "ISOBMFF 8.11.3: construction from an item that does not exist")
	s.Bad("iloc_method_1_without_idat", replace("iloc", func(b []byte) []byte { return pack.Patched(b, 18, 0, 1) }), "ISOBMFF 8.11.11: idat is due")
	s.Bad("iloc_sizes_of_5", replace("iloc", func(b []byte) []byte { return pack.Patched(b, 12, 0x55) }), "ISOBMFF 8.11.3: field sizes are 0, 4 or 8")
	s.Bad("iloc_count_too_high", replace("iloc", func(b []byte) []byte { return pack.Patched(b, 14, 0xff, 0xff) }), "ISOBMFF 8.11.3: 65535 entries in the space of one")
	s.Bad("iloc_extents_too_many", replace("iloc", func(b []byte) []byte { return pack.Patched(b, 22, 0xff, 0xff) }), "ISOBMFF 8.11.3: 65535 extents in the space of one")
	s.Bad("iinf_of_another_item", replace("iinf", func(b []byte) []byte { return pack.Patched(b, 14+12, 0, 77) }), "ISOBMFF 8.11.6: the primary item has an entry")
	s.Bad("ipma_property_past_ipco", c.StillWith(func(h *heif.File) { h.Items[0].Props = []int{1, 2, 9} }), "9.3.1: property_index is 0 or one of ipco's")
	s.Bad("item_protected", replace("iinf", func(b []byte) []byte { return pack.Patched(b, 14+14, 0, 1) }), "ISOBMFF 8.11.6: an item under protection, without ipro")
}

func badProperties(s *cases.Suite, c heif.Coded) {
	prop := func(i int, edit func(b []byte) []byte) []byte {
		return c.StillWith(func(h *heif.File) { h.Props[i] = edit(h.Props[i]) })
	}
	hvcC := func(edit func(data []byte) []byte) []byte {
		return prop(0, func(b []byte) []byte { return heif.Resized(b, edit) })
	}
	s.Bad("hvcc_missing", c.StillWith(func(h *heif.File) { h.Items[0].Props = []int{2} }), "14496-15 10.3: hvc1 needs its configuration")
	s.Bad("hvcc_version_2", hvcC(func(d []byte) []byte { d[0] = 2; return d }), "14496-15 8.3.3.1: configurationVersion is 1")
	s.Bad("hvcc_cut", hvcC(func(d []byte) []byte { return d[:len(d)-3] }), "14496-15 8.3.3.1: nalUnitLength bytes")
	s.Bad("hvcc_no_arrays", hvcC(func(d []byte) []byte { d[22] = 0; return d[:23] }), "H.265 7.4.2.4.2: parameter sets are due")
	s.Bad("hvcc_length_size_3", hvcC(func(d []byte) []byte { d[21] = d[21]&^3 | 2; return d }), "14496-15 8.3.3.1: lengthSizeMinusOne is 0, 1 or 3")
	s.Bad("ispe_missing", c.StillWith(func(h *heif.File) { h.Items[0].Props = []int{1} }), "6.5.3: every image item has ispe")
	s.Bad("ispe_zero_width", prop(1, func([]byte) []byte { return heif.Ispe(0, 64) }), "6.5.3: no pixels")
	s.Bad("ispe_smaller_than_sps", prop(1, func([]byte) []byte { return heif.Ispe(32, 64) }), "6.5.3: the size after decoding is another")
	s.Bad("ispe_larger_than_sps", prop(1, func([]byte) []byte { return heif.Ispe(64, 128) }), "6.5.3: the size after decoding is another")
	s.Bad("sps_larger_than_data", c.StillWith(func(h *heif.File) { h.Props = [][]byte{heif.HvcCFor(128, 128), heif.Ispe(128, 128)} }), "H.265 7.3.8: coding tree units for the whole picture")
	extra := func(b []byte) []byte {
		return c.StillWith(func(h *heif.File) {
			h.Props = append(h.Props, b)
			h.Items[0].Props = []int{1, 2, 3}
		})
	}
	s.Bad("essential_unknown", extra(heif.Box("fuzz", pack.Pattern(9, 1))), "6.5.1: an essential property that nobody knows")
	s.Bad("clap_outside", extra(pack.SetBE32(heif.Clap(40, 30), 24, 1000)), "6.5.9: the window lies in the picture")
	s.Bad("clap_denominator_0", extra(pack.SetBE32(heif.Clap(40, 30), 12, 0)), "ISOBMFF 12.1.4: a fraction")
	s.Bad("clap_zero_width", extra(heif.Clap(0, 30)), "ISOBMFF 12.1.4: no pixels are left")
	s.Bad("irot_cut", extra(heif.Box("irot")), "6.5.10: one byte")
}

func badDerived(s *cases.Suite, c heif.Coded) {
	grid := func(rows, columns, w, h int, edit func(f *heif.File)) []byte {
		f := heif.Grid(c, rows, columns, w, h)
		if edit != nil {
			edit(&f)
		}
		return f.Bytes()
	}
	last := func(f *heif.File) *heif.Item { return &f.Items[len(f.Items)-1] }
	s.Bad("grid_larger_than_its_tiles", grid(1, 2, 129, 64, nil), "6.6.2.3.2: the tiles cover the output")
	s.Bad("grid_row_not_needed", grid(2, 2, 128, 64, nil), "6.6.2.3.2: every tile adds to the output")
	s.Bad("grid_tile_too_few", grid(2, 2, 128, 128, func(f *heif.File) { f.Refs[0].To = f.Refs[0].To[:3] }), "6.6.2.3.1: rows x columns references")
	s.Bad("grid_without_tiles", grid(1, 2, 128, 64, func(f *heif.File) { f.Refs = nil }), "6.6.2.3.1: rows x columns references")
	s.Bad("grid_tile_of_no_item", grid(1, 2, 128, 64, func(f *heif.File) { f.Refs[0].To = []int{1, 77} }), "ISOBMFF 8.11.12: a referenced item exists")
	s.Bad("grid_of_itself", grid(1, 2, 128, 64, func(f *heif.File) { f.Refs[0].To = []int{500, 500} }), "6.6.1: derivation has no loops")
	s.Bad("grid_cut", grid(1, 2, 128, 64, func(f *heif.File) { last(f).Data = last(f).Data[:6] }), "6.6.2.3.2: eight bytes")
	s.Bad("grid_version_1", grid(1, 2, 128, 64, func(f *heif.File) { last(f).Data[0] = 1 }), "6.6.2.3.2: version is 0")
	s.Bad("grid_zero_width", grid(1, 2, 0, 64, func(f *heif.File) { f.Props[2] = heif.Ispe(128, 64) }), "6.6.2.3.2: no pixels")
	s.Bad("grid_ispe_disagrees", grid(1, 2, 128, 64, func(f *heif.File) { f.Props[2] = heif.Ispe(100, 64) }), "6.5.3: ispe is the size of the output")
	s.Bad("grid_tile_data_missing", grid(1, 2, 128, 64, func(f *heif.File) { f.Items[1].Data = nil }), "H.265 7.3.8: a tile without data")
	s.Bad("grid_tile_zeroed", grid(1, 2, 128, 64, func(f *heif.File) { f.Items[1].Data = pack.Zeroed(c.Data, 40, len(c.Data)-40) }), "H.265 9.3: the second tile is not the one coded")
	odd := grid(1, 2, 128, 64, func(f *heif.File) {
		small := heif.Seed("gray.heic")
		f.Props = append(f.Props, small.HvcC, heif.Ispe(64, 32))
		f.Items[1].Props = []int{4, 5}
		f.Items[1].Data = small.Data
	})
	s.Bad("grid_tile_of_another_size", odd, "6.6.2.3.1: tiles of one size")
	over := heif.Overlay(c)
	over.Items[2].Data = over.Items[2].Data[:16]
	s.Bad("overlay_cut", over.Bytes(), "6.6.2.2.2: an offset for each picture")
	loop := c.Still()
	loop.Primary = 2
	loop.Items = append(loop.Items, heif.Item{ID: 2, Kind: "iden", Props: []int{2}}, heif.Item{ID: 3, Kind: "iden", Props: []int{2}})
	loop.Refs = []heif.Ref{{Kind: "dimg", From: 2, To: []int{3}}, {Kind: "dimg", From: 3, To: []int{2}}}
	s.Bad("identity_loop", loop.Bytes(), "6.6.1: derivation has no loops")
}

func badStream(s *cases.Suite, c heif.Coded) {
	with := func(data []byte) []byte { return c.StillWith(func(h *heif.File) { h.Items[0].Data = data }) }
	n := len(c.Data)
	s.Bad("nal_length_past_the_item", with(pack.Patched(c.Data, 0, pack.BE32(uint32(n))...)), "14496-15 4.3.3: a NAL unit lies inside its item")
	s.Bad("nal_length_0", with(pack.Patched(c.Data, 0, pack.BE32(0)...)), "H.265 7.3.1.2: a NAL unit has a header")
	s.Bad("nal_forbidden_bit", with(pack.Patched(c.Data, 4, c.Data[4]|0x80)), "H.265 7.4.2.2: forbidden_zero_bit")
	s.Bad("nal_no_slice", with(pack.Join(pack.BE32(4), []byte{39 << 1, 1, 0x80, 0x80})), "H.265 7.4.2.4.4: a picture has a slice")
	s.Bad("slice_header_only", with(pack.Join(pack.BE32(4), c.Data[4:8])), "H.265 7.3.8: coding tree units are due")
	half := c.Data[:n/2]
	s.Bad("slice_half", with(pack.Join(pack.BE32(uint32(len(half)-4)), half[4:])), "H.265 7.3.8: coding tree units up to the end of the picture")
	s.Bad("slice_second_half_zeroed", with(pack.Zeroed(c.Data, n/2, n-n/2)), "H.265 9.3: the code stream is not the one written")
	s.Bad("slice_last_quarter_zeroed", with(pack.Zeroed(c.Data, n*3/4, n-n*3/4)), "H.265 9.3: the code stream is not the one written")
	s.Bad("slice_twice", with(pack.Join(c.Data, c.Data)), "H.265 7.4.2.4.4: an item is one picture")
	s.Bad("nal_predicted_picture", with(pack.Patched(c.Data, 4, 1<<1)), "6.2, 14496-15 10.3: a coded still is an IRAP picture")
}
