package png

import (
	"context"
	"errors"
	"io"
	"math"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/inflate"
)

// Colour types, for decoders. PNG (3rd ed.), table 8.
const (
	Grayscale      = grayscale
	Truecolour     = truecolour
	Indexed        = indexedColour
	GrayscaleAlpha = grayscaleAlpha
	TruecolorAlpha = truecolorAlpha
)

// Picture is the still picture of a file, for a decoder: the header of IHDR, the PLTE and tRNS
// that count, and the inflated rows. It forgives what Verify forgives, since both use the same
// code: a chunk that Verify only warns about (misplaced, repeated, or of a wrong length or
// checksum) has no effect.
type Picture struct {
	Width, Height int
	Depth, Colour uint8
	Interlaced    bool
	Palette       []byte // three bytes a colour, 1 to 256 colours; nil if Colour is not Indexed
	Transparency  []byte // data of tRNS, of a legal length; nil if there is none

	v       verifier
	decoder inflate.Decoder
}

// Open reads the file b up to its picture data. The caller must have verified b and checked its
// size. The error is a [*verify.Fault].
func Open(b []byte) (*Picture, error) {
	p := new(Picture)
	v := &p.v
	*v = verifier{in: verify.Memory(context.Background(), b), lim: verify.Limits{MaxPixels: math.MaxInt64, Lenient: true}, inflate: &p.decoder}
	v.in.All()
	v.b = b
	if len(b) < len(signature) || string(b[:len(signature)]) != signature {
		return nil, verify.Faultf(verify.Malformed, 0, "no PNG signature")
	}
	v.pos = len(signature)
	if err := v.header(); err != nil {
		return nil, err
	}
	for {
		c, err := v.next()
		if err != nil {
			return nil, err
		}
		switch {
		case c.name == nameIEND:
			return nil, verify.Faultf(verify.Malformed, c.at, "IEND stands before IDAT")
		case c.name != nameIDAT:
			if err := v.chunk(c); err != nil {
				return nil, err
			}
			continue
		case v.hdr.colour == indexedColour && v.palette == 0:
			return nil, verify.Faultf(verify.Malformed, c.at, "IDAT stands before PLTE")
		}
		h := v.hdr
		p.Width, p.Height, p.Depth, p.Colour, p.Interlaced = int(h.width), int(h.height), h.depth, h.colour, h.interlaced
		p.Transparency = v.trns
		if h.colour == indexedColour {
			p.Palette = v.colours
		}
		v.stream = stream{v: v, name: c.name, at: c.at, piece: c.data}
		v.inflate.Reset(&v.stream)
		return p, nil
	}
}

// Next returns the next inflated bytes of the rows, filter bytes included. They are valid until
// the next call. It returns [io.EOF] at the end of the data.
func (p *Picture) Next() ([]byte, error) {
	span, err := p.decoder.Next()
	var e *inflate.Error
	switch {
	case err == nil:
		return span, nil
	case p.v.stream.fault != nil:
		return nil, p.v.stream.fault
	case err == io.EOF, errors.As(err, &e) && e.Whole:
		return nil, io.EOF
	case e.Short:
		return nil, verify.Faultf(verify.Truncated, p.v.stream.offsetOf(e.Offset), "IDAT: picture data ends too early")
	}
	return nil, verify.Faultf(verify.Malformed, p.v.stream.offsetOf(e.Offset), "IDAT: %s", e.Text)
}

// Pass is the layout of one pass of an interlaced picture: its pixels start at X0, Y0 and are DX
// and DY apart. PNG (3rd ed.), 8.1.
type Pass struct{ X0, Y0, DX, DY int }

// Passes returns the passes of p, one for a picture that is not interlaced.
func (p *Picture) Passes() []Pass {
	if !p.Interlaced {
		return []Pass{{0, 0, 1, 1}}
	}
	all := make([]Pass, len(xStart))
	for i := range all {
		all[i] = Pass{int(xStart[i]), int(yStart[i]), int(xStep[i]), int(yStep[i])}
	}
	return all
}

// BitsPerPixel returns how many bits a pixel takes in a row.
func (p *Picture) BitsPerPixel() int {
	return int(header{colour: p.Colour}.samples()) * int(p.Depth)
}
