package png

import (
	"image"
	"image/color"

	"github.com/imgvet/imgvet/internal/pixels/box"
	"github.com/imgvet/imgvet/internal/verify/png"
)

// reducer is a sink that keeps the means of squares of pixels.
type reducer struct {
	p             *png.Picture
	scale         int
	width, height int // of the result
	channels      int // of the result: 1 gray, or 4 red, green, blue and opacity

	pix  []byte // of the result
	line []byte // a row of the file at 8 bits a sample, colours weighted by opacity
	flat func(line, src []byte, n int)
	add  func(sums []uint32, src []byte, scale int) // adds a whole row without line; nil if there is none

	// Sums over squares of pixels: for the row of squares that holds the current row of the
	// file, or for all squares if the picture is interlaced and short is nil.
	sums  []uint32
	short []uint16 // for all squares of an interlaced picture, if their sums fit
	y     int      // the row of squares in sums, if any
}

func newReducer(p *png.Picture, scale int) *reducer {
	r := &reducer{p: p, scale: scale, channels: 4, y: -1}
	r.width, r.height = (p.Width+scale-1)/scale, (p.Height+scale-1)/scale
	if p.Colour == png.Grayscale && p.Transparency == nil {
		r.channels = 1
	}
	r.flat, r.add = flattener(p), adder(p)
	r.pix = make([]byte, r.width*r.height*r.channels)
	r.line = make([]byte, p.Width*r.channels)
	rows, size := 1, r.width*r.channels
	switch {
	case p.Interlaced && scale*scale*0xff <= 0xffff:
		r.short = make([]uint16, r.height*size)
	case p.Interlaced:
		rows = r.height
	}
	r.sums = make([]uint32, rows*size)
	return r
}

func (r *reducer) row(p []byte, x, dx, y, n int) {
	at := y / r.scale
	sums := r.sums
	if r.short != nil {
		line := r.line[:n*r.channels]
		r.flat(line, p, n)
		addApart(r.short[at*r.width*r.channels:][:r.width*r.channels], line, x, dx, r.scale, r.channels)
		return
	}
	if r.p.Interlaced {
		sums = sums[at*r.width*r.channels:][:r.width*r.channels]
	} else if at != r.y {
		r.flush()
		r.y = at
	}
	if dx == 1 && r.add != nil {
		r.add(sums, p, r.scale)
		return
	}
	line := r.line[:n*r.channels]
	r.flat(line, p, n)
	switch {
	case dx != 1:
		addApart(sums, line, x, dx, r.scale, r.channels)
	case r.channels == 1:
		r.addGray(sums, line)
	default:
		box.Sum(sums, line, r.scale, r.scale)
	}
}

func (r *reducer) addGray(sums []uint32, line []byte) {
	for i := 0; len(line) > 0; i++ {
		square := line[:min(len(line), r.scale)]
		line = line[len(square):]
		v := sums[i]
		for _, s := range square {
			v += uint32(s)
		}
		sums[i] = v
	}
}

// addApart adds pixels that start at x and are dx apart.
func addApart[T uint16 | uint32](sums []T, line []byte, x, dx, scale, channels int) {
	for ; len(line) > 0; x, line = x+dx, line[channels:] {
		s := sums[x/scale*channels:][:channels]
		for i := range s {
			s[i] += T(line[i])
		}
	}
}

// flush turns the sums of row r.y into pixels, and clears them.
func (r *reducer) flush() {
	if r.y < 0 {
		return
	}
	r.means(r.sums, r.y)
	clear(r.sums)
}

// means computes the pixels of row y from its sums.
func (r *reducer) means(sums []uint32, y int) {
	// A sum of MaxScale*MaxScale samples and half their number fit 32 bits.
	high := uint32(min(r.scale, r.p.Height-y*r.scale))
	out := r.pix[y*r.width*r.channels:][:r.width*r.channels]
	opaque := r.channels == 4 && r.p.Colour == png.Truecolour && r.p.Transparency == nil
	for x := range r.width {
		n := high * uint32(min(r.scale, r.p.Width-x*r.scale))
		s, d := sums[x*r.channels:][:r.channels], out[x*r.channels:][:r.channels]
		for i := range d {
			d[i] = byte((s[i] + n/2) / n)
		}
		if opaque {
			d[3] = 0xff
		}
	}
}

func (r *reducer) picture() image.Image {
	if r.p.Interlaced {
		size := r.width * r.channels
		for y := range r.height {
			if r.short == nil {
				r.means(r.sums[y*size:][:size], y)
				continue
			}
			for i, v := range r.short[y*size:][:size] {
				r.sums[i] = uint32(v)
			}
			r.means(r.sums, y)
		}
	} else {
		r.flush()
	}
	rect := image.Rect(0, 0, r.width, r.height)
	if r.channels == 1 {
		return &image.Gray{Pix: r.pix, Stride: r.width, Rect: rect}
	}
	return &image.RGBA{Pix: r.pix, Stride: 4 * r.width, Rect: rect}
}

// flattener returns the function that converts a row of n pixels to 8 bits a sample: one sample
// per pixel if p is gray and opaque, else four, with colours weighted by opacity.
func flattener(p *png.Picture) func(line, src []byte, n int) {
	switch {
	case p.Colour == png.Indexed:
		return indexed(p)
	case p.Depth == 16:
		return wide(p)
	}
	put := converter(p)
	if p.Colour == png.Grayscale && p.Transparency == nil {
		return func(line, src []byte, n int) { put(line, 1, src, n) }
	}
	return func(line, src []byte, n int) {
		put(line, 4, src, n)
		weight(line[:4*n])
	}
}

// weight multiplies colours by their opacity.
func weight(line []byte) {
	for ; len(line) >= 4; line = line[4:] {
		if a := uint32(line[3]); a != 0xff {
			for i := range 3 {
				line[i] = byte((uint32(line[i])*a + 127) / 255)
			}
		}
	}
}

func indexed(p *png.Picture) func(line, src []byte, n int) {
	colours, depth := weighted(p), int(p.Depth)
	return func(line, src []byte, n int) {
		for i := range n {
			*(*[4]byte)(line[4*i:]) = colours[sample(src, depth, i)]
		}
	}
}

// weighted returns the colours of all indices, weighted by their opacity.
func weighted(p *png.Picture) (colours [256][4]byte) {
	for i, c := range palette(p) {
		v := color.RGBAModel.Convert(c).(color.RGBA)
		colours[i] = [4]byte{v.R, v.G, v.B, v.A}
	}
	return colours
}

// wide reads samples of 16 bits, and keeps their upper bytes.
func wide(p *png.Picture) func(line, src []byte, n int) {
	put := converter(p)
	if p.Colour == png.Grayscale && p.Transparency == nil {
		return func(line, src []byte, n int) {
			for i := range n {
				line[i] = src[2*i]
			}
		}
	}
	full := make([]byte, 8*p.Width)
	return func(line, src []byte, n int) {
		put(full, 8, src, n)
		for i := range 4 * n {
			line[i] = full[2*i]
		}
		weight(line[:4*n])
	}
}
