package pixels

import "image"

// TurnNRGBA is [Upright] of an NRGBA.
func TurnNRGBA(src *image.NRGBA, orientation int) *image.NRGBA {
	if !turns(orientation) {
		return src
	}
	t := turn{orientation: orientation, w: src.Rect.Dx(), h: src.Rect.Dy()}
	dst := image.NewNRGBA(image.Rectangle{Max: t.size()})
	t.plane(dst.Pix, dst.Stride, src.Pix[src.PixOffset(src.Rect.Min.X, src.Rect.Min.Y):], src.Stride, 4)
	return dst
}

// TurnYCbCr is [Upright] of a YCbCr, or nil where that would be no YCbCr.
func TurnYCbCr(src *image.YCbCr, orientation int) *image.YCbCr {
	if !turns(orientation) {
		return src
	}
	return turn{orientation: orientation, w: src.Rect.Dx(), h: src.Rect.Dy()}.ycbcr(src)
}

// turns tells whether a picture of that orientation is stored otherwise than shown.
func turns(orientation int) bool { return orientation >= 2 && orientation <= 8 }

// turn is one of the eight orientations applied to a picture of w x h pixels.
type turn struct {
	orientation int
	w, h        int
}

// transposes reports whether rows become columns.
func (t turn) transposes() bool { return t.orientation >= 5 }

// size returns the width and height of the turned picture.
func (t turn) size() image.Point {
	if t.transposes() {
		return image.Pt(t.h, t.w)
	}
	return image.Pt(t.w, t.h)
}

// origin returns the source position of the turned picture's top left pixel,
// and the steps in the source for one pixel to the right and one down.
func (t turn) origin() (at, right, down image.Point) {
	x, y := t.w-1, t.h-1
	switch t.orientation {
	case 2: // mirrored left to right
		return image.Pt(x, 0), image.Pt(-1, 0), image.Pt(0, 1)
	case 3: // turned by 180 degrees
		return image.Pt(x, y), image.Pt(-1, 0), image.Pt(0, -1)
	case 4: // mirrored top to bottom
		return image.Pt(0, y), image.Pt(1, 0), image.Pt(0, -1)
	case 5: // mirrored along the main diagonal
		return image.Pt(0, 0), image.Pt(0, 1), image.Pt(1, 0)
	case 6: // to be turned clockwise by 90 degrees
		return image.Pt(0, y), image.Pt(0, -1), image.Pt(1, 0)
	case 7: // mirrored along the other diagonal
		return image.Pt(x, y), image.Pt(0, -1), image.Pt(-1, 0)
	case 8: // to be turned anticlockwise by 90 degrees
		return image.Pt(x, 0), image.Pt(0, 1), image.Pt(-1, 0)
	}
	return image.Pt(0, 0), image.Pt(1, 0), image.Pt(0, 1)
}

// plane turns one plane of samples, each of n bytes. src begins at the plane's
// top left sample; only the last row may be shorter than a stride.
func (t turn) plane(dst []byte, dstStride int, src []byte, srcStride, n int) {
	at, right, down := t.origin()
	size := t.size()
	stepX := right.X*n + right.Y*srcStride
	stepY := down.X*n + down.Y*srcStride
	start := at.X*n + at.Y*srcStride
	for y := range size.Y {
		row := dst[y*dstStride : y*dstStride+size.X*n]
		s := start + y*stepY
		if n == 1 {
			for x := range row {
				row[x] = src[s]
				s += stepX
			}
			continue
		}
		for x := 0; x < len(row); x += n {
			copy(row[x:x+n], src[s:s+n])
			s += stepX
		}
	}
}

// ycbcr turns a picture plane by plane. It returns nil where that would move the
// chroma against the luma: a subsampled side of odd length, or a ratio that has
// no counterpart with rows and columns exchanged.
func (t turn) ycbcr(src *image.YCbCr) *image.YCbCr {
	ratio := src.SubsampleRatio
	subX, subY := 1, 1
	switch ratio {
	case image.YCbCrSubsampleRatio444:
	case image.YCbCrSubsampleRatio422:
		subX = 2
	case image.YCbCrSubsampleRatio440:
		subY = 2
	case image.YCbCrSubsampleRatio420:
		subX, subY = 2, 2
	default:
		return nil
	}
	r := src.Rect
	if r.Min.X%subX != 0 || r.Min.Y%subY != 0 || t.w%subX != 0 || t.h%subY != 0 {
		return nil
	}
	if t.transposes() {
		switch ratio {
		case image.YCbCrSubsampleRatio422:
			ratio = image.YCbCrSubsampleRatio440
		case image.YCbCrSubsampleRatio440:
			ratio = image.YCbCrSubsampleRatio422
		}
	}
	dst := image.NewYCbCr(image.Rectangle{Max: t.size()}, ratio)
	chroma := turn{t.orientation, t.w / subX, t.h / subY}
	c := src.COffset(r.Min.X, r.Min.Y)
	t.plane(dst.Y, dst.YStride, src.Y[src.YOffset(r.Min.X, r.Min.Y):], src.YStride, 1)
	chroma.plane(dst.Cb, dst.CStride, src.Cb[c:], src.CStride, 1)
	chroma.plane(dst.Cr, dst.CStride, src.Cr[c:], src.CStride, 1)
	return dst
}
