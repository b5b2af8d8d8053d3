//go:build !imgvet_verdictonly

package heic

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"github.com/imgvet/imgvet/heic/internal/hevc"
	"github.com/imgvet/imgvet/internal/pixels"
	"github.com/imgvet/imgvet/internal/verify"
)

// coder decodes the NAL units of one coded picture. What it returns has the size
// and the chroma format of the SPS, and planes that hold them.
type coder func(c *config, units [][]byte) (*image.YCbCr, error)

// renderer makes the pixels of a verified file.
type renderer struct {
	ctx    context.Context
	f      *file
	decode coder
}

// picture is what an item shows, and how its samples are to be read.
type picture struct {
	img    image.Image
	colour *nclx // of the samples in img; nil once they are plain
}

// render returns the primary item's pixels, upright.
func (r *renderer) render() (image.Image, error) {
	p, err := r.item(r.f.item(r.f.primary), 0)
	if err != nil {
		return nil, err
	}
	return plain(p), nil
}

// item renders an item with its transforms.
func (r *renderer) item(it *item, depth int) (picture, error) {
	if err := r.ctx.Err(); err != nil {
		return picture{}, err
	}
	if it == nil || depth > maxDerivation {
		return picture{}, errors.New("heic: not a verified file")
	}
	p, err := r.f.properties(it)
	if err != nil {
		return picture{}, err
	}
	var pic picture
	switch string(it.typ[:]) {
	case "hvc1":
		pic, err = r.coded(it, &p)
	case "grid":
		pic, err = r.grid(it, &p, depth)
	case "iovl":
		pic, err = r.overlay(it, depth)
	case "iden":
		pic, err = r.identity(it, depth)
	default:
		err = fmt.Errorf("heic: item type %q", printable(it.typ))
	}
	if err != nil {
		return picture{}, err
	}
	if got := pic.img.Bounds().Size(); int64(got.X) != p.size.w || int64(got.Y) != p.size.h {
		return picture{}, verify.Faultf(verify.Malformed, p.sizeAt, "decoded to %dx%d, ispe says %dx%d", got.X, got.Y, p.size.w, p.size.h)
	}
	if p.colour != nil {
		if pic.colour == nil && !isYCbCr(pic.img) {
			p.colour = nil
		}
		pic.colour = p.colour
	}
	s, err := follow(p.steps, p.size)
	if err != nil {
		return picture{}, err
	}
	return s.apply(pic), nil
}

func isYCbCr(img image.Image) bool {
	_, ok := img.(*image.YCbCr)
	return ok
}

// coded decodes an hvc1 item. The decoder is given the parameter sets of hvcC
// and the slices, nothing else: SEI messages have been a source of its faults.
func (r *renderer) coded(it *item, p *properties) (picture, error) {
	if p.config == nil {
		return picture{}, errors.New("heic: not a verified file")
	}
	data, err := r.f.read(it)
	if err != nil {
		return picture{}, err
	}
	var units [][]byte
	for _, u := range p.config.units {
		units = append(units, u.Data)
	}
	err = eachUnit(p.config, &data, func(u hevc.Unit) bool {
		if kind := u.Data[0] >> 1; kind >= nalFirstIRAP && kind <= nalLastIRAP {
			units = append(units, u.Data)
		}
		return true
	})
	if err != nil {
		return picture{}, err
	}
	img, err := r.decode(p.config, units)
	if err != nil {
		return picture{}, err
	}
	colour := p.colour
	if colour == nil { // then the stream says it (23008-12, 6.5.5), as libheif reads it
		colour = &nclx{matrix: uint16(p.config.sps.Matrix), fullRange: p.config.sps.FullRange}
	}
	return picture{img, colour}, nil
}

// grid decodes the tiles onto one canvas, and cuts off what stands out.
func (r *renderer) grid(it *item, p *properties, depth int) (picture, error) {
	g, err := r.f.parseGrid(it)
	if err != nil {
		return picture{}, err
	}
	refs, err := r.f.inputs(it)
	if err != nil {
		return picture{}, err
	}
	var m mosaic
	for i := range refs.len() {
		tile, err := r.item(r.f.item(refs.id(i)), depth+1)
		if err != nil {
			return picture{}, err
		}
		if i == 0 {
			m = newMosaic(tile, g, p.colour)
		}
		m.place(tile, i%g.cols, i/g.cols)
	}
	return picture{m.canvas(), m.colour}, nil
}

// overlay draws the layers onto a canvas of the fill colour (23008-12, 6.6.2.2).
func (r *renderer) overlay(it *item, depth int) (picture, error) {
	refs, err := r.f.inputs(it)
	if err != nil {
		return picture{}, err
	}
	o, err := r.f.parseOverlay(it, refs.len())
	if err != nil {
		return picture{}, err
	}
	dst := image.NewNRGBA(image.Rect(0, 0, int(o.canvas.w), int(o.canvas.h)))
	fill := color.NRGBA64{R: o.fill[0], G: o.fill[1], B: o.fill[2], A: o.fill[3]}
	draw.Draw(dst, dst.Rect, image.NewUniform(fill), image.Point{}, draw.Src)
	for i := range refs.len() {
		layer, err := r.item(r.f.item(refs.id(i)), depth+1)
		if err != nil {
			return picture{}, err
		}
		img := plain(layer)
		// The offsets are any 32-bit value: add in 64 bits, and draw only what shows.
		x, y := int64(o.at[i][0]), int64(o.at[i][1])
		if x >= o.canvas.w || y >= o.canvas.h || x < -maxSide || y < -maxSide {
			continue
		}
		at := image.Pt(int(x), int(y))
		draw.Draw(dst, img.Bounds().Sub(img.Bounds().Min).Add(at), img, img.Bounds().Min, draw.Over)
	}
	return picture{img: dst}, nil
}

// identity shows another item.
func (r *renderer) identity(it *item, depth int) (picture, error) {
	refs, err := r.f.inputs(it)
	if err != nil {
		return picture{}, err
	}
	return r.item(r.f.item(refs.id(0)), depth+1)
}

// apply crops and turns a picture.
func (s shown) apply(p picture) picture {
	size := p.img.Bounds().Size()
	crop := s.crop.Add(p.img.Bounds().Min)
	src, subsampled := p.img.(*image.YCbCr)
	// Where a crop or a turn would move the chroma against the luma, go by NRGBA.
	if subsampled && (!onChroma(src, crop.Min) || s.orient != upright && !onChroma(src, src.Rect.Min.Add(s.crop.Size()))) {
		p = picture{img: nrgba(plain(p))}
		crop = s.crop
	}
	if s.crop.Size() != size {
		switch m := p.img.(type) {
		case *image.YCbCr:
			p.img = m.SubImage(crop)
		case *image.NRGBA:
			p.img = m.SubImage(crop)
		}
	}
	img := pixels.Upright(p.img, int(s.orient))
	if _, ok := img.(*image.RGBA); ok { // 4:2:2 on its side has no type in package image
		img = pixels.Upright(nrgba(plain(p)), int(s.orient))
		p.colour = nil
	}
	p.img = img
	return p
}

// nrgba copies a plain picture.
func nrgba(img image.Image) *image.NRGBA {
	dst := image.NewNRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(dst, dst.Rect, img, img.Bounds().Min, draw.Src)
	return dst
}

// onChroma tells whether a place in img is the corner of a chroma sample.
func onChroma(img *image.YCbCr, at image.Point) bool {
	at = at.Sub(img.Rect.Min)
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio420:
		return at.X%2 == 0 && at.Y%2 == 0
	case image.YCbCrSubsampleRatio422:
		return at.X%2 == 0
	case image.YCbCrSubsampleRatio440:
		return at.Y%2 == 0
	}
	return true
}

// mosaic puts tiles on a canvas: sample by sample while they are YCbCr of one kind
// whose edges fall on chroma samples, as all cameras write them, else as NRGBA.
type mosaic struct {
	size   image.Point // of a tile
	out    image.Rectangle
	ycc    *image.YCbCr
	rgb    *image.NRGBA
	colour *nclx
}

func newMosaic(first picture, g grid, colour *nclx) mosaic {
	m := mosaic{size: first.img.Bounds().Size(), out: image.Rect(0, 0, int(g.canvas.w), int(g.canvas.h))}
	whole := image.Rect(0, 0, m.size.X*g.cols, m.size.Y*g.rows)
	src, ok := first.img.(*image.YCbCr)
	if ok && onChroma(src, src.Rect.Min.Add(m.size)) {
		m.ycc = image.NewYCbCr(whole, src.SubsampleRatio)
		if m.colour = colour; colour == nil {
			m.colour = first.colour
		}
		return m
	}
	m.rgb = image.NewNRGBA(m.out)
	return m
}

// place puts a tile at column x and row y.
func (m *mosaic) place(tile picture, x, y int) {
	src, ok := tile.img.(*image.YCbCr)
	if m.ycc != nil && ok && src.SubsampleRatio == m.ycc.SubsampleRatio && tile.img.Bounds().Size() == m.size {
		copyYCbCr(m.ycc, src, image.Pt(x*m.size.X, y*m.size.Y))
		return
	}
	if m.rgb == nil {
		m.rgb = image.NewNRGBA(m.out)
		done := plain(picture{m.ycc, m.colour})
		draw.Draw(m.rgb, m.rgb.Rect, done, image.Point{}, draw.Src)
		m.ycc, m.colour = nil, nil
	}
	img := plain(tile)
	at := image.Pt(x*m.size.X, y*m.size.Y)
	draw.Draw(m.rgb, image.Rectangle{Min: at, Max: at.Add(m.size)}, img, img.Bounds().Min, draw.Src)
}

func (m *mosaic) canvas() image.Image {
	if m.ycc != nil {
		return m.ycc.SubImage(m.out)
	}
	return m.rgb
}

// copyYCbCr copies the planes of src into dst, whose corner at is on a chroma
// sample. Both have the same chroma format.
func copyYCbCr(dst, src *image.YCbCr, at image.Point) {
	size := src.Rect.Size()
	for y := range size.Y {
		i, j := dst.YOffset(at.X, at.Y+y), src.YOffset(src.Rect.Min.X, src.Rect.Min.Y+y)
		copy(dst.Y[i:i+size.X], src.Y[j:j+size.X])
	}
	cw, ch, step := chromaSize(src.SubsampleRatio, size)
	for y := range ch {
		i, j := dst.COffset(at.X, at.Y+y*step), src.COffset(src.Rect.Min.X, src.Rect.Min.Y+y*step)
		copy(dst.Cb[i:i+cw], src.Cb[j:j+cw])
		copy(dst.Cr[i:i+cw], src.Cr[j:j+cw])
	}
}

// chromaSize returns the size of a chroma plane for luma of a size, and how many
// luma rows share a row of it.
func chromaSize(r image.YCbCrSubsampleRatio, s image.Point) (w, h, step int) {
	switch r {
	case image.YCbCrSubsampleRatio420:
		return (s.X + 1) / 2, (s.Y + 1) / 2, 2
	case image.YCbCrSubsampleRatio422:
		return (s.X + 1) / 2, s.Y, 1
	case image.YCbCrSubsampleRatio440:
		return s.X, (s.Y + 1) / 2, 2
	}
	return s.X, s.Y, 1
}
