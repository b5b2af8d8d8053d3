package parts

import (
	"encoding/binary"
	"hash/crc32"
	"slices"

	"github.com/imgvet/imgvet/detect"
)

// PNGSignature is how every PNG begins (PNG, 3rd ed., 5.2).
const PNGSignature = "\x89PNG\r\n\x1a\n"

// Part is a chunk, marker segment, RIFF chunk or box.
type Part struct {
	Kind     string // chunk type, marker as "ffd8", FourCC, box type
	At, End  int    // the whole part, header and checksum included
	Data     int    // where its data begin
	DataEnd  int    // and end
	children bool   // a box whose data are boxes
}

// Of returns the parts of a file of any of the five formats. BMP has one
// part for each of its header, colour table and pixels. The parts inside HEIC's
// containers follow their container.
func Of(b []byte) []Part {
	switch detect.Detect(b) {
	case detect.PNG:
		return PNG(b)
	case detect.JPEG:
		return JPEG(b)
	case detect.WebP:
		return RIFF(b)
	case detect.HEIC:
		return Boxes(b, 0, len(b), 0)
	case detect.BMP:
		return bmpParts(b)
	}
	return nil
}

// PNG returns the chunks of a PNG.
func PNG(b []byte) []Part {
	var parts []Part
	for at := len(PNGSignature); at+12 <= len(b); {
		n := int64(binary.BigEndian.Uint32(b[at:]))
		if n > int64(len(b)-at-12) {
			break
		}
		end := at + 12 + int(n)
		parts = append(parts, Part{Kind: string(b[at+4 : at+8]), At: at, End: end, Data: at + 8, DataEnd: end - 4})
		at = end
	}
	return parts
}

// Reseal returns a copy of a PNG with every CRC made right, other bytes as they
// are. Bytes of another format are returned as a copy.
func Reseal(b []byte) []byte {
	b = slices.Clone(b)
	if detect.Detect(b) != detect.PNG {
		return b
	}
	for _, p := range PNG(b) {
		binary.BigEndian.PutUint32(b[p.DataEnd:], crc32.ChecksumIEEE(b[p.At+4:p.DataEnd]))
	}
	return b
}

// JPEG returns one part a marker segment; the entropy-coded bytes behind an
// SOS or RST marker are a part of kind "ecs".
func JPEG(b []byte) []Part {
	var parts []Part
	for at := 0; at+2 <= len(b); {
		if b[at] != 0xff {
			end := at
			for end < len(b) && (b[end] != 0xff || end+1 == len(b) || b[end+1] == 0) {
				end++
			}
			parts = append(parts, Part{Kind: "ecs", At: at, End: end, Data: at, DataEnd: end})
			at = end
			continue
		}
		m := b[at+1]
		p := Part{Kind: "ff" + hexByte(m), At: at, End: at + 2, Data: at + 2, DataEnd: at + 2}
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
			p.Data, p.End, p.DataEnd = at+4, at+2+n, at+2+n
		}
		parts = append(parts, p)
		at = p.End
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

// RIFF returns the chunks of a RIFF file.
func RIFF(b []byte) []Part {
	var parts []Part
	for at := 12; at+8 <= len(b); {
		n := int64(binary.LittleEndian.Uint32(b[at+4:]))
		if n > int64(len(b)-at-8) {
			break
		}
		dataEnd := at + 8 + int(n)
		end := min(dataEnd+int(n&1), len(b))
		parts = append(parts, Part{Kind: string(b[at : at+4]), At: at, End: end, Data: at + 8, DataEnd: dataEnd})
		at = end
	}
	return parts
}

// Boxes lists the boxes of b[from:to] and of the containers among them.
func Boxes(b []byte, from, to, depth int) []Part {
	var parts []Part
	for at := from; at+8 <= to; {
		n := int64(binary.BigEndian.Uint32(b[at:]))
		if n == 0 {
			n = int64(to - at)
		}
		if n < 8 || n > int64(to-at) {
			break
		}
		p := Part{Kind: string(b[at+4 : at+8]), At: at, End: at + int(n), Data: at + 8, DataEnd: at + int(n)}
		header := map[string]int{"meta": 4, "iprp": 0, "ipco": 0, "iinf": 6, "iref": 4, "dinf": 0}
		skip, container := header[p.Kind]
		p.children = container && depth < 8
		parts = append(parts, p)
		if p.children && p.Data+skip <= p.End {
			parts = append(parts, Boxes(b, p.Data+skip, p.End, depth+1)...)
		}
		at = p.End
	}
	return parts
}

func bmpParts(b []byte) []Part {
	if len(b) < 18 {
		return nil
	}
	header := min(14+int64(binary.LittleEndian.Uint32(b[14:])), int64(len(b)))
	pixels := min(max(int64(binary.LittleEndian.Uint32(b[10:])), header), int64(len(b)))
	span := func(kind string, from, to int64) Part {
		return Part{Kind: kind, At: int(from), End: int(to), Data: int(from), DataEnd: int(to)}
	}
	return []Part{
		span("file header", 0, 14), span("info header", 14, header),
		span("colour table", header, pixels), span("pixels", pixels, int64(len(b))),
	}
}
