package detect_test

import (
	"encoding/binary"
	"strings"

	"github.com/imgvet/imgvet/detect"
)

// item is an entry of the item list: "1 hvc1".
type item struct {
	id   uint16
	kind string
}

func boxOf(kind string, parts ...string) string {
	body := strings.Join(parts, "")
	return string(binary.BigEndian.AppendUint32(nil, uint32(8+len(body)))) + kind + body
}

func u16(v uint16) string { return string(binary.BigEndian.AppendUint16(nil, v)) }
func u32(v uint32) string { return string(binary.BigEndian.AppendUint32(nil, v)) }

func ftyp(major string, compatible ...string) string {
	return boxOf("ftyp", major, u32(0), strings.Join(compatible, ""))
}

func iinf(items ...item) string {
	body := u32(0) + u16(uint16(len(items)))
	for _, it := range items {
		body += boxOf("infe", u32(2<<24), u16(it.id), u16(0), it.kind, "\x00")
	}
	return boxOf("iinf", body)
}

func pitm(id uint16) string { return boxOf("pitm", u32(0), u16(id)) }

func dimg(from uint16, to ...uint16) string {
	body := u16(from) + u16(uint16(len(to)))
	for _, id := range to {
		body += u16(id)
	}
	return boxOf("dimg", body)
}

func meta(boxes ...string) string {
	hdlr := boxOf("hdlr", u32(0), u32(0), "pict", strings.Repeat("\x00", 13))
	return boxOf("meta", u32(0), hdlr, strings.Join(boxes, ""))
}

func heifSamples() []sample {
	hvc1 := meta(pitm(1), iinf(item{1, "hvc1"}))
	av01 := meta(pitm(1), iinf(item{1, "av01"}))
	grid := func(part string) string {
		return meta(pitm(9), iinf(item{1, part}, item{2, part}, item{9, "grid"}), boxOf("iref", u32(0), dimg(9, 1, 2)))
	}
	mdat := boxOf("mdat", strings.Repeat("\x00", detect.HeadSize))
	// Long forms: 32-bit item IDs, 64-bit box sizes.
	wide := boxOf("meta", u32(0), boxOf("pitm", u32(1<<24), u32(1<<16)),
		boxOf("iinf", u32(1<<24), u32(1), boxOf("infe", u32(3<<24), u32(1<<16), u16(0), "hvc1", "\x00")))
	large := u32(1) + "meta" + u32(0) + u32(uint32(len(hvc1)+8)) + hvc1[8:]
	rest := u32(0) + hvc1[4:]
	loop := meta(pitm(9), iinf(item{8, "iden"}, item{9, "iden"}), boxOf("iref", u32(0), dimg(9, 8), dimg(8, 9)))
	noPrimary := func(kinds ...string) string {
		var items []item
		for i, k := range kinds {
			items = append(items, item{uint16(i + 1), k})
		}
		return meta(pitm(99), iinf(items...))
	}
	cutAfter := func(s, part string) string { return s[:strings.Index(s, part)+len(part)] }

	list := []struct {
		name, head string
		want       detect.Format
		mime       string
	}{
		{"heic", ftyp("heic", "mif1", "heic") + hvc1, detect.HEIC, ""},
		{"heic by a compatible brand", ftyp("mif1", "mif1", "heic") + hvc1, detect.HEIC, ""},
		{"heic by its item alone", ftyp("mif1", "mif1") + hvc1, detect.HEIC, ""},
		{"heic sequence by its item alone", ftyp("msf1", "msf1", "iso8") + hvc1, detect.HEIC, ""},
		{"heix", ftyp("heix", "mif1", "heix") + hvc1, detect.HEIC, ""},
		{"heim", ftyp("heim", "mif1") + hvc1, detect.HEIC, ""},
		{"heis of a layered item", ftyp("heis", "mif1") + meta(pitm(1), iinf(item{1, "lhv1"})), detect.HEIC, ""},
		{"hevc with a still", ftyp("hevc", "msf1", "hevc") + hvc1, detect.HEIC, ""},
		{"hevx with a still", ftyp("hevx", "msf1", "hevx") + hvc1, detect.HEIC, ""},
		{"heic grid", ftyp("heic", "mif1", "heic") + grid("hvc1"), detect.HEIC, ""},
		{"heic grid by its item alone", ftyp("mif1") + grid("hvc1"), detect.HEIC, ""},
		{"avif grid behind mif1", ftyp("mif1", "avif") + grid("av01"), detect.Unknown, "image/heif"},
		{"grid of a grid", ftyp("mif1") + meta(pitm(9), iinf(item{1, "hvc1"}, item{8, "grid"}, item{9, "iden"}),
			boxOf("iref", u32(0), dimg(9, 8), dimg(8, 1))), detect.HEIC, ""},
		{"identity loop", ftyp("mif1") + loop, detect.Unknown, "image/heif"},
		{"grid without inputs", ftyp("mif1") + meta(pitm(9), iinf(item{9, "grid"})), detect.Unknown, "image/heif"},
		{"wide item numbers", ftyp("mif1") + wide, detect.HEIC, ""},
		{"64-bit box size", ftyp("mif1") + large, detect.HEIC, ""},
		{"box up to the end", ftyp("mif1") + rest, detect.HEIC, ""},
		{"free box first", ftyp("mif1") + boxOf("free", "xxxx") + hvc1, detect.HEIC, ""},
		{"hevc item in a video's container", ftyp("isom", "mp42", "heic") + hvc1, detect.HEIC, ""},

		{"avif", ftyp("avif", "mif1", "miaf") + av01, detect.Unknown, "image/avif"},
		{"avif behind mif1", ftyp("mif1", "avif", "miaf") + av01, detect.Unknown, "image/heif"},
		{"avif that pretends to be heic", ftyp("heic", "mif1", "heic") + av01, detect.Unknown, "image/heif"},
		{"avif with an hevc thumbnail", ftyp("mif1", "avif") + meta(pitm(1), iinf(item{1, "av01"}, item{2, "hvc1"})), detect.Unknown, "image/heif"},
		{"jpeg in heif", ftyp("mif1", "jpeg") + meta(pitm(1), iinf(item{1, "jpeg"})), detect.Unknown, "image/heif"},
		{"avc in heif", ftyp("avci", "mif1") + meta(pitm(1), iinf(item{1, "avc1"})), detect.Unknown, "video/mp4"},
		{"vvc in heif", ftyp("vvic", "mif1") + meta(pitm(1), iinf(item{1, "vvc1"})), detect.Unknown, "video/mp4"},
		{"mp4", ftyp("isom", "isom", "mp41") + boxOf("moov", strings.Repeat("\x00", 99)), detect.Unknown, "video/mp4"},
		{"mp4 with a stray brand", ftyp("isom", "heic") + boxOf("moov", strings.Repeat("\x00", 99)), detect.Unknown, "video/mp4"},
		{"mp4 of hevc", ftyp("mp42", "hvc1", "hev1") + mdat, detect.Unknown, "video/mp4"},
		{"quicktime with a stray brand", ftyp("qt  ", "heic") + mdat, detect.Unknown, "video/quicktime"},
		{"minor version is no brand", boxOf("ftyp", "mp42", "heic", "isom") + hvc1, detect.Unknown, "video/mp4"},
		{"hvc1 item without a heif brand", ftyp("mp42", "isom") + hvc1, detect.Unknown, "video/mp4"},
		{"ftyp is not first", boxOf("free", "xxxxxxxx") + ftyp("heic", "mif1") + hvc1, detect.Unknown, "application/octet-stream"},

		// The head does not show the primary item.
		{"brand alone", ftyp("heic", "mif1", "heic"), detect.HEIC, ""},
		{"compatible brand alone", ftyp("mif1", "mif1", "heic"), detect.HEIC, ""},
		{"brands cut", ftyp("heic", "mif1", "heic")[:16], detect.HEIC, ""},
		{"mif1 alone", ftyp("mif1", "mif1", "miaf"), detect.Unknown, "image/heif"},
		{"coded data first", ftyp("heic", "mif1", "heic") + mdat + hvc1, detect.HEIC, ""},
		{"coded data first, mif1", ftyp("mif1", "mif1") + mdat + hvc1, detect.Unknown, "image/heif"},
		{"coded data first, avif with heic", ftyp("avif", "mif1", "heic") + mdat + av01, detect.Unknown, "image/avif"},
		{"item list cut, heic", cutAfter(ftyp("heic", "mif1")+hvc1, "iinf"), detect.HEIC, ""},
		{"item list cut, mif1", cutAfter(ftyp("mif1")+hvc1, "iinf"), detect.Unknown, "image/heif"},
		{"primary not in the list, mif1 and hevc", ftyp("mif1") + noPrimary("hvc1", "Exif"), detect.HEIC, ""},
		{"primary not in the list, mif1 and both", ftyp("mif1") + noPrimary("hvc1", "av01"), detect.Unknown, "image/heif"},
		{"primary not in the list, heic", ftyp("heic", "mif1") + noPrimary("Exif"), detect.HEIC, ""},
		{"primary not in the list, video and hevc", ftyp("isom", "heic") + noPrimary("hvc1"), detect.Unknown, "video/mp4"},
		{"no primary, heic", ftyp("heic", "mif1") + meta(iinf(item{1, "hvc1"})), detect.HEIC, ""},
		{"meta of four bytes", ftyp("mif1") + boxOf("meta", "\x00\x00\x00"), detect.Unknown, "image/heif"},
		{"box of impossible size", ftyp("heic", "mif1") + u32(7) + "meta" + hvc1[8:], detect.HEIC, ""},
		{"64-bit size cut", ftyp("heic", "mif1") + u32(1) + "meta", detect.HEIC, ""},
		{"64-bit size too small", ftyp("mif1") + u32(1) + "meta" + u32(0) + u32(15) + hvc1[8:], detect.Unknown, "image/heif"},
		{"64-bit size huge", ftyp("mif1") + u32(1) + "meta" + u32(0xffffffff) + u32(0xffffffff) + hvc1[8:], detect.HEIC, ""},
		{"old item entries", ftyp("mif1") + meta(pitm(1), boxOf("iinf", u32(0), u16(1), boxOf("infe", u32(0), u16(1), u16(0), "hvc1\x00"))), detect.Unknown, "image/heif"},
	}
	out := make([]sample, len(list))
	for i, s := range list {
		if s.mime == "" {
			s.mime = s.want.MIME()
		}
		out[i] = sample{s.name, []byte(s.head), s.want, s.mime}
	}
	return out
}
