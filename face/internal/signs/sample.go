package signs

import "math"

// Map is a feature map: rows of cells of channels, over the whole of the net's square input.
type Map struct {
	Side, Channels int
	Cells          []float32
}

// Point is a position in the net's input, whose sides are 1.
type Point struct{ X, Y float64 }

// Face holds the landmarks that features are read at.
type Face struct{ RightEye, LeftEye, Nose, Mouth Point }

// The places of a face where the features of coarse maps are read.
const (
	atRightEye = iota
	atLeftEye
	atNose
	atMouth
	atChin
	atForehead
	places
)

// details are the points where the finest map is read: around both eyes, whose covers are small, and
// wherever a hand or a cover may end. They are in the coordinates of axes.
var details = [...][2]float64{
	{-0.75, -0.2}, {-0.5, -0.2}, {-0.25, -0.2}, {-0.75, 0}, {-0.5, 0}, {-0.25, 0}, {-0.75, 0.2}, {-0.5, 0.2}, {-0.25, 0.2}, // right eye
	{0.25, -0.2}, {0.5, -0.2}, {0.75, -0.2}, {0.25, 0}, {0.5, 0}, {0.75, 0}, {0.25, 0.2}, {0.5, 0.2}, {0.75, 0.2}, // left eye
	{-0.5, -0.6}, {0, -0.6}, {0.5, -0.6}, {0, -0.25}, {0, 0}, {0, 0.35}, {0, 0.6}, // forehead and nose
	{-0.6, 0.5}, {0.6, 0.5}, {-0.6, 0.9}, {0.6, 0.9}, // cheeks
	{0, 0.82}, {-0.35, 1}, {0, 1}, {0.35, 1}, {0, 1.2}, {-0.4, 1.4}, {0.4, 1.4}, {0, 1.55}, // mouth and chin
}

// Size returns how many features Sample reads of these maps, the finest first, and a crop.
func Size(maps []Map) int {
	n := patches
	for i, m := range maps {
		if i == 0 {
			n += len(details) * m.Channels
		} else {
			n += places * m.Channels
		}
	}
	return n
}

// axes are coordinates that follow the landmarks: from the middle of the eyes, u is from -0.5 at
// the right eye to 0.5 at the left one, and v is 1 at the mouth.
type axes struct {
	middle, across, down Point
}

func (f Face) axes() axes {
	middle := Point{(f.RightEye.X + f.LeftEye.X) / 2, (f.RightEye.Y + f.LeftEye.Y) / 2}
	down := Point{f.Mouth.X - middle.X, f.Mouth.Y - middle.Y}
	// Across the face: the direction of the eyes, and no shorter than it is in a face half turned away.
	across := Point{f.LeftEye.X - f.RightEye.X, f.LeftEye.Y - f.RightEye.Y}
	if apart, least := math.Hypot(across.X, across.Y), 0.6*math.Hypot(down.X, down.Y); apart > 0 && apart < least {
		across = Point{across.X * least / apart, across.Y * least / apart}
	}
	return axes{middle, across, down}
}

func (a axes) at(u, v float64) Point {
	return Point{a.middle.X + u*a.across.X + v*a.down.X, a.middle.Y + u*a.across.Y + v*a.down.Y}
}

// spots returns the places of f, whose axes are a. Chin and forehead lie as far from the landmarks as
// they do in an average face.
func (f Face) spots(a axes) [places]Point {
	return [places]Point{
		atRightEye: f.RightEye, atLeftEye: f.LeftEye, atNose: f.Nose, atMouth: f.Mouth,
		atChin: a.at(0, 1.6), atForehead: a.at(0, -0.6),
	}
}

// Sample sets dst, of Size(maps) numbers, to the features of f: those of the crop, then, of
// each detail, those of the first map, and then, of each place in turn, those of each other map. The
// crop is what the net computed the maps from.
func Sample(dst []float32, c Crop, maps []Map, f Face) {
	axes := f.axes()
	c.patches(dst, axes)
	dst = dst[patches:]
	if len(maps) == 0 {
		return
	}
	finest, maps := maps[0], maps[1:]
	for _, p := range details {
		finest.at(dst[:finest.Channels], axes.at(p[0], p[1]))
		dst = dst[finest.Channels:]
	}
	for _, p := range f.spots(axes) {
		for _, m := range maps {
			m.at(dst[:m.Channels], p)
			dst = dst[m.Channels:]
		}
	}
}

// at sets dst to the features at p, interpolated between the middles of four cells.
func (m Map) at(dst []float32, p Point) {
	x0, x1, tx := m.between(p.X)
	y0, y1, ty := m.between(p.Y)
	cell := func(x, y int) []float32 { return m.Cells[(y*m.Side+x)*m.Channels:][:m.Channels] }
	a, b, c, d := cell(x0, y0), cell(x1, y0), cell(x0, y1), cell(x1, y1)
	for i := range dst {
		upper := a[i] + tx*(b[i]-a[i])
		lower := c[i] + tx*(d[i]-c[i])
		dst[i] = upper + ty*(lower-upper)
	}
}

// between returns the cells on both sides of v, and how far v is from the first to the second.
// Outside the map it is the nearest cell.
func (m Map) between(v float64) (from, to int, part float32) {
	v = min(max(v*float64(m.Side)-0.5, 0), float64(m.Side-1))
	if v != v {
		v = 0
	}
	low := math.Floor(v)
	from = int(low)
	return from, min(from+1, m.Side-1), float32(v - low)
}
