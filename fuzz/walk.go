package fuzz

import (
	"encoding/binary"
	"hash/crc32"
	"slices"

	"github.com/imgvet/imgvet/detect"
)

// The walkers below find the parts of a file so that an operation can aim at
// them. They take any bytes, broken ones too, and stop where the structure does.

// part is a chunk, marker segment, RIFF chunk or box.
type part struct {
	kind     string // chunk type, marker as "ffd8", FourCC, box type
	at, end  int    // the whole part, header and checksum included
	data     int    // where its data begin
	dataEnd  int    // and end
	children bool   // a box whose data are boxes
}

// partsOf returns the parts of a file of any of the five formats. BMP has one
// part for each of its header, colour table and pixels. The parts inside HEIC's
// containers follow their container.
func partsOf(b []byte) []part {
	switch detect.Detect(b) {
	case detect.PNG:
		return pngParts(b)
	case detect.JPEG:
		return jpegParts(b)
	case detect.WebP:
		return riffParts(b)
	case detect.HEIC:
		return boxParts(b, 0, len(b), 0)
	case detect.BMP:
		return bmpParts(b)
	}
	return nil
}

func pngParts(b []byte) []part {
	var parts []part
	for at := len(pngSignature); at+12 <= len(b); {
		n := int64(binary.BigEndian.Uint32(b[at:]))
		if n > int64(len(b)-at-12) {
			break
		}
		end := at + 12 + int(n)
		parts = append(parts, part{kind: string(b[at+4 : at+8]), at: at, end: end, data: at + 8, dataEnd: end - 4})
		at = end
	}
	return parts
}

// reseal returns a copy of a PNG with every CRC made right, other bytes as they
// are. Bytes of another format are returned as a copy.
func reseal(b []byte) []byte {
	b = slices.Clone(b)
	if detect.Detect(b) != detect.PNG {
		return b
	}
	for _, p := range pngParts(b) {
		binary.BigEndian.PutUint32(b[p.dataEnd:], crc32.ChecksumIEEE(b[p.at+4:p.dataEnd]))
	}
	return b
}

// jpegParts returns one part a marker segment; the entropy-coded bytes behind an
// SOS or RST marker are a part of kind "ecs".
func jpegParts(b []byte) []part {
	var parts []part
	for at := 0; at+2 <= len(b); {
		if b[at] != 0xff {
			end := at
			for end < len(b) && (b[end] != 0xff || end+1 == len(b) || b[end+1] == 0) {
				end++
			}
			parts = append(parts, part{kind: "ecs", at: at, end: end, data: at, dataEnd: end})
			at = end
			continue
		}
		m := b[at+1]
		p := part{kind: "ff" + hexByte(m), at: at, end: at + 2, data: at + 2, dataEnd: at + 2}
		switch {
		case m == 0xff: // a fill byte
			at++
			continue
		case m == 0xd8 || m == 0xd9 || m >= 0xd0 && m <= 0xd7 || m == 0x01:
		default:
			if at+4 > len(b) {
				return parts
			}
			n := int(binary.BigEndian.Uint16(b[at+2:]))
			if n < 2 || n > len(b)-at-2 {
				return parts
			}
			p.data, p.end, p.dataEnd = at+4, at+2+n, at+2+n
		}
		parts = append(parts, p)
		at = p.end
		if m == 0xd9 {
			break
		}
	}
	return parts
}

func hexByte(v byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[v>>4], digits[v&15]})
}

func riffParts(b []byte) []part {
	var parts []part
	for at := 12; at+8 <= len(b); {
		n := int64(binary.LittleEndian.Uint32(b[at+4:]))
		if n > int64(len(b)-at-8) {
			break
		}
		dataEnd := at + 8 + int(n)
		end := min(dataEnd+int(n&1), len(b))
		parts = append(parts, part{kind: string(b[at : at+4]), at: at, end: end, data: at + 8, dataEnd: dataEnd})
		at = end
	}
	return parts
}

// boxParts lists the boxes of b[from:to] and of the containers among them.
func boxParts(b []byte, from, to, depth int) []part {
	var parts []part
	for at := from; at+8 <= to; {
		n := int64(binary.BigEndian.Uint32(b[at:]))
		if n == 0 {
			n = int64(to - at)
		}
		if n < 8 || n > int64(to-at) {
			break
		}
		p := part{kind: string(b[at+4 : at+8]), at: at, end: at + int(n), data: at + 8, dataEnd: at + int(n)}
		header := map[string]int{"meta": 4, "iprp": 0, "ipco": 0, "iinf": 6, "iref": 4, "dinf": 0}
		skip, container := header[p.kind]
		p.children = container && depth < 8
		parts = append(parts, p)
		if p.children && p.data+skip <= p.end {
			parts = append(parts, boxParts(b, p.data+skip, p.end, depth+1)...)
		}
		at = p.end
	}
	return parts
}

func bmpParts(b []byte) []part {
	if len(b) < 18 {
		return nil
	}
	header := min(14+int64(binary.LittleEndian.Uint32(b[14:])), int64(len(b)))
	pixels := min(max(int64(binary.LittleEndian.Uint32(b[10:])), header), int64(len(b)))
	span := func(kind string, from, to int64) part {
		return part{kind: kind, at: int(from), end: int(to), data: int(from), dataEnd: int(to)}
	}
	return []part{
		span("file header", 0, 14), span("info header", 14, header),
		span("colour table", header, pixels), span("pixels", pixels, int64(len(b))),
	}
}
