package fuzz

import "slices"

// Markers of ITU-T T.81 table B.1.
const (
	mSOF0 = 0xc0
	mSOF2 = 0xc2
	mDHT  = 0xc4
	mRST0 = 0xd0
	mSOI  = 0xd8
	mEOI  = 0xd9
	mSOS  = 0xda
	mDQT  = 0xdb
	mDRI  = 0xdd
	mAPP0 = 0xe0
	mAPP1 = 0xe1
	mCOM  = 0xfe
)

// jpegSeg is a marker segment to be written, or a run of entropy-coded bytes if
// marker is 0.
type jpegSeg struct {
	marker byte
	data   []byte
	longer int // added to the length field
}

// alone reports whether a marker has no length field (T.81 B.1.1.4).
func alone(m byte) bool { return m == mSOI || m == mEOI || m >= mRST0 && m < mSOI || m == 0x01 }

func jpegFile(segs ...jpegSeg) []byte {
	var b []byte
	for _, s := range segs {
		switch {
		case s.marker == 0:
			b = append(b, s.data...)
		case alone(s.marker):
			b = append(b, 0xff, s.marker)
		default:
			b = append(b, 0xff, s.marker)
			b = append(b, be16(len(s.data)+2+s.longer)...)
			b = append(b, s.data...)
		}
	}
	return b
}

// jpegSegs takes a good JPEG apart: jpegFile puts it together again.
func jpegSegs(b []byte) []jpegSeg {
	var segs []jpegSeg
	for _, p := range jpegParts(b) {
		s := jpegSeg{data: slices.Clone(b[p.data:p.dataEnd])}
		if p.kind != "ecs" {
			s.marker = b[p.at+1]
		}
		segs = append(segs, s)
	}
	return segs
}

// jpegEdit takes a seed apart, edits its n-th segment of a marker (0 for
// entropy-coded bytes) and puts it together. To delete the segment, edit returns
// nothing.
func jpegEdit(name string, marker byte, n int, edit func(s jpegSeg) []jpegSeg) []byte {
	var out []jpegSeg
	for _, s := range jpegSegs(seed(name)) {
		if s.marker == marker {
			if n == 0 {
				out = append(out, edit(s)...)
				n--
				continue
			}
			n--
		}
		out = append(out, s)
	}
	return jpegFile(out...)
}

// jpegPatch overwrites bytes of the first segment of a marker. An offset below 0
// counts from its end.
func jpegPatch(name string, marker byte, at int, data ...byte) []byte {
	return jpegEdit(name, marker, 0, func(s jpegSeg) []jpegSeg {
		if at < 0 {
			at += len(s.data)
		}
		s.data = patched(s.data, at, data...)
		return []jpegSeg{s}
	})
}

// jpegBefore puts segments before the first segment of a marker.
func jpegBefore(name string, marker byte, more ...jpegSeg) []byte {
	return jpegEdit(name, marker, 0, func(s jpegSeg) []jpegSeg { return append(more[:len(more):len(more)], s) })
}

// Tables of the pictures that the kit codes itself: the quantization table is
// all ones, and either Huffman table has the two codes 0 for symbol 0 and 10 for
// symbol 1. A block of the same grey as the one before is then two zero bits.
func flatTables() []jpegSeg {
	dqt := append([]byte{0}, slices.Repeat([]byte{1}, 64)...)
	dht := func(class byte) []byte {
		counts := make([]byte, 16)
		counts[0], counts[1] = 1, 1
		return join([]byte{class << 4}, counts, []byte{0, 1})
	}
	return []jpegSeg{{marker: mDQT, data: dqt}, {marker: mDHT, data: dht(0)}, {marker: mDHT, data: dht(1)}}
}

// sof returns a frame header of 8-bit components, all of which use quantization
// table 0. sampling holds H<<4|V of each.
func sof(marker byte, w, h int, sampling ...byte) jpegSeg {
	data := join([]byte{8}, be16(h), be16(w), []byte{byte(len(sampling))})
	for i, hv := range sampling {
		data = append(data, byte(i+1), hv, 0)
	}
	return jpegSeg{marker: marker, data: data}
}

// sos returns a scan header for components that all use Huffman tables 0.
func sos(ss, se, ahal byte, components ...byte) jpegSeg {
	data := []byte{byte(len(components))}
	for _, c := range components {
		data = append(data, c, 0)
	}
	return jpegSeg{marker: mSOS, data: append(data, ss, se, ahal)}
}

// flatGray returns a baseline greyscale picture of one shade: two bits a block.
func flatGray(w, h int) []byte {
	blocks := ((w + 7) / 8) * ((h + 7) / 8)
	segs := append([]jpegSeg{{marker: mSOI}}, flatTables()...)
	segs = append(segs, sof(mSOF0, w, h, 0x11), sos(0, 63, 0, 1), jpegSeg{data: flatBits(2 * blocks)}, jpegSeg{marker: mEOI})
	return jpegFile(segs...)
}

// flatBits returns n zero bits, filled up with ones (T.81 F.1.2.3).
func flatBits(n int) []byte {
	b := make([]byte, (n+7)/8)
	if n%8 != 0 {
		b[len(b)-1] = byte(0xff >> (n % 8))
	}
	return b
}
