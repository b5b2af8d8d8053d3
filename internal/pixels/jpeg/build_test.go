package jpeg_test

import (
	"encoding/binary"

	"github.com/imgvet/imgvet/internal/verify/jpeg/stream"
)

// seg makes a marker segment.
func seg(marker byte, payload ...byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(payload)+2))
	return append(b, payload...)
}

// join makes a file of its parts.
func join(parts ...[]byte) []byte {
	b := []byte{0xff, stream.SOI}
	for _, p := range parts {
		b = append(b, p...)
	}
	return append(b, 0xff, stream.EOI)
}

// quantSeg makes quantization table 0, all of one value.
func quantSeg(v byte) []byte {
	p := make([]byte, 65)
	for i := range p[1:] {
		p[1+i] = v
	}
	return seg(stream.DQT, p...)
}

// frameSeg makes a frame header of components 1, 2, ... whose sampling factors are
// two hexadecimal digits.
func frameSeg(marker, precision byte, width, height int, sampling ...byte) []byte {
	p := []byte{precision, byte(height >> 8), byte(height), byte(width >> 8), byte(width), byte(len(sampling))}
	for i, hv := range sampling {
		p = append(p, byte(i+1), hv, 0)
	}
	return seg(marker, p...)
}

// tablesSeg makes DC table 0, in which category c from 0 to 14 has the code c of four
// bits, and AC table 0, in which 0 is the end of a block and 10 a coefficient of
// fifteen bits.
func tablesSeg() []byte {
	dc := append([]byte{0x00, 0, 0, 0, 15}, make([]byte, 12)...)
	for c := range byte(15) {
		dc = append(dc, c)
	}
	ac := append([]byte{0x10, 1, 1}, make([]byte, 14)...)
	ac = append(ac, 0x00, 0x0f)
	return append(seg(stream.DHT, dc...), seg(stream.DHT, ac...)...)
}

// scanSeg makes a scan header of the given components, with tables 0.
func scanSeg(components ...byte) []byte {
	p := []byte{byte(len(components))}
	for _, c := range components {
		p = append(p, c, 0)
	}
	return seg(stream.SOS, append(p, 0, 63, 0)...)
}

// bitWriter writes entropy-coded data.
type bitWriter struct {
	b    []byte
	acc  uint32
	bits int
}

func (w *bitWriter) put(v, n int) {
	w.acc = w.acc<<n | uint32(v)&(1<<n-1)
	for w.bits += n; w.bits >= 8; w.bits -= 8 {
		c := byte(w.acc >> (w.bits - 8))
		w.b = append(w.b, c)
		if c == 0xff {
			w.b = append(w.b, 0)
		}
	}
}

// flat adds a block of one DC difference of that category, all of whose bits are
// those of the largest value, or of the smallest if negative is set.
func (w *bitWriter) flat(category int, negative bool) {
	w.put(category, 4)
	if !negative {
		w.put(1<<category-1, category)
	} else {
		w.put(0, category)
	}
	w.put(0, 1)
}

// end fills the last byte, and returns all of them.
func (w *bitWriter) end() []byte {
	if w.bits > 0 {
		w.put(0x7f, 8-w.bits)
	}
	return w.b
}

// builtFiles are good files of kinds that no tool at hand makes.
func builtFiles() []file {
	blocks := func(n int) []byte {
		var w bitWriter
		for i := range n {
			w.flat(6, i%2 == 1)
		}
		return w.end()
	}
	head := append(quantSeg(8), tablesSeg()...)
	// An MCU of a scan of several components has 10 blocks at most.
	three := func(name string, mcus, width, height int, sampling ...byte) file {
		perMCU := 0
		for _, hv := range sampling {
			perMCU += int(hv>>4) * int(hv&15)
		}
		return file{name, join(head, frameSeg(stream.SOF1, 8, width, height, sampling...), scanSeg(1, 2, 3), blocks(mcus*perMCU))}
	}
	var extreme bitWriter
	extreme.put(14, 4)
	extreme.put(1<<14-1, 14)
	for range 63 {
		extreme.put(0b10, 2)
		extreme.put(1<<15-1, 15)
	}
	return []file{
		three("4x2", 4, 33, 17, 0x42, 0x11, 0x11),
		three("2x4", 4, 17, 33, 0x24, 0x11, 0x11),
		three("3x1", 4, 30, 15, 0x31, 0x11, 0x11),
		three("1x3", 4, 15, 30, 0x13, 0x11, 0x11),
		three("2x3, chroma of unlike ratios", 4, 17, 25, 0x23, 0x21, 0x11),
		three("luma coarser than chroma", 4, 17, 17, 0x11, 0x22, 0x22),
		{"extreme coefficients", join(quantSeg(255), tablesSeg(), frameSeg(stream.SOF1, 8, 5, 3, 0x11), scanSeg(1), extreme.end())},
	}
}
