package heic

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/heif"
	"github.com/imgvet/imgvet/fuzz/internal/build/meta"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
)

// Forgiven are on both sides of the line between what real encoders, cameras and proxies
// write and what only damage looks like.
func Forgiven() []cases.Case {
	s := &cases.Suite{Format: detect.HEIC}
	c := heif.Seed("tile.heic")
	forgivenStream(s, c)
	forgivenSizes(s, c)
	forgivenMetadata(s, c)
	forgivenDerived(s, c)
	return s.Cases
}

func forgivenStream(s *cases.Suite, c heif.Coded) {
	of := func(data ...[]byte) []byte {
		other := c
		other.Data = pack.Join(data...)
		return other.Still().Bytes()
	}
	s.Warned("nal_length_0_behind", of(c.Data, make([]byte, 4)), "libheif passes over a unit of no byte")
	s.Warned("nal_length_0_behind_thrice", of(c.Data, make([]byte, 12)), "libheif passes over units of no byte")
	s.Bad("nal_length_cut_behind", of(c.Data, []byte{0, 0}), "14496-15 4.3.2: lengths fill the item")
	s.Bad("nal_length_0_before", of(make([]byte, 4), c.Data), "H.265 7.3.1.2: a NAL unit has a header; no writer puts an empty one first")

	s.Warned("hvcc_without_vps", c.Without(heif.VPS).Still().Bytes(), "14496-15 8.3.3.1 wants one; no still needs it, and libheif shows the picture")
	s.Bad("hvcc_without_sps", c.Without(heif.SPS).Still().Bytes(), "H.265 7.4.2.4.2: the size stands in the SPS")
	s.Bad("hvcc_without_pps", c.Without(heif.PPS).Still().Bytes(), "H.265 7.4.2.4.2: slices name a PPS")

	// Eight bits say which extensions follow: range, multilayer, 3D, screen content, and
	// four that are reserved.
	extended := func(sps, pps []byte) []byte {
		return c.WithSets(func(kind byte, unit []byte) []byte {
			switch {
			case kind == heif.SPS && sps != nil:
				return heif.Extended(unit, sps...)
			case kind == heif.PPS && pps != nil:
				return heif.Extended(unit, pps...)
			}
			return unit
		}).Still().Bytes()
	}
	s.Good("sps_pps_multilayer", extended([]byte{0, 1, 0, 0, 0, 0, 0, 0, 0}, []byte{0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}),
		"H.265 F.7.3.2: the base layer of a stereo picture, which libheif shows")
	s.Good("sps_extension_of_nothing", extended(make([]byte, 8), nil), "H.265 7.3.2.2: a flag that announces no extension")
	for _, x := range []struct {
		name string
		at   int
	}{{"3d", 2}, {"screen_content", 3}, {"reserved", 7}} {
		bits := make([]byte, 8)
		bits[x.at] = 1
		s.Bad("sps_extension_"+x.name, extended(bits, nil), "H.265 7.3.2.2: what follows changes how the picture is coded, and no still has it")
	}
}

func forgivenSizes(s *cases.Suite, c heif.Coded) {
	sized := func(w, h int) []byte {
		return c.StillWith(func(f *heif.File) { f.Props[1] = heif.Ispe(w, h) })
	}
	for _, size := range [][2]int{{64, 63}, {64, 57}, {64, 71}, {57, 64}, {71, 64}, {57, 71}} {
		s.Warned(fmt.Sprintf("ispe_%dx%d_of_64x64", size[0], size[1]), sized(size[0], size[1]), "Qt: off by less than a coding block; libheif shows what the stream holds")
	}
	for _, size := range [][2]int{{64, 56}, {64, 72}, {56, 64}, {72, 64}, {57, 72}} {
		s.Bad(fmt.Sprintf("ispe_%dx%d_of_64x64", size[0], size[1]), sized(size[0], size[1]), "6.5.3: off by a coding block or more: of another picture")
	}
}

func forgivenMetadata(s *cases.Suite, c heif.Coded) {
	xmp := func(text string, zeros int) []byte {
		return heif.WithXMP(c.Still(), append([]byte(text), make([]byte, zeros)...)).Bytes()
	}
	const whole = "<x:xmpmeta></x:xmpmeta>\n"
	s.Good("xmp_nul", xmp(whole, 1), "Apple's writer ends XMP in a NUL")
	s.Good("xmp_zeros", xmp(whole, 100), "Apple's writer fills its room with zeros")
	s.Warned("xmp_zeros_inside", xmp("<x:xmpmeta>\x00</x:xmpmeta>", 0), "A.3: XMP is text; no viewer needs it")
	s.Bad("xmp_cut_and_zeros", xmp("<x:xmpmeta></x:xmp", 100), "the end of the file was never written: its tail is lost")

	exif := func(data ...[]byte) []byte { return heif.WithExif(c.Still(), pack.Join(data...)).Bytes() }
	tiff := meta.TIFF(1)
	s.Warned("exif_of_4_bytes", exif(pack.BE32(0)), "A.2.1: EXIF begins with a TIFF header; no viewer needs it")
	s.Warned("exif_byte_order", exif(pack.BE32(0), pack.Patched(tiff, 0, 'X', 'X')), "TIFF 6.0: II or MM; no viewer needs it")
	s.Warned("exif_offset_past_its_end", exif(pack.BE32(1000), tiff), "A.2.1: the offset of the TIFF header; no viewer needs it")
}

func forgivenDerived(s *cases.Suite, c heif.Coded) {
	s.Good("grid_2x2_of_one_item", heif.Repeated(c, 2, 2, 128, 128).Bytes(), "6.6.2.3.1 does not say that tiles differ; Nokia's conformance file C021 has such")
	s.Good("grid_50x50_of_one_item", heif.Repeated(c, 50, 50, 3200, 3200).Bytes(), "each place counts as a picture that is drawn")
	five := heif.Repeated(c, 2, 2, 128, 128)
	five.Refs[0].To = append(five.Refs[0].To, 1)
	s.Bad("grid_2x2_of_one_item_named_5_times", five.Bytes(), "6.6.2.3.1: rows x columns references")

	alpha := heif.Seed("gray.heic")
	layer := heif.WithAlpha(heif.Overlay(c), 2, alpha)
	s.Good("overlay_alpha_layer", layer.Bytes(), "6.6.2.2.1, 6.5.8: a layer with an alpha plane")
	s.Good("overlay_alpha_layers", heif.WithAlpha(layer, 1, alpha).Bytes(), "6.6.2.2.1, 6.5.8: all layers with alpha planes")
	cut := alpha
	cut.Data = pack.Join(pack.BE32(20), alpha.Data[4:24])
	s.Bad("overlay_alpha_layer_cut", heif.WithAlpha(heif.Overlay(c), 2, cut).Bytes(), "H.265 7.3.8: the first bytes of an alpha plane that a layer is blended by")
}
