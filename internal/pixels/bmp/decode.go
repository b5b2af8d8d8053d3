package bmp

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"

	"github.com/imgvet/imgvet/internal/pixels/box"
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/bmp/dib"
)

// Decode returns the pixels of b, top row first, each side that of the file divided by
// scale, which is 1 to [box.MaxScale], rounded up. At scale 1:
//   - [*image.Paletted] for 8 bits and fewer, with 2, 4, 16 or 256 colours. Those
//     that the file does not define are black, as in browsers;
//   - [*image.NRGBA] for run-length codes that leave pixels out: those are
//     transparent;
//   - [*image.RGBA], opaque, for 16 bits and more without alpha;
//   - [*image.NRGBA] with alpha. A channel of nothing but zeroes is taken for
//     opaque, as Chromium does.
//
// Else it is an [*image.RGBA], and no pixel of the full size is kept: memory is 4 bytes for
// each pixel of the small picture, and 16 for each in one of its rows.
//
// Alpha is there only if a mask says so, so 32 bits in a BITMAPINFOHEADER are
// opaque, whatever the fourth byte holds. Colour spaces are not applied.
//
// Rows without coding have been checked to be in b before memory is taken for
// them. Run-length codes can ask for more than b pays for: the caller has
// checked the number of pixels. The error is a [*verify.Fault], or ctx's.
func Decode(ctx context.Context, b []byte, scale int) (image.Image, error) {
	if scale < 1 || scale > box.MaxScale {
		return nil, fmt.Errorf("bmp: scale is %d; it must be 1 to %d", scale, box.MaxScale)
	}
	var info verify.Info
	h, err := dib.Parse(b, verify.Limits{MaxPixels: math.MaxInt64, Lenient: true}, &info)
	if err != nil {
		return nil, err
	}
	// On 32 bits the image package would panic.
	if int64(h.Width)*int64(h.Height) > math.MaxInt/4 {
		return nil, verify.Faultf(verify.TooManyPixels, -1, "more pixels than memory can hold")
	}
	holes := false
	if h.IsRLE() {
		in := verify.Memory(ctx, b)
		_, holes, err = h.WalkRLE(in, &info)
		if in.Err() != nil {
			return nil, in.Err()
		}
		if err != nil {
			return nil, err
		}
	}
	if scale > 1 {
		return reduce(ctx, &h, b, scale)
	}
	return full(ctx, &h, b, holes)
}

// full makes all pixels. holes tells that run-length codes leave some out.
func full(ctx context.Context, h *dib.Header, b []byte, holes bool) (image.Image, error) {
	size := image.Rect(0, 0, h.Width, h.Height)
	switch {
	case h.IsRLE() && holes:
		img := image.NewNRGBA(size)
		runLengths(h, b, nrgbaPainter{img, palette(h)})
		return img, ctx.Err()
	case h.IsRLE():
		img := image.NewPaletted(size, palette(h))
		runLengths(h, b, indexPainter{img})
		return img, ctx.Err()
	case h.Bits <= 8:
		img := image.NewPaletted(size, palette(h))
		for y := range h.Height {
			unpack(img.Pix[y*img.Stride:][:h.Width], row(h, b, y), h.Bits)
		}
		return img, ctx.Err()
	}
	to := newConverter(h, b)
	var pix []byte
	var img image.Image
	if h.Masks[3] == 0 {
		rgba := image.NewRGBA(size)
		img, pix = rgba, rgba.Pix
	} else {
		nrgba := image.NewNRGBA(size)
		img, pix = nrgba, nrgba.Pix
	}
	for y := range h.Height {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		to.convert(pix[4*y*h.Width:][:4*h.Width], row(h, b, y))
	}
	return img, nil
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

// converter makes red, green, blue and opacity of pixels of 16 bits and more.
type converter struct {
	step                    int  // bytes of a pixel
	plain                   bool // blue, green and red are bytes, and nothing else counts
	red, green, blue, alpha *channel
}

func newConverter(h *dib.Header, b []byte) *converter {
	c := &converter{
		step: h.Bits / 8, plain: h.Bits == 24 && h.Masks[3] == 0,
		red: newChannel(h.Masks[0]), green: newChannel(h.Masks[1]), blue: newChannel(h.Masks[2]), alpha: newChannel(h.Masks[3]),
	}
	if c.alpha.mask == 0 || !c.anyAlpha(h, b) {
		c.alpha = newChannel(0)
		c.alpha.full[0] = 255
	}
	return c
}

// anyAlpha reports whether a pixel has opacity.
func (c *converter) anyAlpha(h *dib.Header, b []byte) bool {
	for y := range h.Height {
		for src := row(h, b, y)[:h.Width*c.step]; len(src) >= c.step; src = src[c.step:] {
			if c.alpha.at(c.pixel(src)) != 0 {
				return true
			}
		}
	}
	return false
}

// pixel returns the bits of the first pixel of src.
func (c *converter) pixel(src []byte) uint32 {
	v := uint32(src[0]) | uint32(src[1])<<8
	if c.step > 2 {
		v |= uint32(src[2]) << 16
	}
	if c.step > 3 {
		v |= uint32(src[3]) << 24
	}
	return v
}

// convert fills dst with pixels of src.
func (c *converter) convert(dst, src []byte) {
	if c.plain {
		for ; len(dst) >= 4 && len(src) >= 3; src, dst = src[3:], dst[4:] {
			dst[0], dst[1], dst[2], dst[3] = src[2], src[1], src[0], 255
		}
		return
	}
	for ; len(dst) >= 4; src, dst = src[c.step:], dst[4:] {
		v := c.pixel(src)
		dst[0], dst[1], dst[2], dst[3] = c.red.at(v), c.green.at(v), c.blue.at(v), c.alpha.at(v)
	}
}
