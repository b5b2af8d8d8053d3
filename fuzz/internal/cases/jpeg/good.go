package jpeg

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/jpeg"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
	"github.com/imgvet/imgvet/fuzz/internal/seeds"
)

// The sections named here are those of ITU-T T.81 (09/92), also ISO/IEC 10918-1,
// unless another paper is named.

// Good are files that pass; a few of them with a warning.
func Good() []cases.Case {
	s := &cases.Suite{Format: detect.JPEG}
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
		s.Good("kind_"+k.name, seeds.Get(k.name+".jpg"), k.why)
	}
	for _, size := range [][2]int{{1, 1}, {8, 8}, {9, 1}, {1, 9}, {4096, 1}, {1, 4096}} {
		s.Good(fmt.Sprintf("size_%dx%d", size[0], size[1]), jpeg.FlatGray(size[0], size[1]), "B.2.2: X and Y; two bits a block")
	}
	goodMarkers(s)
	goodScans(s)
	fillBytes(s)
	return s.Cases
}

func goodMarkers(s *cases.Suite) {
	jfif := jpeg.Seg{Marker: jpeg.APP0, Data: []byte("JFIF\x00\x01\x02\x01\x00\x48\x00\x48\x00\x00")}
	for o := 1; o <= 8; o++ {
		s.Good(fmt.Sprintf("exif_orientation_%d", o), jpeg.Before("420.jpg", jpeg.DQT, jpeg.Exif(o)), "Exif 3.0, 4.6.5.1.5: Orientation")
	}
	s.Good("comment", jpeg.Before("420.jpg", jpeg.SOS, jpeg.Seg{Marker: jpeg.COM, Data: []byte("hello")}), "B.2.4.5: comments stand among tables")
	s.Good("comment_empty", jpeg.Before("420.jpg", jpeg.SOS, jpeg.Seg{Marker: jpeg.COM}), "B.2.4.5: a length of 2 is no text")
	s.Good("comment_longest", jpeg.Before("gray.jpg", jpeg.SOS, jpeg.Seg{Marker: jpeg.COM, Data: pack.Pattern(65533, 5)}), "B.2.4.5: a length of 65535")
	s.Good("app15", jpeg.Before("420.jpg", jpeg.SOS, jpeg.Seg{Marker: 0xef, Data: pack.Pattern(30, 5)}), "B.2.4.6: application data")
	s.Good("jfif_missing", jpeg.Edit("420.jpg", jpeg.APP0, 0, func(jpeg.Seg) []jpeg.Seg { return nil }), "T.871 is not needed for T.81")
	s.Good("jfif_twice", jpeg.Before("420.jpg", jpeg.DQT, jfif), "B.2.4.6: application data may repeat")
	s.Good("tables_redefined", jpeg.File(slices.Insert(jpeg.Split(seeds.Get("420.jpg")), 1, jpeg.FlatTables()...)...), "B.2.4: a table may be replaced before it is used")
	s.Good("dqt_16_bit", jpeg.Edit("gray.jpg", jpeg.DQT, 0, func(q jpeg.Seg) []jpeg.Seg {
		wide := []byte{0x10 | q.Data[0]}
		for _, v := range q.Data[1:65] {
			wide = append(wide, 0, v)
		}
		return []jpeg.Seg{{Marker: jpeg.DQT, Data: wide}}
	}), "B.2.4.1: Pq 1; libjpeg and browsers take it in baseline frames")
	s.Good("dri_zero", jpeg.Before("420.jpg", jpeg.SOS, jpeg.Seg{Marker: jpeg.DRI, Data: pack.BE16(0)}), "B.2.4.4: interval 0 is none")
	s.Good("dri_past_the_scan", jpeg.Before("420.jpg", jpeg.SOS, jpeg.Seg{Marker: jpeg.DRI, Data: pack.BE16(60000)}), "B.2.4.4: an interval longer than the scan")
	s.Good("extended_8_bit", bytes.Replace(seeds.Get("420.jpg"), []byte{0xff, jpeg.SOF0}, []byte{0xff, 0xc1}, 1), "B.2.2: extended sequential DCT, 8 bits")
}

func goodScans(s *cases.Suite) {
	head := append([]jpeg.Seg{{Marker: jpeg.SOI}}, jpeg.FlatTables()...)
	build := func(segs ...jpeg.Seg) []byte { return jpeg.File(append(head[:len(head):len(head)], segs...)...) }
	eoi := jpeg.Seg{Marker: jpeg.EOI}
	bits := func(n int) jpeg.Seg { return jpeg.Seg{Data: jpeg.FlatBits(n)} }
	s.Good("sampling_4x4", build(jpeg.Frame(jpeg.SOF0, 40, 40, 0x44), jpeg.Scan(0, 63, 0, 1), bits(2*25), eoi),
		"A.2.2: a scan of one component has MCUs of one block, whatever its sampling")
	s.Good("sampling_2x1_1x2", build(jpeg.Frame(jpeg.SOF0, 20, 20, 0x21, 0x11, 0x11), jpeg.Scan(0, 63, 0, 1, 2, 3), bits(2*6*4), eoi), "A.2.3: MCUs of four blocks")
	// A scan of component 1 alone has ceil(9/8)=2 blocks a row, where an interleaved one has 4.
	s.Good("scans_subsampled_apart", build(jpeg.Frame(jpeg.SOF0, 9, 9, 0x22, 0x11, 0x11), jpeg.Scan(0, 63, 0, 1), bits(2*4), jpeg.Scan(0, 63, 0, 2, 3), bits(2*2), eoi),
		"A.2.2: blocks of a scan of one component are counted by its own size")
	s.Warned("progressive_dc_only", build(jpeg.Frame(jpeg.SOF2, 16, 16, 0x11), jpeg.Scan(0, 0, 0, 1), bits(4), eoi), "G.1.1.1: a picture of DC alone is shown whole by libjpeg")
	s.Warned("progressive_dc_refined", build(jpeg.Frame(jpeg.SOF2, 16, 16, 0x11), jpeg.Scan(0, 0, 0x01, 1), bits(4), jpeg.Scan(0, 0, 0x10, 1), bits(4), eoi), "G.1.2.1: a refining bit a block")
	s.Good("progressive_bands", build(jpeg.Frame(jpeg.SOF2, 16, 16, 0x11), jpeg.Scan(0, 0, 0, 1), bits(4), jpeg.Scan(1, 5, 0, 1), bits(4), jpeg.Scan(6, 63, 0, 1), bits(4), eoi), "G.1.1.1.1: spectral selection")
	// Restart markers count modulo 8.
	many := []jpeg.Seg{jpeg.Frame(jpeg.SOF0, 8*11, 8, 0x11), {Marker: jpeg.DRI, Data: pack.BE16(1)}, jpeg.Scan(0, 63, 0, 1), bits(2)}
	for i := range 10 {
		many = append(many, jpeg.Seg{Marker: jpeg.RST0 + byte(i%8)}, bits(2))
	}
	s.Good("restart_11_intervals", build(append(many, eoi)...), "F.1.1.5.2: RST0 to RST7, then RST0 again")
}

func fillBytes(s *cases.Suite) {
	b := seeds.Get("420.jpg")
	dqt := bytes.Index(b, []byte{0xff, jpeg.DQT})
	s.Warned("fill_bytes", slices.Insert(slices.Clone(b), dqt, 0xff, 0xff, 0xff), "B.1.1.2: any marker may be preceded by fill bytes")
}
