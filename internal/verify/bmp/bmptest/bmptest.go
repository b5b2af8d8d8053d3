// Package bmptest writes BMP files of every variant for tests, with the pixels that viewers must
// show. Only tests import it.
package bmptest

import (
	"encoding/binary"
	"image"
	"image/color"
	"math"
)

// File is a BMP in parts. Bytes writes them one after the other, with correct headers; tests
// that want a wrong one edit the bytes.
type File struct {
	HeaderSize    int // 12 to 124; determines the kind of header
	Width, Height int
	TopDown       bool
	Bits          int
	Compression   uint32
	ClrUsed       uint32        // as stated in the header; Palette is written whatever it says
	Palette       []color.NRGBA // 3 bytes each after a header of 12 bytes, else 4
	Masks         []uint32      // red, green, blue, alpha
	Gap           []byte        // between the headers and the pixels
	Pixels        []byte
	Profile       []byte // after the pixels of a V5 file
}

// Bytes returns the file.
func (f File) Bytes() []byte {
	le := binary.LittleEndian
	head := make([]byte, max(f.HeaderSize, 124))
	le.PutUint32(head, uint32(f.HeaderSize))
	height := int32(f.Height)
	if f.TopDown {
		height = -height
	}
	if f.HeaderSize == 12 {
		le.PutUint16(head[4:], uint16(f.Width))
		le.PutUint16(head[6:], uint16(f.Height))
		le.PutUint16(head[8:], 1)
		le.PutUint16(head[10:], uint16(f.Bits))
	} else {
		le.PutUint32(head[4:], uint32(f.Width))
		le.PutUint32(head[8:], uint32(height))
		le.PutUint16(head[12:], 1)
		le.PutUint16(head[14:], uint16(f.Bits))
		le.PutUint32(head[16:], f.Compression)
		le.PutUint32(head[20:], uint32(len(f.Pixels)))
		le.PutUint32(head[32:], f.ClrUsed)
	}
	masks := f.Masks
	for i := 0; f.HeaderSize >= 44+4*i && f.HeaderSize != 64 && len(masks) > 0; i++ {
		le.PutUint32(head[40+4*i:], masks[0])
		masks = masks[1:]
	}
	if f.HeaderSize >= 108 {
		le.PutUint32(head[56:], 0x73524742) // "sRGB"
	}
	out := append(make([]byte, 14), head[:f.HeaderSize]...)
	for _, m := range masks {
		out = le.AppendUint32(out, m)
	}
	for _, c := range f.Palette {
		out = append(out, c.B, c.G, c.R)
		if f.HeaderSize != 12 {
			out = append(out, 0)
		}
	}
	out = append(out, f.Gap...)
	le.PutUint32(out[10:], uint32(len(out)))
	out = append(out, f.Pixels...)
	if f.Profile != nil {
		le.PutUint32(out[14+56:], 0x4D424544) // "MBED"
		le.PutUint32(out[14+112:], uint32(len(out)-14))
		le.PutUint32(out[14+116:], uint32(len(f.Profile)))
		out = append(out, f.Profile...)
	}
	copy(out, "BM")
	le.PutUint32(out[2:], uint32(len(out)))
	return out
}

// Palette returns n colours, all different.
func Palette(n int) []color.NRGBA {
	p := make([]color.NRGBA, n)
	for i := range p {
		p[i] = color.NRGBA{uint8(i * 37), uint8(255 - i), uint8(i * 91), 255}
	}
	return p
}

// Index returns the palette index at x, y of every test picture of n colours.
func Index(x, y, n int) uint8 {
	w, h := int64(x), int64(y)
	return uint8((w*w/3 + 5*h + w*h/7) % int64(n))
}

// source returns the colour at x, y of every test picture of 16 bits or more.
func source(x, y int) color.NRGBA {
	return color.NRGBA{uint8(9 * x), uint8(11*y + x), uint8(255 - 5*x - 3*y), uint8(13*x + 17*y)}
}

// Indexed fills in the palette and the rows of a file of 8 bits or fewer with n colours, and
// returns the picture that it shows.
func (f *File) Indexed(n int) *image.NRGBA {
	f.Palette = Palette(n)
	want := image.NewNRGBA(image.Rect(0, 0, f.Width, f.Height))
	f.rows(func(x, y int) uint32 {
		i := Index(x, y, n)
		want.SetNRGBA(x, y, f.Palette[i])
		return uint32(i)
	})
	return want
}

// Direct fills in the rows of a file of 16 bits or more whose channels are at masks, and returns
// the picture that it shows. alpha says whether the alpha mask counts.
func (f *File) Direct(masks [4]uint32, alpha bool) *image.NRGBA {
	want := image.NewNRGBA(image.Rect(0, 0, f.Width, f.Height))
	f.rows(func(x, y int) uint32 {
		c := source(x, y)
		var pixel uint32
		got := [4]uint8{3: 255}
		for i, v := range [4]uint8{c.R, c.G, c.B, c.A} {
			if masks[i] == 0 {
				continue
			}
			shift := 0
			for masks[i]>>shift&1 == 0 {
				shift++
			}
			top := uint64(masks[i] >> shift)
			stored := uint64(math.Round(float64(v) * float64(top) / 255))
			pixel |= uint32(stored) << shift
			if i < 3 || alpha {
				got[i] = uint8(math.Round(float64(stored) * 255 / float64(top)))
			}
		}
		want.SetNRGBA(x, y, color.NRGBA{got[0], got[1], got[2], got[3]})
		return pixel
	})
	return want
}

// rows packs pixels into rows of whole 32-bit words, bottom up unless TopDown.
func (f *File) rows(at func(x, y int) uint32) {
	size := (f.Width*f.Bits + 31) / 32 * 4
	f.Pixels = make([]byte, size*f.Height)
	for y := range f.Height {
		line := f.Height - 1 - y
		if f.TopDown {
			line = y
		}
		row := f.Pixels[size*line : size*(line+1)]
		for x := range f.Width {
			v := at(x, y)
			if f.Bits < 8 {
				row[x*f.Bits/8] |= uint8(v << (8 - f.Bits - x*f.Bits%8))
				continue
			}
			for i := range f.Bits / 8 {
				row[x*f.Bits/8+i] = uint8(v >> (8 * i))
			}
		}
	}
}

// RunLengths replaces the rows by run-length codes for the same picture of n colours: runs,
// literals and line ends in turn.
func (f *File) RunLengths(n int) {
	f.Pixels = nil
	for y := range f.Height {
		if !f.TopDown {
			y = f.Height - 1 - y
		}
		for x := 0; x < f.Width; {
			at := func(i int) uint8 { return Index(x+i, y, n) }
			run := 1
			for x+run < f.Width && run < 255 && at(run) == at(0) {
				run++
			}
			literal := min(3+(x+y)%5, f.Width-x)
			switch {
			case run >= 3 || literal < 3:
				v := at(0)
				if f.Bits == 4 {
					v |= v << 4
				}
				f.Pixels = append(f.Pixels, uint8(run), v)
				x += run
			default:
				f.Pixels = append(f.Pixels, 0, uint8(literal))
				f.Pixels = append(f.Pixels, f.literal(literal, at)...)
				x += literal
			}
		}
		f.Pixels = append(f.Pixels, 0, 0)
	}
	f.Pixels = append(f.Pixels, 0, 1)
}

func (f *File) literal(n int, at func(i int) uint8) (out []byte) {
	for i := 0; i < n; i++ {
		v := at(i)
		if f.Bits == 4 {
			v <<= 4
			if i++; i < n {
				v |= at(i)
			}
		}
		out = append(out, v)
	}
	if len(out)%2 != 0 {
		out = append(out, 0)
	}
	return out
}
