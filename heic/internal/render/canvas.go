package render

import (
	"image"

	"github.com/imgvet/imgvet/heic/internal/hevc"
)

// canvas holds the samples of a picture while it is made of coded pictures, cut to 8
// bits: in full, or as sums over squares of 2, 4 or 8 samples a side, whose mean is
// the reduced picture.
type canvas struct {
	size  image.Point // in luma samples, before reduction
	shift uint        // log2 of the side of the squares
	ratio image.YCbCrSubsampleRatio
	mono  bool

	img  *image.YCbCr // of the size that is left
	sums [3][]uint16  // a square of 8x8 samples has at most 64*255
}

// newCanvas makes a canvas of a chroma format.
func newCanvas(size image.Point, chromaFormat int, shift uint) *canvas {
	c := &canvas{size: size, shift: shift, mono: chromaFormat == 0}
	c.ratio = [4]image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio444}[chromaFormat&3]
	round := 1<<shift - 1
	c.img = image.NewYCbCr(image.Rect(0, 0, (size.X+round)>>shift, (size.Y+round)>>shift), c.ratio)
	if c.mono { // shown as 4:2:0 without colour
		for i := range c.img.Cb {
			c.img.Cb[i], c.img.Cr[i] = 128, 128
		}
	}
	if shift > 0 {
		for comp := range 3 {
			if pix, _ := c.plane(comp); comp == 0 || !c.mono {
				c.sums[comp] = make([]uint16, len(pix))
			}
		}
	}
	return c
}

// plane returns the samples of a component of the picture that is made.
func (c *canvas) plane(comp int) (pix []uint8, stride int) {
	switch comp {
	case 0:
		return c.img.Y, c.img.YStride
	case 1:
		return c.img.Cb, c.img.CStride
	}
	return c.img.Cr, c.img.CStride
}

// steps returns how many luma samples stand for one of a component.
func (c *canvas) steps(comp int) (x, y int) {
	switch {
	case comp == 0 || c.ratio == image.YCbCrSubsampleRatio444:
		return 1, 1
	case c.ratio == image.YCbCrSubsampleRatio422:
		return 2, 1
	}
	return 2, 2
}

// planeSize returns the size of a component before reduction.
func (c *canvas) planeSize(comp int) (w, h int) {
	x, y := c.steps(comp)
	return (c.size.X + x - 1) / x, (c.size.Y + y - 1) / y
}

// finish returns the picture.
func (c *canvas) finish() *image.YCbCr {
	if c.shift == 0 {
		return c.img
	}
	side := 1 << c.shift
	for comp, sums := range c.sums {
		if sums == nil {
			continue
		}
		pix, stride := c.plane(comp)
		w, h := c.planeSize(comp)
		for y := 0; y < h; y += side {
			row := pix[y>>c.shift*stride:][:(w+side-1)>>c.shift]
			from := sums[y>>c.shift*stride:]
			rows := min(side, h-y)
			for i := range row {
				n := rows * min(side, w-i*side)
				row[i] = uint8((int(from[i]) + n/2) / n)
			}
		}
		c.sums[comp] = nil
	}
	return c.img
}

// placed puts a coded picture on a canvas. It is the sink of its samples.
type placed struct {
	*canvas
	at    image.Point     // where its corner lies, in luma samples of the canvas; on a chroma sample
	crop  image.Rectangle // the conformance window, in samples of the coded picture
	depth [3]uint         // bits beyond 8
}

func (c *canvas) place(at image.Point, s *hevc.SPS) placed {
	luma, chroma := uint(s.BitDepthLuma-8), uint(s.BitDepthChroma-8)
	return placed{c, at, image.Rect(s.Left, s.Top, s.Left+s.Width, s.Top+s.Height), [3]uint{luma, chroma, chroma}}
}

// Line takes samples as recon.Sink has it.
func (p placed) Line(comp, x, y int, line []uint16) {
	sx, sy := p.steps(comp)
	w, h := p.planeSize(comp)
	// The last chroma sample may stand for luma samples of which one is cut off.
	left, top := p.crop.Min.X/sx, p.crop.Min.Y/sy
	right, bottom := (p.crop.Max.X+sx-1)/sx, (p.crop.Max.Y+sy-1)/sy
	dx, dy := p.at.X/sx-left, p.at.Y/sy-top // from the coded picture to the canvas
	from, to := max(x, left, -dx), min(x+len(line), right, w-dx)
	if from >= to || y < top || y >= bottom || y+dy < 0 || y+dy >= h {
		return
	}
	p.write(comp, from+dx, y+dy, line[from-x:to-x], p.depth[comp])
}

// write puts samples at x, y of a component, all of which lie on the canvas.
func (c *canvas) write(comp, x, y int, line []uint16, depth uint) {
	if c.shift > 0 {
		_, stride := c.plane(comp)
		addBoxes(c.sums[comp][y>>c.shift*stride:][:stride], x, line, depth, c.shift)
		return
	}
	pix, stride := c.plane(comp)
	narrow(pix[y*stride+x:], line, depth)
}

// narrow cuts samples to 8 bits.
func narrow(dst []uint8, src []uint16, depth uint) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = uint8(v >> (depth & 7))
	}
}

// addBoxes adds samples, the first of which stands at x, to the sums of their boxes.
func addBoxes(sums []uint16, x int, line []uint16, depth, shift uint) {
	side := 1 << shift
	for len(line) > 0 {
		n := min(side-x&(side-1), len(line))
		sum := uint16(0)
		for _, v := range line[:n] {
			sum += v >> (depth & 7)
		}
		sums[x>>shift] += sum
		x += n
		line = line[n:]
	}
}

// copyFrom puts a picture that was made before, of the same chroma format, at a
// place that is on a chroma sample.
func (c *canvas) copyFrom(img *image.YCbCr, at image.Point) {
	var wide [256]uint16
	for comp := range 3 {
		if comp > 0 && c.mono {
			return
		}
		sx, sy := c.steps(comp)
		w, h := c.planeSize(comp)
		pix, stride, iw, ih := img.Y, img.YStride, img.Rect.Dx(), img.Rect.Dy()
		if comp > 0 {
			pix, stride, iw, ih = img.Cb, img.CStride, (iw+sx-1)/sx, (ih+sy-1)/sy
		}
		if comp == 2 {
			pix = img.Cr
		}
		x0, y0 := at.X/sx, at.Y/sy
		for y := max(0, -y0); y < min(ih, h-y0); y++ {
			from, to := max(0, -x0), min(iw, w-x0)
			if c.shift == 0 && from < to {
				own, ownStride := c.plane(comp)
				copy(own[(y0+y)*ownStride+x0+from:][:to-from], pix[y*stride+from:])
				continue
			}
			for from < to {
				n := min(to-from, len(wide))
				for i, v := range pix[y*stride+from:][:n] {
					wide[i] = uint16(v)
				}
				c.write(comp, x0+from, y0+y, wide[:n], 0)
				from += n
			}
		}
	}
}
