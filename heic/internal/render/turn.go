package render

import (
	"context"
	"image"

	"github.com/imgvet/imgvet/heic/internal/heif"
	"github.com/imgvet/imgvet/internal/pixels"
)

// turn crops and turns a picture.
func turn(ctx context.Context, s heif.Shown, p picture) picture {
	size := p.img.Bounds().Size()
	crop := s.Crop.Add(p.img.Bounds().Min)
	src, subsampled := p.img.(*image.YCbCr)
	// Where a crop or a turn would move the chroma against the luma, go by NRGBA.
	if subsampled && (!onChroma(src, crop.Min) || s.Orient != heif.Upright && !onChroma(src, src.Rect.Min.Add(s.Crop.Size()))) {
		p = picture{img: nrgba(plain(ctx, p))}
		crop = s.Crop
	}
	if s.Crop.Size() != size {
		p.img = cut(p.img, crop)
	}
	switch m := p.img.(type) {
	case *image.YCbCr:
		if img := pixels.TurnYCbCr(m, int(s.Orient)); img != nil {
			p.img = img
			break
		}
		// 4:2:2 on its side has no type in package image.
		p = picture{img: pixels.TurnNRGBA(nrgba(plain(ctx, p)), int(s.Orient))}
	case *image.NRGBA:
		p.img = pixels.TurnNRGBA(m, int(s.Orient))
	}
	return p
}

// cut returns a part of a picture, without a copy.
func cut(img image.Image, part image.Rectangle) image.Image {
	switch m := img.(type) {
	case *image.YCbCr:
		return m.SubImage(part)
	case *image.NRGBA:
		return m.SubImage(part)
	}
	return img
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

// atOrigin returns a picture whose bounds start at 0, 0, of the same pixels. The
// corner of one that is YCbCr is on a chroma sample.
func atOrigin(img image.Image) image.Image {
	from := img.Bounds()
	if from.Min == (image.Point{}) {
		return img
	}
	to := image.Rectangle{Max: from.Size()}
	switch m := img.(type) {
	case *image.YCbCr:
		i, j := m.YOffset(from.Min.X, from.Min.Y), m.COffset(from.Min.X, from.Min.Y)
		return &image.YCbCr{Y: m.Y[i:], Cb: m.Cb[j:], Cr: m.Cr[j:], YStride: m.YStride, CStride: m.CStride, SubsampleRatio: m.SubsampleRatio, Rect: to}
	case *image.NRGBA:
		return &image.NRGBA{Pix: m.Pix[m.PixOffset(from.Min.X, from.Min.Y):], Stride: m.Stride, Rect: to}
	}
	return img
}
