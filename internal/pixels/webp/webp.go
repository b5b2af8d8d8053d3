// Package webp decodes verified WebP files: lossless ones row by row with the verifier's reader,
// lossy ones with golang.org/x/image/vp8.
package webp

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"

	"golang.org/x/image/vp8"

	"github.com/imgvet/imgvet/internal/pixels/box"
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/webp/vp8l"
)

// Decode returns the pixels of the WebP file b, for an animation the canvas after the first
// frame. Each side is that of the file divided by scale, rounded up; scale is 1 to
// [box.MaxScale]. The caller must have checked the size in pixels, since Decode allocates by it.
//
// At scale 1 the result is an *image.NRGBA or, for a lossy picture that fills the canvas, an
// *image.YCbCr or *image.NYCbCrA; else it is an *image.RGBA. All samples of a lossy picture are
// in memory while it is decoded, 1.5 bytes a pixel. A lossless picture, and opacity, take no
// more than [vp8l.Rows] says.
//
// The error is a [*verify.Fault], or ctx's, which Decode checks between rows, but not while it
// decodes a lossy picture. Decode is safe for concurrent use.
func Decode(ctx context.Context, b []byte, scale int) (image.Image, error) {
	if scale < 1 || scale > box.MaxScale {
		return nil, fmt.Errorf("webp: scale is %d; it must be 1 to %d", scale, box.MaxScale)
	}
	p, err := find(b)
	if err != nil {
		return nil, err
	}
	if p.lossless != nil {
		s := newSink(&p, scale)
		if err := p.losslessRows(ctx, s); err != nil {
			return nil, err
		}
		return s.picture(), nil
	}
	planes, err := p.planes(ctx)
	if err != nil {
		return nil, err
	}
	if scale == 1 && p.at == p.canvas {
		return p.whole(ctx, planes)
	}
	s := newSink(&p, scale)
	if err := p.lossyRows(ctx, planes, s); err != nil {
		return nil, err
	}
	return s.picture(), nil
}

// losslessRows passes the rows of a VP8L picture to s.
func (p *picture) losslessRows(ctx context.Context, s sink) error {
	line := make([]byte, 4*p.at.Dx())
	return vp8l.Rows(p.lossless[vp8l.HeaderSize:], p.at.Dx(), p.at.Dy(), func(y int, argb []uint32) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		for x, c := range argb {
			// Red, green, blue and opacity, in memory order.
			binary.LittleEndian.PutUint32(line[4*x:], c&0xff00ff00|c>>16&0xff|c&0xff<<16)
		}
		s.row(y, line)
		return nil
	})
}

// planes decodes a VP8 picture.
func (p *picture) planes(ctx context.Context) (*image.YCbCr, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d := vp8.NewDecoder()
	d.Init(bytes.NewReader(p.lossy), len(p.lossy))
	h, err := d.DecodeFrameHeader()
	if err != nil {
		return nil, err
	}
	if h.Width != p.at.Dx() || h.Height != p.at.Dy() {
		return nil, verify.Faultf(verify.Malformed, -1, "VP8: %dx%d pixels in a frame of %v", h.Width, h.Height, p.at.Size())
	}
	return d.DecodeFrame()
}

// whole adds the opacity to a picture that fills the canvas.
func (p *picture) whole(ctx context.Context, planes *image.YCbCr) (image.Image, error) {
	if p.alpha == nil {
		return planes, nil
	}
	w := p.at.Dx()
	a := make([]byte, w*p.at.Dy())
	err := p.alphaRows(func(y int, row []byte) error {
		copy(a[y*w:], row)
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	return &image.NYCbCrA{YCbCr: *planes, A: a, AStride: w}, nil
}

// lossyRows passes the rows of a decoded VP8 picture to s.
func (p *picture) lossyRows(ctx context.Context, planes *image.YCbCr, s sink) error {
	line := make([]byte, 4*p.at.Dx())
	put := func(y int, alpha []byte) error {
		fillRGB(line, planes, y)
		for x, a := range alpha {
			line[4*x+3] = a
		}
		s.row(y, line)
		return ctx.Err()
	}
	if p.alpha != nil {
		return p.alphaRows(put)
	}
	for y := range p.at.Dy() {
		if err := put(y, nil); err != nil {
			return err
		}
	}
	return nil
}
