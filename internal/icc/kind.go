package icc

import "encoding/binary"

// Kind says which colour space a profile describes.
type Kind uint8

// Kinds of profiles.
const (
	None  Kind = iota // no profile
	SRGB              // RGB with the primaries of sRGB
	P3                // RGB with the primaries of Display P3
	CMYK              //
	Gray              //
	Other             // any other, or an unreadable one
)

// Offsets and sizes in a profile: ICC.1:2022, 7.2 and 7.3.
const (
	spaceAt    = 16 // data colour space
	tagsAt     = headerSize + tagCount
	tagSize    = 12 // signature, offset, size
	maxTags    = 100
	xyzTagSize = 20 // 'XYZ ', four zero bytes, three numbers
)

// primaries are the values of the tags rXYZ, gXYZ and bXYZ, in units of 1/65536.
type primaries [3][3]int32

// The primaries of sRGB (IEC 61966-2-1) and of Display P3, adapted to D50 as in profiles.
var (
	srgbPrimaries = primaries{{28577, 14581, 912}, {25238, 46982, 6364}, {9378, 3972, 46799}}
	p3Primaries   = primaries{{33761, 15807, -69}, {19127, 45366, 2747}, {10306, 4363, 51388}}
)

// primaryTolerance is how far makers' rounded values may differ: 0.003.
const primaryTolerance = 200

// Read returns the kind of a profile that begins with p, and whether the profile says that its
// samples are of high dynamic range. Tags past the end of p count as missing.
func Read(p []byte) (kind Kind, hdr bool) {
	if len(p) < tagsAt {
		return Other, false
	}
	switch string(p[spaceAt : spaceAt+4]) {
	case "CMYK":
		return CMYK, false
	case "GRAY":
		return Gray, false
	case "RGB ":
		return readRGB(p)
	}
	return Other, false
}

func readRGB(p []byte) (kind Kind, hdr bool) {
	var got primaries
	n := min(int(min(binary.BigEndian.Uint32(p[headerSize:]), maxTags)), (len(p)-tagsAt)/tagSize)
	for i := range n {
		t := p[tagsAt+tagSize*i:]
		at := int64(binary.BigEndian.Uint32(t[4:]))
		if at+tagSize > int64(len(p)) {
			continue
		}
		v := p[at:]
		switch string(t[:4]) {
		case "rXYZ":
			got[0] = xyz(v)
		case "gXYZ":
			got[1] = xyz(v)
		case "bXYZ":
			got[2] = xyz(v)
		case "cicp": // ICC.1:2022, 10.3: primaries, transfer, matrix, range
			hdr = string(v[:4]) == "cicp" && (v[9] == 16 || v[9] == 18)
		}
	}
	switch {
	case got.near(&srgbPrimaries):
		return SRGB, hdr
	case got.near(&p3Primaries):
		return P3, hdr
	}
	return Other, hdr
}

// xyz reads an XYZ tag. It returns zeros if v is not one.
func xyz(v []byte) (n [3]int32) {
	if len(v) < xyzTagSize || string(v[:4]) != "XYZ " {
		return n
	}
	for i := range n {
		n[i] = int32(binary.BigEndian.Uint32(v[8+4*i:]))
	}
	return n
}

func (p *primaries) near(q *primaries) bool {
	for i := range p {
		for j := range p[i] {
			if d := int64(p[i][j]) - int64(q[i][j]); d > primaryTolerance || d < -primaryTolerance {
				return false
			}
		}
	}
	return true
}
