package fuzz

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/imgvet/imgvet/detect"
)

// The sections named here are those of ITU-T T.81 (09/92), also ISO/IEC 10918-1,
// unless another paper is named.

func jpegGoodCases() []Case {
	s := &suite{format: detect.JPEG}
	for _, k := range []struct{ name, why string }{
		{"gray", "F.1: one component"},
		{"444", "A.1.1: no subsampling"},
		{"422", "A.1.1: chroma halved across"},
		{"440", "A.1.1: chroma halved down"},
		{"420", "A.1.1: chroma halved both ways, the picture ends inside an MCU"},
		{"411", "A.1.1: chroma quartered across"},
		{"rgb", "Adobe Technical Note 5116: APP14 without a colour transform"},
		{"cmyk", "Adobe Technical Note 5116: four components"},
		{"scans", "A.2.2: one scan a component, not interleaved"},
		{"restart", "B.2.4.4, E.1.4: a restart marker behind each MCU"},
		{"progressive", "G.1: spectral selection and successive approximation"},
		{"progressive-gray", "G.1: one component"},
		{"arithmetic", "annex D, SOF9: libjpeg-turbo and browsers decode it"},
	} {
		s.good("kind_"+k.name, seed(k.name+".jpg"), k.why)
	}
	for _, size := range [][2]int{{1, 1}, {8, 8}, {9, 1}, {1, 9}, {4096, 1}, {1, 4096}} {
		s.good(fmt.Sprintf("size_%dx%d", size[0], size[1]), flatGray(size[0], size[1]), "B.2.2: X and Y; two bits a block")
	}
	jpegGoodMarkers(s)
	jpegGoodScans(s)
	jpegForgiven(s)
	return s.cases
}

// app1 is an Exif segment (CIPA DC-008, 4.5.4) that sets the orientation.
func app1(orientation int) jpegSeg {
	return jpegSeg{marker: mAPP1, data: append([]byte("Exif\x00\x00"), tinyTIFF(orientation)...)}
}

func jpegGoodMarkers(s *suite) {
	jfif := jpegSeg{marker: mAPP0, data: []byte("JFIF\x00\x01\x02\x01\x00\x48\x00\x48\x00\x00")}
	for o := 1; o <= 8; o++ {
		s.good(fmt.Sprintf("exif_orientation_%d", o), jpegBefore("420.jpg", mDQT, app1(o)), "Exif 3.0, 4.6.5.1.5: Orientation")
	}
	s.good("comment", jpegBefore("420.jpg", mSOS, jpegSeg{marker: mCOM, data: []byte("hello")}), "B.2.4.5: comments stand among tables")
	s.good("comment_empty", jpegBefore("420.jpg", mSOS, jpegSeg{marker: mCOM}), "B.2.4.5: a length of 2 is no text")
	s.good("comment_longest", jpegBefore("gray.jpg", mSOS, jpegSeg{marker: mCOM, data: pattern(65533, 5)}), "B.2.4.5: a length of 65535")
	s.good("app15", jpegBefore("420.jpg", mSOS, jpegSeg{marker: 0xef, data: pattern(30, 5)}), "B.2.4.6: application data")
	s.good("jfif_missing", jpegEdit("420.jpg", mAPP0, 0, func(jpegSeg) []jpegSeg { return nil }), "T.871 is not needed for T.81")
	s.good("jfif_twice", jpegBefore("420.jpg", mDQT, jfif), "B.2.4.6: application data may repeat")
	s.good("tables_redefined", jpegFile(slices.Insert(jpegSegs(seed("420.jpg")), 1, flatTables()...)...), "B.2.4: a table may be replaced before it is used")
	s.good("dqt_16_bit", jpegEdit("gray.jpg", mDQT, 0, func(q jpegSeg) []jpegSeg {
		wide := []byte{0x10 | q.data[0]}
		for _, v := range q.data[1:65] {
			wide = append(wide, 0, v)
		}
		return []jpegSeg{{marker: mDQT, data: wide}}
	}), "B.2.4.1: Pq 1; libjpeg and browsers take it in baseline frames")
	s.good("dri_zero", jpegBefore("420.jpg", mSOS, jpegSeg{marker: mDRI, data: be16(0)}), "B.2.4.4: interval 0 is none")
	s.good("dri_past_the_scan", jpegBefore("420.jpg", mSOS, jpegSeg{marker: mDRI, data: be16(60000)}), "B.2.4.4: an interval longer than the scan")
	s.good("extended_8_bit", bytes.Replace(seed("420.jpg"), []byte{0xff, mSOF0}, []byte{0xff, 0xc1}, 1), "B.2.2: extended sequential DCT, 8 bits")
}

func jpegGoodScans(s *suite) {
	head := append([]jpegSeg{{marker: mSOI}}, flatTables()...)
	build := func(segs ...jpegSeg) []byte { return jpegFile(append(head[:len(head):len(head)], segs...)...) }
	eoi := jpegSeg{marker: mEOI}
	bits := func(n int) jpegSeg { return jpegSeg{data: flatBits(n)} }
	s.good("sampling_4x4", build(sof(mSOF0, 40, 40, 0x44), sos(0, 63, 0, 1), bits(2*25), eoi),
		"A.2.2: a scan of one component has MCUs of one block, whatever its sampling")
	s.good("sampling_2x1_1x2", build(sof(mSOF0, 20, 20, 0x21, 0x11, 0x11), sos(0, 63, 0, 1, 2, 3), bits(2*6*4), eoi), "A.2.3: MCUs of four blocks")
	// A scan of component 1 alone has ceil(9/8)=2 blocks a row, where an interleaved one has 4.
	s.good("scans_subsampled_apart", build(sof(mSOF0, 9, 9, 0x22, 0x11, 0x11), sos(0, 63, 0, 1), bits(2*4), sos(0, 63, 0, 2, 3), bits(2*2), eoi),
		"A.2.2: blocks of a scan of one component are counted by its own size")
	s.warned("progressive_dc_only", build(sof(mSOF2, 16, 16, 0x11), sos(0, 0, 0, 1), bits(4), eoi), "G.1.1.1: a picture of DC alone is shown whole by libjpeg")
	s.warned("progressive_dc_refined", build(sof(mSOF2, 16, 16, 0x11), sos(0, 0, 0x01, 1), bits(4), sos(0, 0, 0x10, 1), bits(4), eoi), "G.1.2.1: a refining bit a block")
	s.good("progressive_bands", build(sof(mSOF2, 16, 16, 0x11), sos(0, 0, 0, 1), bits(4), sos(1, 5, 0, 1), bits(4), sos(6, 63, 0, 1), bits(4), eoi), "G.1.1.1.1: spectral selection")
	// Restart markers count modulo 8.
	many := []jpegSeg{sof(mSOF0, 8*11, 8, 0x11), {marker: mDRI, data: be16(1)}, sos(0, 63, 0, 1), bits(2)}
	for i := range 10 {
		many = append(many, jpegSeg{marker: mRST0 + byte(i%8)}, bits(2))
	}
	s.good("restart_11_intervals", build(append(many, eoi)...), "F.1.1.5.2: RST0 to RST7, then RST0 again")
}

func jpegForgiven(s *suite) {
	b := seed("420.jpg")
	dqt := bytes.Index(b, []byte{0xff, mDQT})
	s.warned("fill_bytes", slices.Insert(slices.Clone(b), dqt, 0xff, 0xff, 0xff), "B.1.1.2: any marker may be preceded by fill bytes")
}

func jpegBadCases() []Case {
	s := &suite{format: detect.JPEG}
	jpegBadFrames(s)
	jpegBadTables(s)
	jpegBadScans(s)
	jpegBadEntropy(s)
	return s.cases
}

func jpegBadFrames(s *suite) {
	const name = "420.jpg"
	frame := func(at int, data ...byte) []byte { return jpegPatch(name, mSOF0, at, data...) }
	s.bad("soi_then_eoi", jpegFile(jpegSeg{marker: mSOI}, jpegSeg{marker: mEOI}), "B.2.1: a frame is due")
	s.bad("sof_missing", jpegEdit(name, mSOF0, 0, func(jpegSeg) []jpegSeg { return nil }), "B.2.1: a frame header comes before the scans")
	s.bad("sof_twice", jpegEdit(name, mSOF0, 0, func(f jpegSeg) []jpegSeg { return []jpegSeg{f, f} }), "B.2.1: one frame outside hierarchical mode")
	s.bad("sof_zero_width", frame(3, 0, 0), "B.2.2: X is at least 1")
	s.bad("sof_zero_components", frame(5, 0), "B.2.2: Nf is at least 1")
	s.bad("sof_too_few_bytes", jpegEdit(name, mSOF0, 0, func(f jpegSeg) []jpegSeg { f.data = f.data[:12]; return []jpegSeg{f} }), "B.2.2: Lf is 8 + 3 x Nf")
	s.bad("sof_precision_7", frame(0, 7), "B.2.2: P is 8 in baseline frames")
	s.bad("sof_precision_16", frame(0, 16), "B.2.2: P is 8 in baseline frames")
	s.bad("sof_sampling_0", frame(7, 0x02), "B.2.2: sampling factors are 1 to 4")
	s.bad("sof_sampling_5", frame(7, 0x52), "B.2.2: sampling factors are 1 to 4")
	s.bad("sof_component_twice", frame(9, 1), "B.2.2: component identifiers are unique")
	s.bad("sof_table_4", frame(8, 4), "B.2.2: Tq is 0 to 3")
	lossless := bytes.Replace(seed(name), []byte{0xff, mSOF0}, []byte{0xff, 0xc3}, 1)
	s.bad("sof_lossless", lossless, "annex H: browsers and libjpeg-turbo as browsers build it show no lossless JPEG")
	s.bad("sof_hierarchical", bytes.Replace(seed(name), []byte{0xff, mSOF0}, []byte{0xff, 0xc5}, 1), "annex J: no viewer shows hierarchical JPEG")
	s.bad("sof_reserved", bytes.Replace(seed(name), []byte{0xff, mSOF0}, []byte{0xff, 0xc8}, 1), "B.1.1.3: JPG is reserved for extensions")
	s.bad("sof_taller_than_its_data", frame(1, 0x01, 0x11), "A.2: MCUs for every line: 17 lines of data, 273 claimed")
	s.bad("sof_wider_than_its_data", frame(3, 0x01, 0x18), "A.2: MCUs for every column: 24 columns of data, 280 claimed")
}

func jpegBadTables(s *suite) {
	const name = "420.jpg"
	drop := func(jpegSeg) []jpegSeg { return nil }
	longer := func(by int) func(jpegSeg) []jpegSeg {
		return func(g jpegSeg) []jpegSeg { g.longer = by; return []jpegSeg{g} }
	}
	s.bad("dqt_missing", jpegEdit("gray.jpg", mDQT, 0, drop), "B.2.4.1: every table used is defined")
	s.bad("dqt_id_4", jpegPatch("gray.jpg", mDQT, 0, 4), "B.2.4.1: Tq is 0 to 3")
	s.bad("dqt_precision_2", jpegPatch("gray.jpg", mDQT, 0, 0x20), "B.2.4.1: Pq is 0 or 1")
	s.bad("dqt_cut", jpegEdit("gray.jpg", mDQT, 0, func(q jpegSeg) []jpegSeg { q.data = q.data[:40]; return []jpegSeg{q} }), "B.2.4.1: 64 elements")
	s.bad("dqt_length_0", jpegEdit(name, mDQT, 0, longer(-67)), "B.1.1.4: a length counts its own two bytes")
	s.bad("dqt_length_past_the_end", jpegEdit(name, mDQT, 0, longer(60000)), "B.1.1.4: the length passes the end of the file")
	s.bad("dht_class_2", jpegPatch(name, mDHT, 0, 0x20), "B.2.4.2: Tc is 0 or 1")
	s.bad("dht_id_4", jpegPatch(name, mDHT, 0, 0x04), "B.2.4.2: Th is 0 to 3")
	s.bad("dht_oversubscribed", jpegPatch(name, mDHT, 1, 3), "C.2: three codes of one bit")
	s.bad("dht_257_codes", jpegPatch(name, mDHT, 16, 255), "B.2.4.2: the lengths promise more values than there are")
	s.bad("dht_values_missing", jpegEdit(name, mDHT, 0, func(h jpegSeg) []jpegSeg { h.data = h.data[:18]; return []jpegSeg{h} }), "B.2.4.2: one value a code")
	s.bad("dri_length_5", jpegBefore(name, mSOS, jpegSeg{marker: mDRI, data: []byte{0, 1, 0}}), "B.2.4.4: Lr is 4")
}

func jpegBadScans(s *suite) {
	const name = "420.jpg"
	scan := func(at int, data ...byte) []byte { return jpegPatch(name, mSOS, at, data...) }
	s.bad("sos_missing", jpegFile(append(jpegSegs(seed(name))[:6], jpegSeg{marker: mEOI})...), "B.2.2: a frame has at least one scan")
	s.bad("sos_no_components", scan(0, 0), "B.2.3: Ns is 1 to 4")
	s.bad("sos_five_components", scan(0, 5), "B.2.3: Ns is 1 to 4")
	s.bad("sos_unknown_component", scan(1, 9), "B.2.3: Cs is one of the frame's components")
	s.bad("sos_component_twice", scan(3, 1), "B.2.3: each component once")
	s.bad("sos_table_undefined", scan(2, 0x22), "B.2.3: the Huffman tables are defined")
	s.bad("sos_component_never_scanned", jpegFile(jpegWithoutLastScan("scans.jpg")...), "B.2.2: every component of the frame is scanned")

	head := append([]jpegSeg{{marker: mSOI}}, flatTables()...)
	build := func(segs ...jpegSeg) []byte {
		return jpegFile(append(append(head[:len(head):len(head)], segs...), jpegSeg{marker: mEOI})...)
	}
	bits := func(n int) jpegSeg { return jpegSeg{data: flatBits(n)} }
	frame := sof(mSOF2, 16, 16, 0x11)
	s.bad("progressive_ss_above_se", build(frame, sos(0, 0, 0, 1), bits(4), sos(5, 4, 0, 1), bits(4)), "G.1.1.1.1: Ss is at most Se")
	s.bad("progressive_se_64", build(frame, sos(0, 0, 0, 1), bits(4), sos(1, 64, 0, 1), bits(4)), "G.1.1.1.1: Se is at most 63")
	s.bad("progressive_dc_with_ac", build(frame, sos(0, 5, 0, 1), bits(8)), "G.1.1.1.1: DC and AC never share a scan")
	s.bad("progressive_ac_interleaved", build(sof(mSOF2, 16, 16, 0x11, 0x11), sos(0, 0, 0, 1, 2), bits(8), sos(1, 63, 0, 1, 2), bits(8)), "G.1.1.1.1: AC scans have one component")
	s.bad("progressive_al_14", build(frame, sos(0, 0, 0x0e, 1), bits(4)), "G.1.1.1.2: Al is at most 13")
	s.bad("mcu_of_11_blocks", build(sof(mSOF0, 32, 32, 0x33, 0x11, 0x11), sos(0, 63, 0, 1, 2, 3), bits(2*11*2*2)), "B.2.3: at most 10 blocks an MCU")
	var scans []jpegSeg
	scans = append(scans, frame, sos(0, 0, 0x01, 1), bits(4))
	for range 64 {
		scans = append(scans, sos(0, 0, 0x10, 1), bits(4))
	}
	s.bad("scans_65", build(scans...), "DC refined 64 times over: more scans than any encoder writes, and out of order (G.1.1.1.2)")
}

// jpegWithoutLastScan drops the last SOS with its data.
func jpegWithoutLastScan(name string) []jpegSeg {
	segs := jpegSegs(seed(name))
	last := 0
	for i, s := range segs {
		if s.marker == mSOS {
			last = i
		}
	}
	return append(segs[:last:last], jpegSeg{marker: mEOI})
}

func jpegBadEntropy(s *suite) {
	const why = "F.2.2.4: codes and MCUs up to the end of the scan"
	for _, name := range []string{"420", "gray", "444", "scans", "progressive", "cmyk"} {
		b := seed(name + ".jpg")
		s.bad("eoi_missing_"+name, b[:len(b)-2], "B.2.1: EOI ends the picture: the tail is lost")
		half := jpegEdit(name+".jpg", 0, 0, func(e jpegSeg) []jpegSeg { e.data = e.data[:len(e.data)/2]; return []jpegSeg{e} })
		s.bad("ecs_half_"+name, half, why+": half of the first scan is gone")
	}
	none := jpegEdit("420.jpg", 0, 0, func(jpegSeg) []jpegSeg { return nil })
	s.bad("ecs_none", none, why+": nothing is there")
	s.bad("ecs_ones", jpegEdit("420.jpg", 0, 0, func(e jpegSeg) []jpegSeg {
		return []jpegSeg{{data: bytes.Repeat([]byte{0xff, 0x00}, len(e.data))}}
	}), "C.2: no code consists of ones only")

	restart := func(edit func(jpegSeg) []jpegSeg) []byte { return jpegEdit("restart.jpg", mRST0+1, 0, edit) }
	s.bad("rst_wrong_number", restart(func(jpegSeg) []jpegSeg { return []jpegSeg{{marker: mRST0 + 4}} }), "F.1.1.5.2: restart markers count up")
	s.bad("rst_missing", restart(func(jpegSeg) []jpegSeg { return nil }), "B.2.4.4: a restart marker behind each interval")
	s.bad("rst_where_none_is_due", jpegEdit("420.jpg", 0, 0, func(e jpegSeg) []jpegSeg {
		n := len(e.data) / 2
		return []jpegSeg{{data: e.data[:n]}, {marker: mRST0}, {data: e.data[n:]}}
	}), "B.2.4.4: no restart interval is set")
	s.bad("interval_missing", jpegEdit("restart.jpg", 0, 2, func(jpegSeg) []jpegSeg { return nil }), "B.2.4.4: an interval without data")
}
