//go:build !imgvet_verdictonly

package pixels

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/draw"

	"golang.org/x/image/webp"

	"github.com/imgvet/imgvet/internal/cursor"
)

// Chunk layout of WebP (RFC 9649, 2.3 and 2.7).
const (
	riffHeaderSize = 12 // "RIFF", size, "WEBP"
	anmfHeaderSize = 16 // frame position, size, duration, flags
	vp8xAlpha      = 1 << 4
)

// decodeWebP returns the pixels of a WebP file: of an animation the canvas as
// the first frame leaves it, which golang.org/x/image/webp does not decode. That
// decoder is handed a file of the picture's chunks alone: it minds flags and
// chunks beside them that libwebp does not.
func decodeWebP(b []byte) (image.Image, error) {
	canvas, frame, picture, err := firstPicture(b)
	if err != nil {
		return nil, err
	}
	if frame == nil {
		return webp.Decode(bytes.NewReader(still(picture, canvas.Max.X, canvas.Max.Y)))
	}
	c := cursor.New(frame, 0)
	x, y := uint24(&c, "frame X")*2, uint24(&c, "frame Y")*2
	w, h := uint24(&c, "frame width")+1, uint24(&c, "frame height")+1
	c.Skip(4, "frame duration and flags")
	chunks := cursor.New(c.Rest(), 0)
	if err := c.Err(); err != nil {
		return nil, err
	}
	data, err := pictureOf(&chunks)
	if err != nil {
		return nil, err
	}
	img, err := webp.Decode(bytes.NewReader(still(data, w, h)))
	if err != nil {
		return nil, err
	}
	at := image.Rect(x, y, x+w, y+h)
	if at == canvas {
		return img, nil
	}
	// RFC 9649, 2.7.1.1: the canvas is transparent where no frame has painted.
	dst := image.NewNRGBA(canvas)
	draw.Draw(dst, at, img, img.Bounds().Min, draw.Src)
	return dst, nil
}

// firstPicture returns the canvas, if the file states one, and the payload of the
// first ANMF chunk or, of a still, the chunks that make its picture.
func firstPicture(b []byte) (canvas image.Rectangle, frame, picture []byte, err error) {
	c := cursor.New(b, 0)
	c.Skip(riffHeaderSize, "RIFF header")
	for c.Len() > 0 {
		at := len(b) - c.Len()
		id, body := chunk(&c)
		switch string(id) {
		case "VP8X":
			s := cursor.New(body, 0)
			s.Skip(4, "VP8X flags")
			canvas.Max = image.Pt(uint24(&s, "canvas width")+1, uint24(&s, "canvas height")+1)
			if err := s.Err(); err != nil {
				return canvas, nil, nil, err
			}
		case "ANMF":
			if len(body) < anmfHeaderSize || canvas.Empty() {
				return canvas, nil, nil, errors.New("webp: frame without a canvas")
			}
			// libwebp lets a frame's last chunk reach into the frame's own padding.
			return canvas, b[at+8 : min(len(b), at+8+len(body)+len(body)&1)], nil, c.Err()
		case "ALPH", "VP8L", "VP8 ":
			c := cursor.New(b[at:], 0)
			picture, err = pictureOf(&c)
			return canvas, nil, picture, err
		}
	}
	if err := c.Err(); err != nil {
		return canvas, nil, nil, err
	}
	return canvas, nil, nil, errors.New("webp: no picture")
}

// pictureOf returns the chunks that make the next picture of c: VP8L, or VP8 and the
// ALPH before it.
func pictureOf(c *cursor.Cursor) ([]byte, error) {
	var alpha []byte
	for c.Len() > 0 {
		switch id, body := chunk(c); string(id) {
		case "ALPH":
			alpha = appendChunk(nil, id, body)
		case "VP8L":
			return appendChunk(nil, id, body), c.Err()
		case "VP8 ":
			return appendChunk(alpha, id, body), c.Err()
		}
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	return nil, errors.New("webp: no picture")
}

// appendChunk appends a chunk with its padding.
func appendChunk(b, id, body []byte) []byte {
	b = binary.LittleEndian.AppendUint32(append(b, id...), uint32(len(body)))
	b = append(b, body...)
	return append(b, make([]byte, len(body)&1)...)
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

// still makes a file of its own of the chunks of a picture of that size.
func still(data []byte, w, h int) []byte {
	if len(data) >= 4 && string(data[:4]) == "ALPH" {
		vp8x := make([]byte, 10)
		vp8x[0] = vp8xAlpha
		putUint24(vp8x[4:], w-1)
		putUint24(vp8x[7:], h-1)
		head := append([]byte("VP8X\x0a\x00\x00\x00"), vp8x...)
		data = append(head, data...)
	}
	out := append([]byte("RIFF"), 0, 0, 0, 0)
	out = append(append(out, "WEBP"...), data...)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

func uint24(c *cursor.Cursor, what string) int {
	if p := c.Bytes(3, what); p != nil {
		return int(p[0]) | int(p[1])<<8 | int(p[2])<<16
	}
	return 0
}

func putUint24(p []byte, v int) {
	p[0], p[1], p[2] = byte(v), byte(v>>8), byte(v>>16)
}
