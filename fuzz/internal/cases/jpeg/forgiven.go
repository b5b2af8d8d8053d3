package jpeg

import (
	"bytes"
	"slices"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/jpeg"
	"github.com/imgvet/imgvet/fuzz/internal/build/meta"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
	"github.com/imgvet/imgvet/fuzz/internal/seeds"
)

// Forgiven are on both sides of the line between what real encoders, cameras and proxies
// write and what only damage looks like.
func Forgiven() []cases.Case {
	s := &cases.Suite{Format: detect.JPEG}
	forgivenSurplus(s)
	forgivenRestarts(s)
	forgivenStray(s)
	forgivenFrames(s)
	forgivenTables(s)
	forgivenScans(s)
	forgivenMetadata(s)
	return s.Cases
}

// before puts bytes in front of a place of a seed.
func before(b []byte, at int, p ...byte) []byte { return slices.Insert(slices.Clone(b), at, p...) }

// forgivenSurplus has bytes behind the last MCU.
func forgivenSurplus(s *cases.Suite) {
	b := seeds.Get("420.jpg")
	surplus := func(p ...byte) []byte { return before(b, len(b)-2, p...) }
	const behind = "libjpeg-turbo, browsers: bytes behind the last MCU are skipped"
	s.Warned("surplus_ff00", surplus(0xff, 0), "jpeg-js, Jimp: a whole byte of padding ones")
	s.Warned("surplus_ff00_twice", surplus(0xff, 0, 0xff, 0), behind)
	s.Warned("surplus_ff00_20_times", surplus(bytes.Repeat([]byte{0xff, 0}, 20)...), behind)
	s.Warned("surplus_a_byte", surplus(0x5a), behind)
	s.Warned("surplus_two_bytes", surplus(0x5a, 0x3c), behind)
	s.Bad("surplus_three_bytes", surplus(0x5a, 0x3c, 0x5a), "more than encoders leave: lost or doubled bits show so")
	s.Bad("surplus_ff00_and_three_bytes", surplus(0xff, 0, 0x5a, 0x3c, 0x5a), "more than encoders leave")
	s.Warned("surplus_zeros", surplus(make([]byte, 40)...), behind)
	s.Bad("surplus_zeros_and_a_byte", surplus(append(make([]byte, 40), 1)...), "more than encoders leave")
	padded := jpeg.FlatGray(8, 8) // six of its eight bits are padding
	eoi := len(padded) - 2
	unpadded := pack.Patched(padded, eoi-1, 0)
	s.Warned("surplus_zeros_behind_ones", before(padded, eoi, make([]byte, 40)...), behind)
	s.Bad("surplus_zeros_behind_zeros", before(unpadded, eoi, make([]byte, 40)...), "F.1.2.3: padding is ones; zeros all the way are a tail that was never written")
}

// forgivenRestarts has bytes before RSTn, as webcams and Dahua cameras write them, and
// behind each scan of a progressive file.
func forgivenRestarts(s *cases.Suite) {
	each := func(name string, next func(marker byte) bool, p ...byte) []byte {
		segs := jpeg.Split(seeds.Get(name))
		for i := range segs[:len(segs)-1] {
			if segs[i].Marker == 0 && next(segs[i+1].Marker) {
				segs[i].Data = pack.Join(segs[i].Data, p)
			}
		}
		return jpeg.File(segs...)
	}
	restart := func(p ...byte) []byte {
		return each("restart.jpg", func(m byte) bool { return m >= jpeg.RST0 && m < jpeg.SOI }, p...)
	}
	scan := func(p ...byte) []byte {
		return each("progressive.jpg", func(m byte) bool { return m != jpeg.EOI }, p...)
	}
	const why = "libjpeg-turbo, browsers: bytes before a restart marker are skipped"
	s.Warned("surplus_ff00_before_rst", restart(0xff, 0), "webcams, Pixel phones: a whole byte of padding ones before each RST")
	s.Warned("surplus_two_bytes_before_rst", restart(0x5a, 0x3c), "Dahua cameras leave two bytes of their bit buffer")
	s.Warned("surplus_zeros_before_rst", restart(make([]byte, 9)...), why)
	s.Bad("surplus_three_bytes_before_rst", restart(0x5a, 0x3c, 0x5a), "more than encoders leave: lost or doubled bits show so")
	s.Warned("surplus_ff00_behind_scans", scan(0xff, 0), "progressive files by the same encoders")
	s.Warned("surplus_two_bytes_behind_scans", scan(0x5a, 0x3c), "progressive files by the same encoders")
	s.Bad("surplus_three_bytes_behind_scans", scan(0x5a, 0x3c, 0x5a), "more than encoders leave")
}

// forgivenStray has bytes between the segments before the first scan.
func forgivenStray(s *cases.Suite) {
	b := seeds.Get("420.jpg")
	dqt, sos := bytes.Index(b, []byte{0xff, jpeg.DQT}), bytes.Index(b, []byte{0xff, jpeg.SOS})
	const between, empty = "libjpeg: next_marker skips to the next marker", "libjpeg: skip_variable takes it for an empty one"
	s.Warned("stray_bytes", before(b, dqt, []byte("stray bytes")...), between)
	s.Warned("stray_ff00", before(b, dqt, 0xff, 0, 0xff, 0), between)
	s.Warned("stray_at_sos", before(b, sos, 1, 2, 3, 4, 5), between)
	s.Warned("com_length_0", before(b, dqt, 0xff, jpeg.COM, 0, 0), empty)
	s.Warned("com_length_1", before(b, dqt, 0xff, jpeg.COM, 0, 1), empty)
	s.Warned("app1_length_0", before(b, dqt, 0xff, jpeg.APP1, 0, 0), empty)
	s.Warned("app1_length_1", before(b, dqt, 0xff, jpeg.APP1, 0, 1), empty)
	s.Bad("dqt_length_0_before_the_tables", before(b, dqt, 0xff, jpeg.DQT, 0, 0), "B.2.4.1: tables have a length")
	s.Bad("dht_length_1_before_the_tables", before(b, dqt, 0xff, jpeg.DHT, 0, 1), "B.2.4.2: tables have a length")
	s.Warned("com_too_short", before(b, dqt, 0xff, jpeg.COM, 0, 4, 'l', 'o', 'n', 'g', 'e', 'r'), between)
	s.Warned("app15_too_short", before(b, dqt, 0xff, 0xef, 0, 4, 'l', 'o', 'n', 'g', 'e', 'r'), between)
	s.Bad("com_over_the_tables", before(b, dqt, 0xff, jpeg.COM, 0, 40), "a table that is skipped is missed")
	s.Bad("app15_over_the_tables", before(b, dqt, 0xff, 0xef, 0, 40), "a table that is skipped is missed")

	scans := seeds.Get("scans.jpg")
	second := bytes.LastIndex(scans, []byte{0xff, jpeg.SOS})
	comment := []byte{0xff, jpeg.COM, 0, 2}
	s.Warned("stray_two_bytes_between_scans", before(scans, second, append(comment, 0x5a, 0x3c)...), "as behind the last MCU")
	s.Bad("stray_three_bytes_between_scans", before(scans, second, append(comment, 0x5a, 0x3c, 0x5a)...), "as behind the last MCU: lost or doubled bits show so")
}

// forgivenFrames has component numbers that repeat, and DNL.
func forgivenFrames(s *cases.Suite) {
	b := seeds.Get("420.jpg")
	dqt, sof, sos := bytes.Index(b, []byte{0xff, jpeg.DQT}), bytes.Index(b, []byte{0xff, jpeg.SOF0}), bytes.Index(b, []byte{0xff, jpeg.SOS})
	s.Warned("dnl_before_the_frame", before(b, dqt, 0xff, 0xdc, 0, 4, 0, 17), "libjpeg passes over DNL wherever it stands")
	s.Bad("dnl_for_the_height", before(pack.Patched(b, sof+5, 0, 0), len(b)-2, 0xff, 0xdc, 0, 4, 0, 17), "B.2.5: legal, and no browser shows it: the height stands in SOF")
	ids := func(b []byte, sof, sos int) []byte {
		b = bytes.Clone(b)
		for i, id := range []byte{1, 1, 2} {
			b[sof+10+3*i], b[sos+5+2*i] = id, id
		}
		return b
	}
	s.Warned("components_1_1_2", ids(b, sof, sos), "libjpeg: a scan names them in the frame's order")
	apart := seeds.Get("scans.jpg")
	sof = bytes.Index(apart, []byte{0xff, jpeg.SOF0})
	s.Bad("components_1_1_2_in_three_scans", pack.Patched(pack.Patched(apart, sof+13, 1), sof+16, 2), "B.2.2: no scan says which of the two it means")
}

// forgivenTables has frames of motion JPEG, without DHT.
func forgivenTables(s *cases.Suite) {
	quant, huff := jpeg.FlatTables()[:1], jpeg.FlatTables()[1:]
	head := append([]jpeg.Seg{{Marker: jpeg.SOI}}, quant...)
	file := func(frame jpeg.Seg, scan jpeg.Seg, data []byte, middle ...jpeg.Seg) []byte {
		segs := append(append(slices.Clone(head), frame), middle...)
		return jpeg.File(append(segs, scan, jpeg.Seg{Data: data}, jpeg.Seg{Marker: jpeg.EOI})...)
	}
	// A gray picture of four blocks by annex K: DC of category 0 is 00, EOB 1010.
	gray := func(marker byte, middle ...jpeg.Seg) []byte {
		return file(jpeg.Frame(marker, 16, 16, 0x11), jpeg.Scan(0, 63, 0, 1), []byte{0x28, 0xa2, 0x8a}, middle...)
	}
	s.Warned("no_huffman_tables", gray(jpeg.SOF0), "motion JPEG: the tables of T.81 annex K")
	s.Bad("no_huffman_tables_progressive", gray(jpeg.SOF2), "libjpeg has tables of its own for sequential scans alone")
	hidden := jpeg.File(huff...)
	s.Bad("huffman_tables_in_a_comment", gray(jpeg.SOF0, jpeg.Seg{Marker: jpeg.COM, Data: hidden}), "the tables that the data is coded by are skipped")

	// One MCU in colour: six bits of luma, and by tables 1 both codes of chroma are 00.
	colour := func(id byte) []byte {
		return file(jpeg.Frame(jpeg.SOF0, 8, 8, 0x11, 0x11, 0x11),
			jpeg.Seg{Marker: jpeg.SOS, Data: []byte{3, 1, 0, 2, id<<4 | id, 3, id<<4 | id, 0, 63, 0}}, []byte{0x28, 0x03})
	}
	s.Warned("no_huffman_tables_colour", colour(1), "motion JPEG: tables 0 and 1 of T.81 annex K")
	s.Bad("no_huffman_tables_2", colour(2), "annex K has two tables of each class")
}

// forgivenScans has progressive files that were cut between scans.
func forgivenScans(s *cases.Suite) {
	progressive := func(scans ...jpeg.Seg) []byte {
		segs := append(append([]jpeg.Seg{{Marker: jpeg.SOI}}, jpeg.FlatTables()...), jpeg.Frame(jpeg.SOF2, 16, 16, 0x11))
		return jpeg.File(append(append(segs, scans...), jpeg.Seg{Marker: jpeg.EOI})...)
	}
	four := jpeg.Seg{Data: jpeg.FlatBits(4)}
	dc, ac, refine := jpeg.Scan(0, 0, 0, 1), jpeg.Scan(1, 63, 1, 1), jpeg.Scan(1, 63, 0x10, 1)
	s.Warned("scans_cut_before_the_last", progressive(dc, four, ac, four), "a proxy cuts between scans and adds EOI: whole, but blurred")
	s.Warned("scans_cut_before_a_band", progressive(dc, four, jpeg.Scan(1, 5, 0, 1), four), "the bands from 6 on never come: whole, but blurred")
	s.Good("scans_all", progressive(dc, four, ac, four, refine, four), "G.1.1: every coefficient to its last bit")
	s.Bad("scans_cut_inside_one", progressive(dc, four, ac, jpeg.Seg{Data: nil}), "a proxy cut inside of a scan: its blocks are missing")

	// The same of a seed: its last scan is left out, or half of it.
	segs := jpeg.Split(seeds.Get("progressive.jpg"))
	last := len(segs) - 2 // entropy-coded, and EOI behind it
	sos := last
	for segs[sos].Marker != jpeg.SOS {
		sos--
	}
	s.Warned("progressive_last_scan_missing", jpeg.File(append(segs[:sos:sos], segs[last+1])...), "a proxy cuts between scans and adds EOI: whole, but blurred")
	half := slices.Clone(segs)
	half[last].Data = half[last].Data[:len(half[last].Data)/2]
	s.Bad("progressive_last_scan_half", jpeg.File(half...), "F.2.2.4: codes up to the end of the scan")
}

// forgivenMetadata has EXIF and colour profiles that cannot be read: no viewer needs them.
func forgivenMetadata(s *cases.Suite) {
	exif := func(data ...[]byte) []byte {
		return jpeg.Before("420.jpg", jpeg.DQT, jpeg.Seg{Marker: jpeg.APP1, Data: pack.Join(data...)})
	}
	header, tiff := []byte("Exif\x00\x00"), meta.TIFF(6)
	const why = "CIPA DC-008 4.5.4: no viewer needs it"
	s.Good("exif_header_ff", exif([]byte("Exif\x00\xff"), tiff), "Chromium, libvips: the sixth byte does not matter")
	s.Warned("exif_empty", exif(header), why)
	s.Warned("exif_cut", exif(header, tiff[:15]), why)
	s.Warned("exif_byte_order", exif(header, pack.Patched(tiff, 0, 'X', 'X')), why)

	icc := func(parts ...[]byte) []byte {
		var segs []jpeg.Seg
		for _, p := range parts {
			segs = append(segs, jpeg.Seg{Marker: 0xe2, Data: pack.Join([]byte("ICC_PROFILE\x00"), p)})
		}
		return jpeg.Before("420.jpg", jpeg.DQT, segs...)
	}
	profile := meta.ICC(200)
	const icc1 = "ICC.1:2022 annex B.4: no viewer needs it"
	s.Good("icc_in_two", icc(pack.Join([]byte{1, 2}, profile[:150]), pack.Join([]byte{2, 2}, profile[150:])), "ICC.1:2022 annex B.4: a profile in two segments")
	s.Warned("icc_1_of_2", icc(pack.Join([]byte{1, 2}, profile[:150])), icc1)
	s.Warned("icc_cut", icc(pack.Join([]byte{1, 1}, profile[:150])), icc1)
	s.Warned("icc_empty", icc([]byte{1, 1}), icc1)
}
