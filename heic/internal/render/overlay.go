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
	fillNRGBA(r.ctx, dst, fill)
	for i := range refs.Len() {
		in := r.f.Item(refs.ID(i))
		layer, err := r.item(in, depth+1)
		if err != nil {
			return picture{}, err
		}
		if err := r.lay(dst, in, layer, o.At[i], depth); err != nil {
			return picture{}, err
		}
	}
	return picture{img: dst}, nil
}

// lay draws a layer onto dst, its corner at the given place. What does not show is neither
// converted nor scaled: a small canvas may name a large layer hundreds of times.
func (r *renderer) lay(dst *image.NRGBA, in *heif.Item, layer picture, at [2]int32, depth int) error {
	size := layer.img.Bounds().Size()
	// The offsets are any 32-bit value: compare in 64 bits.
	x, y := int64(at[0]), int64(at[1])
	show := image.Rectangle{ // of the layer's pixels
		Min: image.Pt(int(min(max(-x, 0), int64(size.X))), int(min(max(-y, 0), int64(size.Y)))),
		Max: image.Pt(int(max(min(int64(size.X), int64(dst.Rect.Dx())-x), 0)), int(max(min(int64(size.Y), int64(dst.Rect.Dy())-y), 0))),
	}
	if show.Empty() {
		return nil
	}
	show.Min.X, show.Min.Y = show.Min.X&^1, show.Min.Y&^1 // on a chroma sample
	alpha, err := r.alpha(in, size, depth)
	if err != nil {
		return err
	}
	layer.img = atOrigin(layer.img)
	// Strip by strip: a layer can have all pixels that the limit allows.
	for top := show.Min.Y; top < show.Max.Y; top += stripRows {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		part := image.Rect(show.Min.X, top, show.Max.X, min(top+stripRows, show.Max.Y))
		strip := plain(r.ctx, picture{atOrigin(cut(layer.img, part)), layer.colour})
		corner := image.Pt(int(x)+part.Min.X, int(y)+part.Min.Y)
		if alpha == nil {
			paint(dst, strip, corner)
		} else {
			blend(dst, strip, alpha.part(part), corner)
		}
	}
	return nil
}

// stripRows is how many rows of a layer are drawn at a time; even, so that each strip begins
// on a chroma sample.
const stripRows = 64

// alphaPlane is a part of the alpha plane of a layer, read row by row.
type alphaPlane struct {
	plane *image.Gray
	size  image.Point     // of the layer
	show  image.Rectangle // the part, of the layer's pixels
	line  []uint8
}

// alpha returns the alpha plane of a layer, nil if it has none.
func (r *renderer) alpha(layer *heif.Item, size image.Point, depth int) (*alphaPlane, error) {
	it := r.f.AlphaOf(layer)
	if it == nil {
		return nil, nil
	}
	plane := r.planes[it.ID]
	if plane == nil {
		p, err := r.item(it, depth+1)
		if err != nil {
			return nil, err
		}
		plane = luma(p.img)
		// It is kept where layers share it, and where the layer is kept.
		if r.uses[it.ID] > 1 || r.uses[layer.ID] > 1 {
			r.planes[it.ID] = plane
		}
	}
	return &alphaPlane{plane: plane, size: size, line: make([]uint8, size.X)}, nil
}

// part returns a, to be read from the corner of a part of the layer on.
func (a *alphaPlane) part(show image.Rectangle) *alphaPlane {
	a.show = show
	return a
}

// row returns row y of the part. A plane of another size than the layer's is scaled as
// libheif does it, each sample to its nearest. The next call overwrites the result.
func (a *alphaPlane) row(y int) []uint8 {
	from := a.plane.Rect.Size()
	src := a.plane.Pix[scaled(a.show.Min.Y+y, from.Y, a.size.Y)*a.plane.Stride:]
	if from.X == a.size.X {
		return src[a.show.Min.X:a.show.Max.X]
	}
	line := a.line[:a.show.Dx()]
	for x := range line {
		line[x] = src[scaled(a.show.Min.X+x, from.X, a.size.X)]
	}
	return line
}

// scaled is the place among n that stands for place i of size.
func scaled(i, n, size int) int { return int(int64(i) * int64(n) / int64(size)) }

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

// blend draws a plain picture onto dst, its corner at the given place, by an alpha plane of
// its size. libheif blends so: the canvas counts as opaque, and no colours as multiplied with
// alpha beforehand.
func blend(dst *image.NRGBA, src image.Image, alpha *alphaPlane, at image.Point) {
	to := image.Rectangle{Min: at, Max: at.Add(src.Bounds().Size())}.Intersect(dst.Rect)
	line := image.NewNRGBA(image.Rect(0, 0, to.Dx(), 1))
	for y := to.Min.Y; y < to.Max.Y; y++ {
		put(line, src, image.Pt(at.X-to.Min.X, at.Y-y))
		out := dst.Pix[dst.PixOffset(to.Min.X, y):][:4*to.Dx()]
		for x, a := range alpha.row(y - at.Y)[to.Min.X-at.X:][:to.Dx()] {
			p, q, a := out[4*x:4*x+4], line.Pix[4*x:4*x+4], uint32(a)
			for i := range 3 {
				p[i] = uint8((uint32(q[i])*a + uint32(p[i])*(255-a)) / 255)
			}
			p[3] = uint8(a + uint32(p[3])*(255-a)/255)
		}
	}
}
