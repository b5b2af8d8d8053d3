package face

import (
	"cmp"
	"context"
	"slices"
)

const (
	workingSide   = 1024 // pixels of the longer side at which a picture is searched
	maxCandidates = 16   // that are looked at closely
	weak          = 0.2  // the least score of a candidate
)

// shrink returns src with no side longer than workingSide: src itself if it is that small.
func (ws *workspace) shrink(ctx context.Context, src source) (source, error) {
	longest := max(src.w, src.h)
	if longest <= workingSide {
		return src, nil
	}
	scaled := func(side int) int {
		return max(1, int((int64(side)*workingSide+int64(longest)/2)/int64(longest)))
	}
	w, h := scaled(src.w), scaled(src.h)
	ws.small = grow(ws.small, 3*w*h)
	err := ws.scale(ctx, src, region{0, 0, float64(src.w), float64(src.h)}, w, h, func(y int, row []float32) {
		to := ws.small[y*len(row):][:len(row)]
		for i, v := range row {
			to[i] = byte(v + 0.5)
		}
	})
	return packedSource(ws.small, w, h), err
}

// packedSource returns rows of pixels of 3 bytes as a source.
func packedSource(pix []byte, w, h int) source {
	return source{w: w, h: h, line: func(dst []byte, y, x0, x1 int) {
		copy(dst, pix[3*(y*w+x0):3*(y*w+x1)])
	}}
}

// search returns the faces and what may be one in src, whatever their score, the largest first.
// The net for whole pictures proposes; the other net sees each proposal closely and decides.
func (f *Finder) search(ctx context.Context, ws *workspace, src source) ([]detection, error) {
	whole := around(point{float64(src.w) / 2, float64(src.h) / 2}, float64(max(src.w, src.h)))
	candidates, err := f.whole.run(ctx, &ws.sampler, ws.whole, src, whole, weak, nil)
	if err != nil {
		return nil, err
	}
	var found []detection
	for i, c := range candidates[:min(len(candidates), maxCandidates)] {
		d, err := f.closer(ctx, ws, src, c, 2)
		if err != nil {
			return nil, err
		}
		if i < 3 && d.score < f.threshold {
			second, err := f.closer(ctx, ws, src, c, 1.5)
			if err != nil {
				return nil, err
			}
			if second.score > d.score {
				d = second
			}
		}
		found = append(found, d)
	}
	found = merge(found)
	slices.SortStableFunc(found, func(a, b detection) int { return cmp.Compare(b.box.area(), a.box.area()) })
	return found, nil
}

// closer returns candidate c as the net for close pictures sees it, in a square of
// that many times its side. Its score is 0 if it sees nothing there.
func (f *Finder) closer(ctx context.Context, ws *workspace, src source, c detection, times float64) (detection, error) {
	side := times * max(c.box.width(), c.box.height())
	ws.crop = grow(ws.crop, 3*f.zoom.side*f.zoom.side)
	seen, err := f.zoom.run(ctx, &ws.sampler, ws.zoom, src, around(c.box.middle(), side), 0.01, ws.crop)
	if err != nil {
		return detection{}, err
	}
	for _, d := range seen {
		if overlap(d.box, c.box) > maxOverlap/2 {
			d.quality = ws.measure(ws.crop, f.zoom.side)
			return d, nil
		}
	}
	c.score = 0
	return c, nil
}
