package jpeg

import (
	"bytes"
	"slices"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/jpeg"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/seeds"
)

// Forgiven are on both sides of the line between what real encoders, cameras and proxies
// write and what only damage looks like.
func Forgiven() []cases.Case {
	s := &cases.Suite{Format: detect.JPEG}
	b := seeds.Get("420.jpg")
	before := func(at int, p ...byte) []byte { return slices.Insert(slices.Clone(b), at, p...) }
	eoi, dqt := len(b)-2, bytes.Index(b, []byte{0xff, jpeg.DQT})
	const behind, between = "libjpeg-turbo, browsers: bytes behind the last MCU are skipped", "libjpeg: next_marker skips to the next marker"
	s.Warned("surplus_ff00", before(eoi, 0xff, 0), "jpeg-js, Jimp: a whole byte of padding ones")
	s.Warned("surplus_ff00_twice", before(eoi, 0xff, 0, 0xff, 0), behind)
	s.Warned("surplus_a_byte", before(eoi, 0x5a), behind)
	s.Warned("surplus_two_bytes", before(eoi, 0x5a, 0x3c), behind)
	s.Bad("surplus_three_bytes", before(eoi, 0x5a, 0x3c, 0x5a), "more than encoders leave: lost or doubled bits show so")
	s.Warned("surplus_zeros", before(eoi, make([]byte, 40)...), behind)
	s.Bad("surplus_zeros_and_a_byte", before(eoi, append(make([]byte, 40), 1)...), "more than encoders leave")
	s.Warned("stray_bytes", before(dqt, []byte("stray bytes")...), between)
	s.Warned("stray_ff00", before(dqt, 0xff, 0, 0xff, 0), between)
	s.Warned("stray_at_sos", slices.Insert(slices.Clone(b), bytes.Index(b, []byte{0xff, jpeg.SOS}), 1, 2, 3, 4, 5), between)
	s.Warned("com_length_0", before(dqt, 0xff, jpeg.COM, 0, 0), "libjpeg: skip_variable takes it for an empty one")
	s.Warned("app1_length_1", before(dqt, 0xff, 0xe1, 0, 1), "libjpeg: skip_variable takes it for an empty one")
	s.Bad("dqt_length_0_before_the_tables", before(dqt, 0xff, jpeg.DQT, 0, 0), "B.2.4.1: tables have a length")
	s.Warned("com_too_short", before(dqt, 0xff, jpeg.COM, 0, 4, 'l', 'o', 'n', 'g', 'e', 'r'), between)
	s.Bad("com_over_the_tables", before(dqt, 0xff, jpeg.COM, 0, 40), "a table that is skipped is missed")
	s.Warned("dnl_before_the_frame", before(dqt, 0xff, 0xdc, 0, 4, 0, 17), "libjpeg passes over DNL wherever it stands")
	twice := bytes.Clone(b)
	for at, id := range map[int]byte{10: 1, 13: 1, 16: 2} {
		twice[bytes.Index(b, []byte{0xff, jpeg.SOF0})+at] = id
	}
	for at, id := range map[int]byte{5: 1, 7: 1, 9: 2} {
		twice[bytes.Index(b, []byte{0xff, jpeg.SOS})+at] = id
	}
	s.Warned("components_1_1_2", twice, "libjpeg: a scan names them in the frame's order")

	// A gray picture of four blocks by annex K: DC of category 0 is 00, EOB 1010.
	quant, huff := jpeg.FlatTables()[:1], jpeg.FlatTables()[1:]
	head := append([]jpeg.Seg{{Marker: jpeg.SOI}}, quant...)
	tail := []jpeg.Seg{jpeg.Scan(0, 63, 0, 1), {Data: []byte{0x28, 0xa2, 0x8a}}, {Marker: jpeg.EOI}}
	file := func(frame byte, middle ...jpeg.Seg) []byte {
		segs := append(slices.Clone(head), jpeg.Frame(frame, 16, 16, 0x11))
		return jpeg.File(append(append(segs, middle...), tail...)...)
	}
	s.Warned("no_huffman_tables", file(jpeg.SOF0), "motion JPEG: the tables of T.81 annex K")
	s.Bad("no_huffman_tables_progressive", file(jpeg.SOF2), "libjpeg has tables of its own for sequential scans alone")
	hidden := jpeg.File(huff...)
	s.Bad("huffman_tables_in_a_comment", file(jpeg.SOF0, jpeg.Seg{Marker: jpeg.COM, Data: hidden}), "the tables that the data is coded by are skipped")
	progressive := func(scans ...jpeg.Seg) []byte {
		segs := append(append([]jpeg.Seg{{Marker: jpeg.SOI}}, jpeg.FlatTables()...), jpeg.Frame(jpeg.SOF2, 16, 16, 0x11))
		return jpeg.File(append(append(segs, scans...), jpeg.Seg{Marker: jpeg.EOI})...)
	}
	four := jpeg.Seg{Data: jpeg.FlatBits(4)}
	s.Warned("scans_cut_before_the_last", progressive(jpeg.Scan(0, 0, 0, 1), four, jpeg.Scan(1, 63, 1, 1), four), "a proxy cuts between scans and adds EOI: whole, but blurred")
	s.Good("scans_all", progressive(jpeg.Scan(0, 0, 0, 1), four, jpeg.Scan(1, 63, 1, 1), four, jpeg.Scan(1, 63, 0x10, 1), four), "G.1.1: every coefficient to its last bit")
	return s.Cases
}
