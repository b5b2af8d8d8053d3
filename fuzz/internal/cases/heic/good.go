package heic

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/heif"
	"github.com/imgvet/imgvet/fuzz/internal/build/meta"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
	"github.com/imgvet/imgvet/fuzz/internal/seeds"
)

// The sections named here are those of ISO/IEC 23008-12:2022 (HEIF) and ISO/IEC
// 14496-12:2022 (ISOBMFF, marked so), 14496-15 (hvcC) and H.265 V10.

// Good are files that pass; a few of them with a warning.
func Good() []cases.Case {
	s := &cases.Suite{Format: detect.HEIC}
	for _, k := range []struct{ name, why string }{
		{"tile", "6.2: one hvc1 item, Main Still Picture, 4:2:0"},
		{"gray", "H.265 table 6-1: 4:0:0"},
		{"444", "H.265 table 6-1: 4:4:4"},
		{"ten-bit", "H.265 A.3.3: Main 10"},
		{"alpha", "6.6.2.1, 6.5.8: alpha as an auxiliary item"},
		{"odd", "6.5.9: odd size, cropped by clap from an even one"},
	} {
		s.Good("kind_"+k.name, seeds.Get(k.name+".heic"), k.why)
	}
	goodContainers(s)
	goodProperties(s)
	goodItems(s)
	return s.Cases
}

func goodContainers(s *cases.Suite) {
	c := heif.Seed("tile.heic")
	with := func(edit func(h *heif.File)) []byte { h := c.Still(); edit(&h); return h.Bytes() }
	s.Good("plain", c.Still().Bytes(), "6.2: the least that a still needs")
	s.Good("brand_mif1_major", with(func(h *heif.File) { h.Major = "mif1" }), "10.2: mif1 as the major brand, heic compatible")
	s.Good("brand_mif1_only", with(func(h *heif.File) { h.Major, h.Brands = "mif1", []string{"mif1"} }), "10.2: the primary item tells the codec")
	s.Good("brands_unknown_too", with(func(h *heif.File) { h.Brands = []string{"mif1", "heic", "fuzz", "miaf"} }), "ISOBMFF 4.3: unknown brands do no harm")
	s.Good("brand_mif3_too", with(func(h *heif.File) { h.Brands = []string{"mif1", "mif3", "heic"} }), "23008-12 Amd 1: a reader of mif3 reads meta boxes too")
	s.Good("mdat_before_meta", with(func(h *heif.File) { h.MdatFirst = true }), "ISOBMFF 6.3.4: boxes stand in any order")
	s.Good("free_box", with(func(h *heif.File) { h.Between = heif.Box("free", pack.Pattern(40, 1)) }), "ISOBMFF 8.1.2: free space is ignored")
	s.Good("unknown_box", with(func(h *heif.File) { h.Between = heif.Box("fuZz", pack.Pattern(40, 1)) }), "ISOBMFF 4.2: unknown boxes are ignored")
	s.Good("uuid_box", with(func(h *heif.File) { h.Between = heif.Box("uuid", pack.Pattern(40, 1)) }), "ISOBMFF 11.1: extended types")
	s.Good("extents_3", with(func(h *heif.File) { h.Extents = 3 }), "ISOBMFF 8.11.3: an item in several extents")
	s.Good("item_in_idat", with(func(h *heif.File) { h.Items[0].Idat = true }), "ISOBMFF 8.11.3: construction method 1")
	s.Good("unknown_meta_box", with(func(h *heif.File) {
		h.Edit = heif.Replace("iprp", func(b []byte) []byte { return pack.Join(b, heif.Box("fuZz", pack.Pattern(9, 1))) })
	}), "ISOBMFF 4.2: unknown boxes are ignored")
	whole := c.Still().Bytes()
	mdat := len(whole) - len(c.Data) - 8
	s.Good("mdat_to_the_end", pack.Patched(whole, mdat, pack.BE32(0)...), "ISOBMFF 4.2: size 0 is up to the end of the file")
	large := with(func(h *heif.File) {
		h.Edit = heif.Replace("iloc", func(b []byte) []byte { return pack.SetBE32(b, 24, pack.BE32At(b, 24)+8) })
	})
	s.Good("mdat_64_bit_size", pack.Join(large[:mdat], pack.BE32(1), []byte("mdat"), pack.BE32(0), pack.BE32(uint32(16+len(c.Data))), c.Data), "ISOBMFF 4.2: size 1 is a 64-bit size")
	goodTables(s, c)
}

// goodTables has the other versions of iloc, iinf and ipma.
func goodTables(s *cases.Suite, c heif.Coded) {
	replace := func(kind string, by func(b []byte) []byte) []byte {
		h := c.Still()
		h.Edit = heif.Replace(kind, by)
		return h.Bytes()
	}
	at := func(b []byte) uint32 { return pack.BE32At(b, 24) }
	n := pack.BE32(uint32(len(c.Data)))
	s.Good("iloc_version_0", replace("iloc", func(b []byte) []byte {
		return heif.FullBox("iloc", 0, 0, []byte{0x44, 0x00}, pack.BE16(1), pack.BE16(1), pack.BE16(0), pack.BE16(1), pack.BE32(at(b)), n)
	}), "ISOBMFF 8.11.3: version 0 has no construction method")
	s.Good("iloc_version_2", replace("iloc", func(b []byte) []byte {
		return heif.FullBox("iloc", 2, 0, []byte{0x44, 0x00}, pack.BE32(1), pack.BE32(1), pack.BE16(0), pack.BE16(0), pack.BE16(1), pack.BE32(at(b)), n)
	}), "ISOBMFF 8.11.3: version 2 has 32-bit item numbers")
	s.Good("iloc_base_offset", replace("iloc", func(b []byte) []byte {
		return heif.FullBox("iloc", 0, 0, []byte{0x44, 0x40}, pack.BE16(1), pack.BE16(1), pack.BE16(0), pack.BE32(at(b)-5), pack.BE16(1), pack.BE32(5), n)
	}), "ISOBMFF 8.11.3: extent offsets count from base_offset")
	s.Good("iloc_64_bit", replace("iloc", func(b []byte) []byte {
		return heif.FullBox("iloc", 0, 0, []byte{0x88, 0x80}, pack.BE16(1), pack.BE16(1), pack.BE16(0), make([]byte, 8), pack.BE16(1), pack.BE32(0), pack.BE32(at(b)), pack.BE32(0), n)
	}), "ISOBMFF 8.11.3: sizes of 8 bytes")
	s.Good("infe_version_3", replace("iinf", func([]byte) []byte {
		return heif.FullBox("iinf", 1, 0, pack.BE32(1), heif.FullBox("infe", 3, 0, pack.BE32(1), pack.BE16(0), []byte("hvc1"), []byte{0}))
	}), "ISOBMFF 8.11.6: 32-bit counts and item numbers")
	s.Good("ipma_wide", replace("iprp", func([]byte) []byte {
		return heif.Box("iprp", heif.Box("ipco", c.HvcC, c.Ispe), heif.FullBox("ipma", 1, 1, pack.BE32(1), pack.BE32(1), []byte{2}, pack.BE16(0x8001), pack.BE16(2)))
	}), "9.3.1: version 1 and 15-bit property numbers")
}

func goodProperties(s *cases.Suite) {
	c := heif.Seed("tile.heic")
	with := func(props ...[]byte) []byte {
		h := c.Still()
		for _, p := range props {
			h.Props = append(h.Props, p)
			h.Items[0].Props = append(h.Items[0].Props, len(h.Props))
		}
		return h.Bytes()
	}
	for turns := range 4 {
		s.Good(fmt.Sprintf("irot_%d", 90*turns), with(heif.Box("irot", []byte{byte(turns)})), "6.5.10: quarter turns")
	}
	for axis := range 2 {
		s.Good(fmt.Sprintf("imir_%d", axis), with(heif.Box("imir", []byte{byte(axis)})), "6.5.12: mirrored")
		s.Good(fmt.Sprintf("irot_90_imir_%d", axis), with(heif.Box("irot", []byte{1}), heif.Box("imir", []byte{byte(axis)})), "6.3: transforms apply in the order of ipma")
	}
	s.Good("clap", with(heif.Clap(40, 30)), "6.5.9: a window in the middle")
	s.Good("pixi", with(heif.FullBox("pixi", 0, 0, []byte{3, 8, 8, 8})), "6.5.6: three channels of 8 bits")
	s.Good("pasp", with(heif.Box("pasp", pack.BE32(1), pack.BE32(1))), "6.5.4: square pixels")
	s.Good("colr_nclx", with(heif.Box("colr", []byte("nclx"), pack.BE16(1), pack.BE16(13), pack.BE16(6), []byte{0x80})), "ISOBMFF 12.1.5: code points")
	s.Good("property_unknown", with(heif.Box("fuZz", pack.Pattern(9, 1))), "6.5.1: a property that is not essential may be ignored")
}

func goodItems(s *cases.Suite) {
	c := heif.Seed("tile.heic")
	for _, g := range []struct{ rows, columns, w, h int }{{1, 2, 128, 64}, {2, 1, 64, 128}, {2, 2, 128, 128}, {2, 2, 101, 77}, {3, 3, 192, 192}, {1, 5, 300, 64}} {
		s.Good(fmt.Sprintf("grid_%dx%d_of_%dx%d", g.rows, g.columns, g.w, g.h), heif.Grid(c, g.rows, g.columns, g.w, g.h).Bytes(),
			"6.6.2.3: tiles of one size, the last ones cropped; data in idat, as phones write it")
	}
	rotated := heif.Grid(c, 1, 2, 128, 64)
	rotated.Props = append(rotated.Props, heif.Box("irot", []byte{3}))
	rotated.Items[len(rotated.Items)-1].Props = []int{3, 4}
	s.Good("grid_irot", rotated.Bytes(), "6.6.2.3, 6.5.10: a phone held upright")
	s.Good("exif", heif.WithExif(c.Still(), pack.Join(pack.BE32(0), meta.TIFF(1))).Bytes(), "A.2.1: Exif behind a four-byte offset")
	s.Good("exif_behind_a_header", heif.WithExif(c.Still(), pack.Join(pack.BE32(6), []byte("Exif\x00\x00"), meta.TIFF(1))).Bytes(), "A.2.1: the offset skips the header")

	s.Good("xmp", heif.WithXMP(c.Still(), []byte("<x:xmpmeta/>")).Bytes(), "A.3: XMP as a mime item")

	thumb := c.Still()
	thumb.Items = append(thumb.Items, heif.Item{ID: 2, Kind: "hvc1", Data: c.Data, Props: []int{1, 2}})
	thumb.Refs = []heif.Ref{{Kind: "thmb", From: 2, To: []int{1}}}
	s.Good("thumbnail", thumb.Bytes(), "6.4.4: a thumbnail of the primary item")

	second := c.Still()
	second.Items = append(second.Items, heif.Item{ID: 2, Kind: "hvc1", Data: c.Data, Props: []int{1, 2}})
	s.Good("two_pictures", second.Bytes(), "6.2: a collection: the primary item is shown")

	gray := heif.Seed("gray.heic")
	alpha := c.Still()
	alpha.Props = append(alpha.Props, gray.HvcC, gray.Ispe, heif.FullBox("auxC", 0, 0, []byte("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\x00")))
	alpha.Items = append(alpha.Items, heif.Item{ID: 2, Kind: "hvc1", Data: gray.Data, Props: []int{3, 4, 5}, Hidden: true})
	alpha.Refs = []heif.Ref{{Kind: "auxl", From: 2, To: []int{1}}}
	s.Good("alpha_item", alpha.Bytes(), "6.5.8: alpha as an auxiliary item")

	iden := c.Still()
	iden.Primary = 2
	iden.Props = append(iden.Props, heif.Box("irot", []byte{1}))
	iden.Items[0].Hidden = true
	iden.Items = append(iden.Items, heif.Item{ID: 2, Kind: "iden", Props: []int{2, 3}})
	iden.Refs = []heif.Ref{{Kind: "dimg", From: 2, To: []int{1}}}
	s.Good("identity", iden.Bytes(), "6.6.2.1: the same picture, turned")
	s.Good("overlay", heif.Overlay(c).Bytes(), "6.6.2.2: two pictures on a canvas")
}
