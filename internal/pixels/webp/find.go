package webp

import (
	"errors"
	"image"

	"github.com/imgvet/imgvet/internal/cursor"
	"github.com/imgvet/imgvet/internal/verify/webp/vp8l"
)

// Layout of WebP (RFC 9649, 2.3 and 2.7).
const (
	riffHeaderSize = 12 // "RIFF", size, "WEBP"
	anmfHeaderSize = 16 // frame position, size, duration, flags
	vp8HeaderSize  = 10
)

// picture is the picture of a still, or of the first frame of an animation.
type picture struct {
	canvas image.Rectangle
	at     image.Rectangle // the picture, in the canvas

	lossless []byte // the payload of VP8L, or nil
	lossy    []byte // of VP8, if lossless is nil
	alpha    []byte // of ALPH; nil if there is none
}

// find finds the first picture of the file b. Like libwebp, it ignores flags and other chunks.
func find(b []byte) (picture, error) {
	var p picture
	c := cursor.New(b, 0)
	c.Skip(riffHeaderSize, "RIFF header")
	for c.Len() > 0 {
		at := len(b) - c.Len()
		id, body := chunk(&c)
		switch string(id) {
		case "VP8X":
			s := cursor.New(body, 0)
			s.Skip(4, "VP8X flags")
			p.canvas.Max = image.Pt(uint24(&s, "canvas width")+1, uint24(&s, "canvas height")+1)
			if err := s.Err(); err != nil {
				return p, err
			}
		case "ANMF":
			if len(body) < anmfHeaderSize || p.canvas.Empty() {
				return p, errors.New("webp: frame without a canvas")
			}
			// libwebp lets a frame's last chunk reach into the frame's own padding.
			return p, p.frame(b[at+8 : min(len(b), at+8+len(body)+len(body)&1)])
		case "ALPH", "VP8L", "VP8 ":
			chunks := cursor.New(b[at:], 0)
			if err := p.chunks(&chunks); err != nil {
				return p, err
			}
			// The picture's own size is that of the canvas: the verifier has checked that.
			p.at = p.ownSize()
			p.canvas = p.at
			if p.at.Empty() {
				return p, errors.New("webp: picture without pixels")
			}
			return p, nil
		}
	}
	if err := c.Err(); err != nil {
		return p, err
	}
	return p, errors.New("webp: no picture")
}

// frame reads the payload of an ANMF chunk.
func (p *picture) frame(b []byte) error {
	c := cursor.New(b, 0)
	x, y := uint24(&c, "frame X")*2, uint24(&c, "frame Y")*2
	c.Skip(3+3+4, "frame size, duration and flags")
	chunks := cursor.New(c.Rest(), 0)
	if err := c.Err(); err != nil {
		return err
	}
	if err := p.chunks(&chunks); err != nil {
		return err
	}
	// libwebp draws the picture at its own size, whatever the frame says.
	if p.at = p.ownSize().Add(image.Pt(x, y)); p.at.Empty() || !p.at.In(p.canvas) {
		return errors.New("webp: frame outside of the canvas")
	}
	return nil
}

// chunks finds the chunks of the next picture of c: VP8L, or VP8 and the ALPH before it.
func (p *picture) chunks(c *cursor.Cursor) error {
	for c.Len() > 0 {
		switch id, body := chunk(c); string(id) {
		case "ALPH":
			p.alpha = body
		case "VP8L":
			if p.lossless = body; len(body) < vp8l.HeaderSize {
				return errors.New("webp: picture is cut")
			}
			return c.Err()
		case "VP8 ":
			if p.lossy = body; len(body) < vp8HeaderSize || p.alpha != nil && len(p.alpha) == 0 {
				return errors.New("webp: picture is cut")
			}
			return c.Err()
		}
	}
	if err := c.Err(); err != nil {
		return err
	}
	return errors.New("webp: no picture")
}

// ownSize reads the size in the picture's own header, whose length chunks has checked.
func (p *picture) ownSize() image.Rectangle {
	if b := p.lossless; b != nil {
		n := uint32(b[1]) | uint32(b[2])<<8 | uint32(b[3])<<16 | uint32(b[4])<<24
		return image.Rect(0, 0, 1+int(n&0x3fff), 1+int(n>>14&0x3fff))
	}
	b := p.lossy
	return image.Rect(0, 0, (int(b[6])|int(b[7])<<8)&0x3fff, (int(b[8])|int(b[9])<<8)&0x3fff)
}

// chunk reads one chunk and its padding.
func chunk(c *cursor.Cursor) (id, body []byte) {
	id = c.Bytes(4, "chunk name")
	size := c.Uint32LE("chunk size")
	if int64(size) > int64(c.Len()) {
		c.Skip(c.Len()+1, "chunk") // sets the error
		return nil, nil
	}
	body = c.Bytes(int(size), "chunk")
	if size%2 == 1 && c.Len() > 0 {
		c.Skip(1, "padding")
	}
	return id, body
}

func uint24(c *cursor.Cursor, what string) int {
	if p := c.Bytes(3, what); p != nil {
		return int(p[0]) | int(p[1])<<8 | int(p[2])<<16
	}
	return 0
}
