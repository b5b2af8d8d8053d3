package png

import (
	"bytes"

	"github.com/imgvet/imgvet/internal/verify/png"
)

// convert writes the n pixels of the packed row src to dst, step bytes apart.
type convert func(dst []byte, step int, src []byte, n int)

// converter returns the function that converts rows of p, which is not indexed, to the layout of
// image/png.
func converter(p *png.Picture) convert {
	key := p.Transparency
	wide := p.Depth == 16
	switch {
	case p.Colour == png.Grayscale && wide && key == nil:
		return whole(2)
	case p.Colour == png.Grayscale && wide:
		return gray16Keyed(key)
	case p.Colour == png.Grayscale && key == nil:
		return gray(int(p.Depth))
	case p.Colour == png.Grayscale:
		return grayKeyed(int(p.Depth), key[1])
	case p.Colour == png.Truecolour && wide:
		return rgb16(key)
	case p.Colour == png.Truecolour && key == nil:
		return rgb
	case p.Colour == png.Truecolour:
		return rgbKeyed([3]byte{key[1], key[3], key[5]})
	case p.Colour == png.GrayscaleAlpha && wide:
		return grayAlpha16
	case p.Colour == png.GrayscaleAlpha:
		return grayAlpha
	case wide:
		return whole(8)
	}
	return whole(4)
}

// whole copies pixels of size bytes unchanged.
func whole(size int) convert {
	return func(dst []byte, step int, src []byte, n int) {
		if step == size {
			copy(dst, src[:n*size])
			return
		}
		for i := range n {
			copy(dst[i*step:i*step+size], src[i*size:])
		}
	}
}

// sample returns sample i of a row of this bit depth, 1 to 8.
func sample(src []byte, depth, i int) byte {
	bit := i * depth
	return src[bit>>3] >> (8 - depth - bit&7) & (1<<depth - 1)
}

// factor returns the factor that scales a sample of this bit depth to 8 bits.
func factor(depth int) byte { return byte(255 / (1<<depth - 1)) }

func gray(depth int) convert {
	if depth == 8 {
		return whole(1)
	}
	scale := factor(depth)
	return func(dst []byte, step int, src []byte, n int) {
		for i := range n {
			dst[i*step] = sample(src, depth, i) * scale
		}
	}
}

// indices copies palette indices, and raises used to the number of colours that they need.
func indices(depth int, used *int) convert {
	return func(dst []byte, step int, src []byte, n int) {
		most := *used
		for i := range n {
			v := sample(src, depth, i)
			dst[i*step] = v
			most = max(most, int(v)+1)
		}
		*used = most
	}
}

// opacity returns 0 for a pixel of the colour in tRNS, else 0xff.
func opacity(transparent bool) byte {
	if transparent {
		return 0
	}
	return 0xff
}

func grayKeyed(depth int, key byte) convert {
	scale := factor(depth)
	return func(dst []byte, step int, src []byte, n int) {
		for i := range n {
			v := sample(src, depth, i)
			d := dst[i*step : i*step+4]
			d[0], d[1], d[2], d[3] = v*scale, v*scale, v*scale, opacity(v == key)
		}
	}
}

func gray16Keyed(key []byte) convert {
	return func(dst []byte, step int, src []byte, n int) {
		for i := range n {
			s, d := src[2*i:2*i+2], dst[i*step:i*step+8]
			a := opacity(bytes.Equal(s, key))
			d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7] = s[0], s[1], s[0], s[1], s[0], s[1], a, a
		}
	}
}

func rgb(dst []byte, step int, src []byte, n int) {
	for i := range n {
		s, d := src[3*i:3*i+3:3*i+3], dst[i*step:i*step+4:i*step+4]
		d[0], d[1], d[2], d[3] = s[0], s[1], s[2], 0xff
	}
}

func rgbKeyed(key [3]byte) convert {
	return func(dst []byte, step int, src []byte, n int) {
		for i := range n {
			s, d := src[3*i:3*i+3], dst[i*step:i*step+4]
			d[0], d[1], d[2], d[3] = s[0], s[1], s[2], opacity([3]byte(s) == key)
		}
	}
}

func rgb16(key []byte) convert {
	return func(dst []byte, step int, src []byte, n int) {
		for i := range n {
			s, d := src[6*i:6*i+6], dst[i*step:i*step+8]
			copy(d, s)
			a := opacity(key != nil && bytes.Equal(s, key))
			d[6], d[7] = a, a
		}
	}
}

func grayAlpha(dst []byte, step int, src []byte, n int) {
	for i := range n {
		v, d := src[2*i], dst[i*step:i*step+4]
		d[0], d[1], d[2], d[3] = v, v, v, src[2*i+1]
	}
}

func grayAlpha16(dst []byte, step int, src []byte, n int) {
	for i := range n {
		s, d := src[4*i:4*i+4], dst[i*step:i*step+8]
		d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7] = s[0], s[1], s[0], s[1], s[0], s[1], s[2], s[3]
	}
}
