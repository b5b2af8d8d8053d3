package face

import "context"

// faceSide is the side, in pixels, at which the blur of a face is measured, whatever its own.
const faceSide = 128

// A blur is looked for in eight directions. The fine step is 2.3 % of the face, the coarse one 11 %.
var directions = [...]struct{ fine, coarse [2]int }{
	{[2]int{3, 0}, [2]int{14, 0}}, {[2]int{3, 1}, [2]int{13, 5}}, {[2]int{2, 2}, [2]int{10, 10}}, {[2]int{1, 3}, [2]int{5, 13}},
	{[2]int{0, 3}, [2]int{0, 14}}, {[2]int{-1, 3}, [2]int{-5, 13}}, {[2]int{-2, 2}, [2]int{-10, 10}}, {[2]int{-3, 1}, [2]int{-13, 5}},
}

// sharpness returns how sharp the face in box is in the direction in which it is least so: the
// energy of its second differences at a step of a fiftieth of the face, over that at a ninth.
// An edge has the ratio of the steps, about 0.2; what a blur has smoothed along a direction has nearly none
// there, even if another direction is sharp, as with a camera that was moved.
//
// The only error is ctx's.
func (ws *workspace) sharpness(ctx context.Context, src source, box region) (float64, error) {
	const margin = 14
	ws.gray = grow(ws.gray, faceSide*faceSide)
	gray := ws.gray
	box = box.inside(src.w, src.h)
	if len(src.planes) > 1 {
		src.planes = src.planes[:1] // brightness is all that counts here
	}
	err := ws.scale(ctx, src, around(box.middle(), min(box.width(), box.height())), faceSide, faceSide, func(y int, row []float32) {
		to := gray[y*faceSide:][:faceSide]
		for x := range to {
			to[x] = luma(row[3*x:])
		}
	})
	if err != nil {
		return 0, err
	}
	energy := func(step [2]int) float64 {
		sum, n, by := float32(0), 0, step[1]*faceSide+step[0]
		for y := margin; y < faceSide-margin; y += 3 {
			for i := y*faceSide + margin; i < (y+1)*faceSide-margin; i++ {
				v := gray[i-by] + gray[i+by] - 2*gray[i]
				sum += v * v
				n++
			}
		}
		return float64(sum) / float64(n)
	}
	least := 1.0
	for _, d := range directions {
		// So that noise below two grey levels does not make a flat picture sharp.
		least = min(least, energy(d.fine)/(energy(d.coarse)+4))
	}
	return least, nil
}

// luma returns the brightness of a pixel of red, green and blue.
func luma(p []float32) float32 { return 0.299*p[0] + 0.587*p[1] + 0.114*p[2] }
