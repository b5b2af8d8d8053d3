package bmp

import (
	"image"
	"image/color"
	"math"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/bmp/dib"
)

// Decode returns the pixels of b, top row first:
//   - [*image.Paletted] for 8 bits and fewer, with 2, 4, 16 or 256 colours. Those
//     that the file does not define are black, as in browsers;
//   - [*image.NRGBA] for run-length codes that leave pixels out: those are
//     transparent;
//   - [*image.RGBA], opaque, for 16 bits and more without alpha;
//   - [*image.NRGBA] with alpha. A channel of nothing but zeroes is taken for
//     opaque, as Chromium does.
//
// Alpha is there only if a mask says so, so 32 bits in a BITMAPINFOHEADER are
// opaque, whatever the fourth byte holds. Colour spaces are not applied.
//
// Rows without coding have been checked to be in b before memory is taken for
// them. Run-length codes can ask for more than b pays for: the caller has
// checked the number of pixels. The error is a [*verify.Fault].
func Decode(b []byte) (image.Image, error) {
	var info verify.Info
	h, err := dib.Parse(b, verify.Limits{MaxPixels: math.MaxInt64, Lenient: true}, &info)
	if err != nil {
		return nil, err
	}
	// On 32 bits the image package would panic.
	if int64(h.Width)*int64(h.Height) > math.MaxInt/4 {
		return nil, verify.Faultf(verify.TooManyPixels, -1, "more pixels than memory can hold")
	}
	size := image.Rect(0, 0, h.Width, h.Height)
	switch {
	case h.IsRLE():
		_, holes, err := h.WalkRLE(b, &info)
		if err != nil {
			return nil, err
		}
		if holes {
			img := image.NewNRGBA(size)
			runLengths(&h, b, nrgbaPainter{img, palette(&h)})
			return img, nil
		}
		img := image.NewPaletted(size, palette(&h))
		runLengths(&h, b, indexPainter{img})
		return img, nil
	case h.Bits <= 8:
		img := image.NewPaletted(size, palette(&h))
		for y := range h.Height {
			unpack(img.Pix[y*img.Stride:][:h.Width], row(&h, b, y), h.Bits)
		}
		return img, nil
	case h.Bits == 24 && h.Masks[3] == 0:
		img := image.NewRGBA(size)
		for y := range h.Height {
			src, dst := row(&h, b, y), img.Pix[y*img.Stride:][:4*h.Width]
			for ; len(dst) >= 4 && len(src) >= 3; src, dst = src[3:], dst[4:] {
				dst[0], dst[1], dst[2], dst[3] = src[2], src[1], src[0], 255
			}
		}
		return img, nil
	}
	return fields(&h, b), nil
}

// row returns the bytes of row y, counted from the top.
func row(h *dib.Header, b []byte, y int) []byte {
	if !h.TopDown {
		y = h.Height - 1 - y
	}
	// Parse has checked that the last byte is in b, so an int holds it.
	start := h.Data + y*int(h.RowSize)
	return b[start : start+int(h.RowSize)]
}

// palette returns as many colours as the bits can number.
func palette(h *dib.Header) color.Palette {
	p := make(color.Palette, 1<<h.Bits)
	for i := range p {
		c := color.RGBA{A: 255}
		if at := i * h.PaletteStep; at+3 <= len(h.Palette) {
			c.R, c.G, c.B = h.Palette[at+2], h.Palette[at+1], h.Palette[at]
		}
		p[i] = c
	}
	return p
}

// unpack spreads pixels of 8 bits or fewer over bytes. The first one stands in
// the high bits.
func unpack(dst, src []byte, bits int) {
	if bits == 8 {
		copy(dst, src)
		return
	}
	mask := byte(1)<<bits - 1
	for i := range dst {
		at := i * bits
		dst[i] = src[at/8] >> (8 - bits - at%8) & mask
	}
}

// channel takes one channel out of a pixel: the mask's top 8 bits index full.
type channel struct {
	mask  uint32
	shift int
	full  [256]uint8 // scaled to 0..255
}

func newChannel(mask uint32) *channel {
	c := &channel{mask: mask}
	if mask == 0 {
		return c
	}
	for mask>>c.shift&1 == 0 {
		c.shift++
	}
	for mask>>c.shift > 255 {
		c.shift++
	}
	top := int(mask >> c.shift)
	for i := range c.full {
		c.full[i] = uint8((i*255 + top/2) / top)
	}
	return c
}

func (c *channel) at(pixel uint32) uint8 { return c.full[uint8((pixel&c.mask)>>c.shift)] }

// fields decodes pixels of 16 bits and more whose channels stand where masks tell.
func fields(h *dib.Header, b []byte) image.Image {
	var (
		size       = image.Rect(0, 0, h.Width, h.Height)
		red, green = newChannel(h.Masks[0]), newChannel(h.Masks[1])
		blue       = newChannel(h.Masks[2])
		alpha      = newChannel(h.Masks[3])
		step       = h.Bits / 8
		anyAlpha   uint8
		pix        []byte
		stride     int
		img        image.Image
	)
	if alpha.mask == 0 {
		rgba := image.NewRGBA(size)
		img, pix, stride = rgba, rgba.Pix, rgba.Stride
		alpha.full[0] = 255
	} else {
		nrgba := image.NewNRGBA(size)
		img, pix, stride = nrgba, nrgba.Pix, nrgba.Stride
	}
	for y := range h.Height {
		src, dst := row(h, b, y), pix[y*stride:][:4*h.Width]
		for ; len(dst) >= 4; src, dst = src[step:], dst[4:] {
			v := uint32(src[0]) | uint32(src[1])<<8
			if step > 2 {
				v |= uint32(src[2]) << 16
			}
			if step > 3 {
				v |= uint32(src[3]) << 24
			}
			a := alpha.at(v)
			dst[0], dst[1], dst[2], dst[3] = red.at(v), green.at(v), blue.at(v), a
			anyAlpha |= a
		}
	}
	if anyAlpha == 0 {
		for i := 3; i < len(pix); i += 4 {
			pix[i] = 255
		}
	}
	return img
}
