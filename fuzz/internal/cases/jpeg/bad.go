package jpeg

import (
	"bytes"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/jpeg"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/seeds"
)

// Bad are files with one defect each.
func Bad() []cases.Case {
	s := &cases.Suite{Format: detect.JPEG}
	badFrames(s)
	badTables(s)
	badScans(s)
	badEntropy(s)
	return s.Cases
}

func badFrames(s *cases.Suite) {
	const name = "420.jpg"
	frame := func(at int, data ...byte) []byte { return jpeg.Patch(name, jpeg.SOF0, at, data...) }
	s.Bad("soi_then_eoi", jpeg.File(jpeg.Seg{Marker: jpeg.SOI}, jpeg.Seg{Marker: jpeg.EOI}), "B.2.1: a frame is due")
	s.Bad("sof_missing", jpeg.Edit(name, jpeg.SOF0, 0, func(jpeg.Seg) []jpeg.Seg { return nil }), "B.2.1: a frame header comes before the scans")
	s.Bad("sof_twice", jpeg.Edit(name, jpeg.SOF0, 0, func(f jpeg.Seg) []jpeg.Seg { return []jpeg.Seg{f, f} }), "B.2.1: one frame outside hierarchical mode")
	s.Bad("sof_zero_width", frame(3, 0, 0), "B.2.2: X is at least 1")
	s.Bad("sof_zero_components", frame(5, 0), "B.2.2: Nf is at least 1")
	s.Bad("sof_too_few_bytes", jpeg.Edit(name, jpeg.SOF0, 0, func(f jpeg.Seg) []jpeg.Seg { f.Data = f.Data[:12]; return []jpeg.Seg{f} }), "B.2.2: Lf is 8 + 3 x Nf")
	s.Bad("sof_precision_7", frame(0, 7), "B.2.2: P is 8 in baseline frames")
	s.Bad("sof_precision_16", frame(0, 16), "B.2.2: P is 8 in baseline frames")
	s.Bad("sof_sampling_0", frame(7, 0x02), "B.2.2: sampling factors are 1 to 4")
	s.Bad("sof_sampling_5", frame(7, 0x52), "B.2.2: sampling factors are 1 to 4")
	s.Bad("sof_component_twice", frame(9, 1), "B.2.2: component identifiers are unique")
	s.Bad("sof_table_4", frame(8, 4), "B.2.2: Tq is 0 to 3")
	lossless := bytes.Replace(seeds.Get(name), []byte{0xff, jpeg.SOF0}, []byte{0xff, 0xc3}, 1)
	s.Bad("sof_lossless", lossless, "annex H: browsers and libjpeg-turbo as browsers build it show no lossless JPEG")
	s.Bad("sof_hierarchical", bytes.Replace(seeds.Get(name), []byte{0xff, jpeg.SOF0}, []byte{0xff, 0xc5}, 1), "annex J: no viewer shows hierarchical JPEG")
	s.Bad("sof_reserved", bytes.Replace(seeds.Get(name), []byte{0xff, jpeg.SOF0}, []byte{0xff, 0xc8}, 1), "B.1.1.3: JPG is reserved for extensions")
	s.Bad("sof_taller_than_its_data", frame(1, 0x01, 0x11), "A.2: MCUs for every line: 17 lines of data, 273 claimed")
	s.Bad("sof_wider_than_its_data", frame(3, 0x01, 0x18), "A.2: MCUs for every column: 24 columns of data, 280 claimed")
}

func badTables(s *cases.Suite) {
	const name = "420.jpg"
	drop := func(jpeg.Seg) []jpeg.Seg { return nil }
	longer := func(by int) func(jpeg.Seg) []jpeg.Seg {
		return func(g jpeg.Seg) []jpeg.Seg { g.Longer = by; return []jpeg.Seg{g} }
	}
	s.Bad("dqt_missing", jpeg.Edit("gray.jpg", jpeg.DQT, 0, drop), "B.2.4.1: every table used is defined")
	s.Bad("dqt_id_4", jpeg.Patch("gray.jpg", jpeg.DQT, 0, 4), "B.2.4.1: Tq is 0 to 3")
	s.Bad("dqt_precision_2", jpeg.Patch("gray.jpg", jpeg.DQT, 0, 0x20), "B.2.4.1: Pq is 0 or 1")
	s.Bad("dqt_cut", jpeg.Edit("gray.jpg", jpeg.DQT, 0, func(q jpeg.Seg) []jpeg.Seg { q.Data = q.Data[:40]; return []jpeg.Seg{q} }), "B.2.4.1: 64 elements")
	s.Bad("dqt_length_0", jpeg.Edit(name, jpeg.DQT, 0, longer(-67)), "B.1.1.4: a length counts its own two bytes")
	s.Bad("dqt_length_past_the_end", jpeg.Edit(name, jpeg.DQT, 0, longer(60000)), "B.1.1.4: the length passes the end of the file")
	s.Bad("dht_class_2", jpeg.Patch(name, jpeg.DHT, 0, 0x20), "B.2.4.2: Tc is 0 or 1")
	s.Bad("dht_id_4", jpeg.Patch(name, jpeg.DHT, 0, 0x04), "B.2.4.2: Th is 0 to 3")
	s.Bad("dht_oversubscribed", jpeg.Patch(name, jpeg.DHT, 1, 3), "C.2: three codes of one bit")
	s.Bad("dht_257_codes", jpeg.Patch(name, jpeg.DHT, 16, 255), "B.2.4.2: the lengths promise more values than there are")
	s.Bad("dht_values_missing", jpeg.Edit(name, jpeg.DHT, 0, func(h jpeg.Seg) []jpeg.Seg { h.Data = h.Data[:18]; return []jpeg.Seg{h} }), "B.2.4.2: one value a code")
	s.Bad("dri_length_5", jpeg.Before(name, jpeg.SOS, jpeg.Seg{Marker: jpeg.DRI, Data: []byte{0, 1, 0}}), "B.2.4.4: Lr is 4")
}

func badScans(s *cases.Suite) {
	const name = "420.jpg"
	scan := func(at int, data ...byte) []byte { return jpeg.Patch(name, jpeg.SOS, at, data...) }
	s.Bad("sos_missing", jpeg.File(append(jpeg.Split(seeds.Get(name))[:6], jpeg.Seg{Marker: jpeg.EOI})...), "B.2.2: a frame has at least one scan")
	s.Bad("sos_no_components", scan(0, 0), "B.2.3: Ns is 1 to 4")
	s.Bad("sos_five_components", scan(0, 5), "B.2.3: Ns is 1 to 4")
	s.Bad("sos_unknown_component", scan(1, 9), "B.2.3: Cs is one of the frame's components")
	s.Bad("sos_component_twice", scan(3, 1), "B.2.3: each component once")
	s.Bad("sos_table_undefined", scan(2, 0x22), "B.2.3: the Huffman tables are defined")
	s.Bad("sos_component_never_scanned", jpeg.File(withoutLastScan("scans.jpg")...), "B.2.2: every component of the frame is scanned")

	head := append([]jpeg.Seg{{Marker: jpeg.SOI}}, jpeg.FlatTables()...)
	build := func(segs ...jpeg.Seg) []byte {
		return jpeg.File(append(append(head[:len(head):len(head)], segs...), jpeg.Seg{Marker: jpeg.EOI})...)
	}
	bits := func(n int) jpeg.Seg { return jpeg.Seg{Data: jpeg.FlatBits(n)} }
	frame := jpeg.Frame(jpeg.SOF2, 16, 16, 0x11)
	s.Bad("progressive_ss_above_se", build(frame, jpeg.Scan(0, 0, 0, 1), bits(4), jpeg.Scan(5, 4, 0, 1), bits(4)), "G.1.1.1.1: Ss is at most Se")
	s.Bad("progressive_se_64", build(frame, jpeg.Scan(0, 0, 0, 1), bits(4), jpeg.Scan(1, 64, 0, 1), bits(4)), "G.1.1.1.1: Se is at most 63")
	s.Bad("progressive_dc_with_ac", build(frame, jpeg.Scan(0, 5, 0, 1), bits(8)), "G.1.1.1.1: DC and AC never share a scan")
	s.Bad("progressive_ac_interleaved", build(jpeg.Frame(jpeg.SOF2, 16, 16, 0x11, 0x11), jpeg.Scan(0, 0, 0, 1, 2), bits(8), jpeg.Scan(1, 63, 0, 1, 2), bits(8)), "G.1.1.1.1: AC scans have one component")
	s.Bad("progressive_al_14", build(frame, jpeg.Scan(0, 0, 0x0e, 1), bits(4)), "G.1.1.1.2: Al is at most 13")
	s.Bad("mcu_of_11_blocks", build(jpeg.Frame(jpeg.SOF0, 32, 32, 0x33, 0x11, 0x11), jpeg.Scan(0, 63, 0, 1, 2, 3), bits(2*11*2*2)), "B.2.3: at most 10 blocks an MCU")
	var scans []jpeg.Seg
	scans = append(scans, frame, jpeg.Scan(0, 0, 0x01, 1), bits(4))
	for range 64 {
		scans = append(scans, jpeg.Scan(0, 0, 0x10, 1), bits(4))
	}
	s.Bad("scans_65", build(scans...), "DC refined 64 times over: more scans than any encoder writes, and out of order (G.1.1.1.2)")
}

// withoutLastScan drops the last SOS with its data.
func withoutLastScan(name string) []jpeg.Seg {
	segs := jpeg.Split(seeds.Get(name))
	last := 0
	for i, s := range segs {
		if s.Marker == jpeg.SOS {
			last = i
		}
	}
	return append(segs[:last:last], jpeg.Seg{Marker: jpeg.EOI})
}

func badEntropy(s *cases.Suite) {
	const why = "F.2.2.4: codes and MCUs up to the end of the scan"
	for _, name := range []string{"420", "gray", "444", "scans", "progressive", "cmyk"} {
		b := seeds.Get(name + ".jpg")
		s.Bad("eoi_missing_"+name, b[:len(b)-2], "B.2.1: EOI ends the picture: the tail is lost")
		half := jpeg.Edit(name+".jpg", 0, 0, func(e jpeg.Seg) []jpeg.Seg { e.Data = e.Data[:len(e.Data)/2]; return []jpeg.Seg{e} })
		s.Bad("ecs_half_"+name, half, why+": half of the first scan is gone")
	}
	none := jpeg.Edit("420.jpg", 0, 0, func(jpeg.Seg) []jpeg.Seg { return nil })
	s.Bad("ecs_none", none, why+": nothing is there")
	s.Bad("ecs_ones", jpeg.Edit("420.jpg", 0, 0, func(e jpeg.Seg) []jpeg.Seg {
		return []jpeg.Seg{{Data: bytes.Repeat([]byte{0xff, 0x00}, len(e.Data))}}
	}), "C.2: no code consists of ones only")

	restart := func(edit func(jpeg.Seg) []jpeg.Seg) []byte { return jpeg.Edit("restart.jpg", jpeg.RST0+1, 0, edit) }
	s.Bad("rst_wrong_number", restart(func(jpeg.Seg) []jpeg.Seg { return []jpeg.Seg{{Marker: jpeg.RST0 + 4}} }), "F.1.1.5.2: restart markers count up")
	s.Bad("rst_missing", restart(func(jpeg.Seg) []jpeg.Seg { return nil }), "B.2.4.4: a restart marker behind each interval")
	s.Bad("rst_where_none_is_due", jpeg.Edit("420.jpg", 0, 0, func(e jpeg.Seg) []jpeg.Seg {
		n := len(e.Data) / 2
		return []jpeg.Seg{{Data: e.Data[:n]}, {Marker: jpeg.RST0}, {Data: e.Data[n:]}}
	}), "B.2.4.4: no restart interval is set")
	s.Bad("interval_missing", jpeg.Edit("restart.jpg", 0, 2, func(jpeg.Seg) []jpeg.Seg { return nil }), "B.2.4.4: an interval without data")
}
