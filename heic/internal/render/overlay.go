//go:build !imgvet_verdictonly

package render

import (
	"image"
	"image/color"

	"github.com/imgvet/imgvet/heic/internal/heif"
)

// overlay draws the layers onto a canvas of the fill colour (23008-12, 6.6.2.2).
func (r *renderer) overlay(it *heif.Item, depth int) (picture, error) {
	refs, err := r.f.Inputs(it)
	if err != nil {
		return picture{}, err
	}
	o, err := r.f.ParseOverlay(it, refs.Len())
	if err != nil {
		return picture{}, err
	}
	dst := image.NewNRGBA(image.Rect(0, 0, int(o.Canvas.W), int(o.Canvas.H)))
	fill := color.NRGBAModel.Convert(color.NRGBA64{R: o.Fill[0], G: o.Fill[1], B: o.Fill[2], A: o.Fill[3]}).(color.NRGBA)
	fillNRGBA(dst, fill)
	for i := range refs.Len() {
		in := r.f.Item(refs.ID(i))
		layer, err := r.item(in, depth+1)
		if err != nil {
			return picture{}, err
		}
		// The offsets are any 32-bit value: add in 64 bits, and draw only what shows.
		x, y := int64(o.At[i][0]), int64(o.At[i][1])
		if x >= o.Canvas.W || y >= o.Canvas.H || x < -heif.MaxSide || y < -heif.MaxSide {
			continue
		}
		alpha, err := r.alpha(in, layer.img.Bounds().Size(), depth)
		if err != nil {
			return picture{}, err
		}
		if alpha == nil {
			paint(dst, plain(layer), image.Pt(int(x), int(y)))
		} else {
			blend(dst, nrgba(plain(layer)), alpha, image.Pt(int(x), int(y)))
		}
	}
	return picture{img: dst}, nil
}

// alpha returns the alpha plane of a layer at the layer's size, nil if it has none. One of
// another size is scaled as libheif does it, each sample to its nearest.
func (r *renderer) alpha(layer *heif.Item, size image.Point, depth int) (*image.Gray, error) {
	it := r.f.AlphaOf(layer)
	if it == nil {
		return nil, nil
	}
	p, err := r.item(it, depth+1)
	if err != nil {
		return nil, err
	}
	plane := luma(p.img)
	from := plane.Rect.Size()
	if from == size {
		return plane, nil
	}
	out := image.NewGray(image.Rectangle{Max: size})
	for y := range size.Y {
		src, dst := plane.Pix[y*from.Y/size.Y*plane.Stride:], out.Pix[y*out.Stride:]
		for x := range size.X {
			dst[x] = src[x*from.X/size.X]
		}
	}
	return out, nil
}

// luma returns the luma of a picture, at 0, 0. It shares the samples of img where it can.
func luma(img image.Image) *image.Gray {
	rect := image.Rectangle{Max: img.Bounds().Size()}
	if m, ok := img.(*image.YCbCr); ok {
		return &image.Gray{Pix: m.Y[m.YOffset(m.Rect.Min.X, m.Rect.Min.Y):], Stride: m.YStride, Rect: rect}
	}
	m, out := nrgba(img), image.NewGray(rect)
	for y := range rect.Dy() {
		for x := range rect.Dx() {
			out.Pix[y*out.Stride+x] = m.Pix[y*m.Stride+4*x]
		}
	}
	return out
}

// blend draws src onto dst, its corner at the given place, by an alpha plane of src's size.
// libheif blends so: the canvas counts as opaque, and no colours as multiplied with alpha
// beforehand.
func blend(dst, src *image.NRGBA, alpha *image.Gray, at image.Point) {
	to := image.Rectangle{Min: at, Max: at.Add(src.Rect.Size())}.Intersect(dst.Rect)
	if to.Empty() {
		return
	}
	from := to.Min.Sub(at)
	for y := range to.Dy() {
		out := dst.Pix[dst.PixOffset(to.Min.X, to.Min.Y+y):][:4*to.Dx()]
		in := src.Pix[src.PixOffset(from.X, from.Y+y):][:4*to.Dx()]
		for x, a := range alpha.Pix[alpha.PixOffset(from.X, from.Y+y):][:to.Dx()] {
			p, q, a := out[4*x:4*x+4], in[4*x:4*x+4], uint32(a)
			for i := range 3 {
				p[i] = uint8((uint32(q[i])*a + uint32(p[i])*(255-a)) / 255)
			}
			p[3] = uint8(a + uint32(p[3])*(255-a)/255)
		}
	}
}
