package jpeg

import (
	"slices"

	"github.com/imgvet/imgvet/fuzz/internal/build/meta"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
	"github.com/imgvet/imgvet/fuzz/internal/parts"
	"github.com/imgvet/imgvet/fuzz/internal/seeds"
)

// Markers of ITU-T T.81 table B.1.
const (
	SOF0 = 0xc0
	SOF2 = 0xc2
	DHT  = 0xc4
	RST0 = 0xd0
	SOI  = 0xd8
	EOI  = 0xd9
	SOS  = 0xda
	DQT  = 0xdb
	DRI  = 0xdd
	APP0 = 0xe0
	APP1 = 0xe1
	COM  = 0xfe
)

// Seg is a marker segment to be written, or a run of entropy-coded bytes if
// marker is 0.
type Seg struct {
	Marker byte
	Data   []byte
	Longer int // added to the length field
}

// alone reports whether a marker has no length field (T.81 B.1.1.4).
func alone(m byte) bool { return m == SOI || m == EOI || m >= RST0 && m < SOI || m == 0x01 }

// File writes segments one behind the other.
func File(segs ...Seg) []byte {
	var b []byte
	for _, s := range segs {
		switch {
		case s.Marker == 0:
			b = append(b, s.Data...)
		case alone(s.Marker):
			b = append(b, 0xff, s.Marker)
		default:
			b = append(b, 0xff, s.Marker)
			b = append(b, pack.BE16(len(s.Data)+2+s.Longer)...)
			b = append(b, s.Data...)
		}
	}
	return b
}

// Split takes a good JPEG apart: File puts it together again.
func Split(b []byte) []Seg {
	var segs []Seg
	for _, p := range parts.JPEG(b) {
		s := Seg{Data: slices.Clone(b[p.Data:p.DataEnd])}
		if p.Kind != "ecs" {
			s.Marker = b[p.At+1]
		}
		segs = append(segs, s)
	}
	return segs
}

// Edit takes a seed apart, edits its n-th segment of a marker (0 for
// entropy-coded bytes) and puts it together. To delete the segment, edit returns
// nothing.
func Edit(name string, marker byte, n int, edit func(s Seg) []Seg) []byte {
	var out []Seg
	for _, s := range Split(seeds.Get(name)) {
		if s.Marker == marker {
			if n == 0 {
				out = append(out, edit(s)...)
				n--
				continue
			}
			n--
		}
		out = append(out, s)
	}
	return File(out...)
}

// Patch overwrites bytes of the first segment of a marker. An offset below 0
// counts from its end.
func Patch(name string, marker byte, at int, data ...byte) []byte {
	return Edit(name, marker, 0, func(s Seg) []Seg {
		if at < 0 {
			at += len(s.Data)
		}
		s.Data = pack.Patched(s.Data, at, data...)
		return []Seg{s}
	})
}

// Before puts segments before the first segment of a marker.
func Before(name string, marker byte, more ...Seg) []byte {
	return Edit(name, marker, 0, func(s Seg) []Seg { return append(more[:len(more):len(more)], s) })
}

// Exif is an Exif segment (CIPA DC-008, 4.5.4) that sets the orientation.
func Exif(orientation int) Seg {
	return Seg{Marker: APP1, Data: append([]byte("Exif\x00\x00"), meta.TIFF(orientation)...)}
}
