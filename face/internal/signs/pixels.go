package signs

import "math"

// The grid of patches on a face, and what is read of each.
const (
	columns, rows = 9, 11
	perPatch      = 4 // brightness, red and blue beside it, and the contrast inside
	patches       = columns * rows * perPatch
)

// OfCrop is how many features are of the crop. They come first.
const OfCrop = patches

// Crop is the picture that the net saw: rows of pixels of red, green and blue, 0..255.
type Crop struct {
	Side   int
	Pixels []float32
}

// patches sets the first numbers of dst to what the patches of a grid on the face look like, beside the
// average of them: from above the brows to the chin, and from cheek to cheek.
func (c Crop) patches(dst []float32, face axes) {
	var sum, squares float32
	for i := range rows {
		for k := range columns {
			u, v := -1+2*float64(k)/(columns-1), -0.5+2.1*float64(i)/(rows-1)
			p := dst[(i*columns+k)*perPatch:][:perPatch]
			var light, light2, red, blue float32
			for t := range 9 {
				r, g, b := c.at(face.at(u+0.08*float64(t%3-1), v+0.07*float64(t/3-1)))
				y := 0.299*r + 0.587*g + 0.114*b
				light, light2, red, blue = light+y/9, light2+y*y/9, red+(r-y)/9, blue+(b-y)/9
			}
			p[0], p[1], p[2] = light, red, blue
			p[3] = float32(math.Sqrt(float64(max(0, light2-light*light))))
			sum += light
			squares += light * light
		}
	}
	mean := sum / (columns * rows)
	scale := 1 / (8 + float32(math.Sqrt(float64(max(0, squares/(columns*rows)-mean*mean)))))
	for i := range dst[:patches] {
		if i%perPatch == 0 {
			dst[i] -= mean
		}
		dst[i] *= scale
	}
}

// at returns the colour of the pixel at p, or of the nearest one.
func (c Crop) at(p Point) (r, g, b float32) {
	nearest := func(v float64) int {
		v = min(max(v*float64(c.Side), 0), float64(c.Side-1))
		if v != v {
			return 0
		}
		return int(v)
	}
	q := c.Pixels[3*(nearest(p.Y)*c.Side+nearest(p.X)):][:3]
	return q[0], q[1], q[2]
}
