package jpeg

import (
	"image"
	"image/color"
)

// picture assembles the planes into a picture.
func (d *decoder) picture() (image.Image, error) {
	r := image.Rect(0, 0, (d.Info.Width+d.scale-1)/d.scale, (d.Info.Height+d.scale-1)/d.scale)
	f := &d.Frame
	switch {
	case f.N == 1:
		return &image.Gray{Pix: d.planes[0].pix, Stride: d.planes[0].stride, Rect: r}, nil
	case f.N == 4:
		return d.cmyk(r)
	case d.isRGB():
		return d.rgba(r)
	}
	return d.ycbcr(r)
}

// isRGB reports whether three components are red, green and blue, by the rules of image/jpeg,
// which are libjpeg's.
func (d *decoder) isRGB() bool {
	c := &d.Frame.Comps
	switch {
	case d.JFIF:
		return false
	case d.Adobe == 0:
		return true
	}
	return c[0].ID == 'R' && c[1].ID == 'G' && c[2].ID == 'B'
}

// ratio returns the width and height of a sample of component i, in pixels.
func (d *decoder) ratio(i int) (x, y int) {
	c := &d.Frame.Comps[i]
	return d.Frame.MaxH / c.H, d.Frame.MaxV / c.V
}

// ycbcr returns the planes as a picture with their own subsampling ratio, or with the nearest
// finer one that Go has, in which samples repeat.
func (d *decoder) ycbcr(r image.Rectangle) (image.Image, error) {
	bx, by := d.ratio(1)
	rx, ry := d.ratio(2)
	// Go has every combination of 1, 2 and 4 across with 1 and 2 down.
	subX, subY := 1, 1
	for _, n := range []int{2, 4} {
		if bx%n == 0 && rx%n == 0 {
			subX = n
		}
	}
	if by%2 == 0 && ry%2 == 0 {
		subY = 2
	}
	img := &image.YCbCr{SubsampleRatio: subsampling(subX, subY), Rect: r}
	var err error
	if img.Y, img.YStride, err = d.repeated(0, 1, 1, r.Max); err != nil {
		return nil, err
	}
	size := image.Pt((r.Max.X+subX-1)/subX, (r.Max.Y+subY-1)/subY)
	if img.Cb, img.CStride, err = d.repeated(1, subX, subY, size); err != nil {
		return nil, err
	}
	var stride int
	if img.Cr, stride, err = d.repeated(2, subX, subY, size); err != nil {
		return nil, err
	}
	if stride != img.CStride {
		img.Cb, img.CStride = tight(img.Cb, img.CStride, size), size.X
		img.Cr = tight(img.Cr, stride, size)
	}
	return img, nil
}

func subsampling(x, y int) image.YCbCrSubsampleRatio {
	switch 10*x + y {
	case 12:
		return image.YCbCrSubsampleRatio440
	case 21:
		return image.YCbCrSubsampleRatio422
	case 22:
		return image.YCbCrSubsampleRatio420
	case 41:
		return image.YCbCrSubsampleRatio411
	case 42:
		return image.YCbCrSubsampleRatio410
	}
	return image.YCbCrSubsampleRatio444
}

// repeated returns a plane of size samples, and its stride. It repeats each sample of component
// i so that one covers subX by subY pixels.
func (d *decoder) repeated(i, subX, subY int, size image.Point) ([]byte, int, error) {
	p := &d.planes[i]
	x, y := d.ratio(i)
	if x, y = x/subX, y/subY; x == 1 && y == 1 {
		return p.pix, p.stride, nil
	}
	out := make([]byte, size.X*size.Y)
	for row := range size.Y {
		if err := d.check(size.X / 16); err != nil {
			return nil, 0, err
		}
		to := out[row*size.X:][:size.X]
		if row%y > 0 {
			copy(to, out[(row-1)*size.X:])
			continue
		}
		widen(to, p.pix[row/y*p.stride:], x)
	}
	return out, size.X, nil
}

// widen fills dst with the samples of src, each repeated n times.
func widen(dst, src []byte, n int) {
	if n == 1 {
		copy(dst, src)
		return
	}
	for len(dst) > 0 {
		part := dst[:min(n, len(dst))]
		for i := range part {
			part[i] = src[0]
		}
		dst, src = dst[len(part):], src[1:]
	}
}

// tight returns rows of samples without the gaps between them.
func tight(pix []byte, stride int, size image.Point) []byte {
	if stride == size.X {
		return pix
	}
	out := make([]byte, size.X*size.Y)
	for y := range size.Y {
		copy(out[y*size.X:][:size.X], pix[y*stride:])
	}
	return out
}

// eachRow calls row for each row of a picture of this size. c has, by component, one sample for
// each pixel, and is valid until row returns.
func (d *decoder) eachRow(size image.Point, row func(y int, c *[4][]byte)) error {
	var c, wide [4][]byte
	for y := range size.Y {
		if err := d.check(size.X / 16); err != nil {
			return err
		}
		for i := range d.Frame.N {
			p := &d.planes[i]
			nx, ny := d.ratio(i)
			c[i] = p.pix[y/ny*p.stride:]
			if nx > 1 {
				if wide[i] == nil {
					wide[i] = make([]byte, size.X)
				}
				widen(wide[i], c[i], nx)
				c[i] = wide[i]
			}
			c[i] = c[i][:size.X]
		}
		row(y, &c)
	}
	return nil
}

func (d *decoder) rgba(r image.Rectangle) (image.Image, error) {
	img := image.NewRGBA(r)
	return img, d.eachRow(r.Max, func(y int, c *[4][]byte) {
		to := img.Pix[y*img.Stride:][:4*r.Max.X]
		for x := range r.Max.X {
			p := to[4*x : 4*x+4 : 4*x+4]
			p[0], p[1], p[2], p[3] = c[0][x], c[1][x], c[2][x], 255
		}
	})
}

// cmyk returns four components as ink. All programs that write such files follow Adobe's, which
// stores them inverted: 255 is no ink. They are CMYK unless APP14 says YCCK; libjpeg too reads
// files without APP14 this way.
func (d *decoder) cmyk(r image.Rectangle) (image.Image, error) {
	img := image.NewCMYK(r)
	ycck := d.Adobe > 0
	return img, d.eachRow(r.Max, func(y int, c *[4][]byte) {
		to := img.Pix[y*img.Stride:][:4*r.Max.X]
		for x := range r.Max.X {
			p := to[4*x : 4*x+4 : 4*x+4]
			if ycck {
				// The red, green and blue of YCCK are cyan, magenta and yellow, inverted twice.
				p[0], p[1], p[2] = color.YCbCrToRGB(c[0][x], c[1][x], c[2][x])
			} else {
				p[0], p[1], p[2] = 255-c[0][x], 255-c[1][x], 255-c[2][x]
			}
			p[3] = 255 - c[3][x]
		}
	})
}
