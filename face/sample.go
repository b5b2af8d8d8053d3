package face

import (
	"context"
	"math"
)

// region is a rectangle of a picture in pixels; it may reach outside the picture.
type region struct{ x0, y0, x1, y1 float64 }

// span is the samples that make one sample of the result: those at from and n-1 after it. The
// first and the last have weights, the others the weight 1.
type span struct {
	from, n     int
	first, last float32
	total       float32 // the sum of the weights
}

// maxSpan bounds the samples of a span, and with it the memory for a line. Only the beginning of
// a wider span is averaged. Spans are wider only if a picture is over a thousand times longer
// than the result.
const maxSpan = 4096

// divide sets spans so that they cut the samples from at to at+size, in a row of limit samples,
// into equal parts. Parts of a sample or more are averaged by area; smaller ones are
// interpolated. A part whose middle lies outside the row is empty.
func divide(spans []span, at, size float64, limit int) {
	part := size / float64(len(spans))
	for i := range spans {
		lo := at + part*float64(i)
		hi := lo + part
		middle := (lo + hi) / 2
		if middle < 0 || middle >= float64(limit) {
			spans[i] = span{}
			continue
		}
		if part < 1 {
			// Between the middles of two samples.
			below := math.Floor(middle - 0.5)
			t := float32(middle - 0.5 - below)
			s := span{from: int(below), n: 2, first: 1 - t, last: t}
			if s.from < 0 {
				s = span{from: 0, n: 1, first: 1}
			} else if s.from+1 >= limit {
				s = span{from: limit - 1, n: 1, first: 1}
			}
			s.total = 1
			spans[i] = s
			continue
		}
		lo, hi = max(lo, 0), min(hi, float64(limit))
		from, to := int(lo), min(int(math.Ceil(hi)), limit)
		s := span{from: from, n: min(max(to-from, 1), maxSpan)}
		s.first = float32(min(hi, float64(from+1)) - lo)
		s.last = 1
		if from+s.n == to {
			s.last = float32(hi - float64(to-1))
		}
		s.total = s.first
		if s.n > 1 {
			s.total += float32(s.n-2) + s.last
		}
		if s.total <= 0 { // a sliver left by rounding
			s.first, s.n, s.total = 1, 1, 1
		}
		spans[i] = s
	}
}

// sampler scales parts of pictures. It reuses its memory, and serves one call at a time.
type sampler struct {
	xs, ys []span
	row    []float32
	line   []byte
	unseen int // pixels read since the last check of the context
}

// atOnce is about how many pixels are read between checks of the context: some milliseconds'
// work with the slowest of pictures.
const atOnce = 1 << 17

// check counts pixels more, and returns ctx's error if a check is due.
func (s *sampler) check(ctx context.Context, pixels int) error {
	if s.unseen += pixels; s.unseen < atOnce {
		return nil
	}
	s.unseen = 0
	return ctx.Err()
}

// grow returns a slice of n elements, in b's own memory if that is large enough.
func grow[T any](b []T, n int) []T {
	if cap(b) < n {
		return make([]T, n)
	}
	return b[:n]
}

// scale calls emit for each row of region r of src scaled to w x h: red, green and
// blue, 0..255, and black outside the picture. Its only error is ctx's.
func (s *sampler) scale(ctx context.Context, src source, r region, w, h int, emit func(y int, row []float32)) error {
	s.row = grow(s.row, 3*w)
	s.xs, s.ys = grow(s.xs, 3*w), grow(s.ys, 3*h)
	for i, p := range src.planes {
		p.fill(s.xs[i*w:(i+1)*w], s.ys[i*h:(i+1)*h], r)
	}
	if src.planes == nil {
		whole := plane{w: src.w, h: src.h, subX: 1, subY: 1}
		whole.fill(s.xs[:w], s.ys[:h], r)
		s.line = grow(s.line, 3*2*maxSpan)
	}
	for y := range h {
		clear(s.row)
		if rows := s.ys[y]; rows.n > 0 {
			var err error
			if len(src.planes) > 0 {
				s.planar(src, y, w, h)
				err = s.check(ctx, rows.n*src.w)
			} else {
				err = s.packed(ctx, src, rows, s.xs[:w])
			}
			if err != nil {
				return err
			}
		}
		emit(y, s.row)
	}
	return ctx.Err()
}

// fill sets the spans of a plane for region r of its picture.
func (p plane) fill(xs, ys []span, r region) {
	sx, sy := float64(p.subX), float64(p.subY)
	divide(xs, p.atX+r.x0/sx, (r.x1-r.x0)/sx, p.w)
	divide(ys, p.atY+r.y0/sy, (r.y1-r.y0)/sy, p.h)
}

// planar averages row y of the result from planes, and converts it to red, green and blue.
func (s *sampler) planar(src source, y, w, h int) {
	for c, p := range src.planes {
		rows := s.ys[c*h+y]
		for k := range rows.n {
			weight := rows.weight(k)
			if weight != 0 {
				addPlane(s.row[c:], p.pix[(rows.from+k)*p.stride:], s.xs[c*w:(c+1)*w], weight)
			}
		}
	}
	if len(src.planes) == 1 {
		for x := range w {
			v := s.row[3*x]
			s.row[3*x+1], s.row[3*x+2] = v, v
		}
		return
	}
	for x, columns := range s.xs[:w] {
		if p := (*[3]float32)(s.row[3*x:]); columns.n > 0 {
			toRGB(p)
		} else {
			*p = [3]float32{} // chroma may reach half a sample further
		}
	}
}

// toRGB converts full-range Y, Cb, Cr (ITU-T T.871, clause 7).
func toRGB(p *[3]float32) {
	y, cb, cr := p[0], p[1]-128, p[2]-128
	p[0] = min(max(y+1.402*cr, 0), 255)
	p[1] = min(max(y-0.344136*cb-0.714136*cr, 0), 255)
	p[2] = min(max(y+1.772*cb, 0), 255)
}

// weight returns the share of sample k of a span in its average.
func (s span) weight(k int) float32 {
	w := float32(1)
	switch k {
	case 0:
		w = s.first
	case s.n - 1:
		w = s.last
	}
	return w / s.total
}

// addPlane adds the averages of one row of samples to every third of dst.
func addPlane(dst []float32, row []byte, xs []span, weight float32) {
	for i, x := range xs {
		var v float32
		switch x.n {
		case 0:
			continue
		case 1:
			v = float32(row[x.from]) * x.first
		case 2:
			v = float32(row[x.from])*x.first + float32(row[x.from+1])*x.last
		default:
			part := row[x.from : x.from+x.n]
			v = float32(part[0])*x.first + float32(add(part[1:len(part)-1])) + float32(part[len(part)-1])*x.last
		}
		dst[3*i] += v * (weight / x.total)
	}
}

// packed averages a row of the result from a picture that is read line by line, and each line
// piece by piece. Its only error is ctx's.
func (s *sampler) packed(ctx context.Context, src source, rows span, xs []span) error {
	dst := s.row
	for len(xs) > 0 && xs[0].n == 0 {
		dst, xs = dst[3:], xs[1:]
	}
	for len(xs) > 0 && xs[0].n > 0 {
		from, to, n := xs[0].from, xs[0].from, 0
		for n < len(xs) && xs[n].n > 0 && xs[n].from+xs[n].n-from <= 2*maxSpan {
			to = max(to, xs[n].from+xs[n].n)
			n++
		}
		for k := range rows.n {
			if weight := rows.weight(k); weight != 0 {
				src.line(s.line, rows.from+k, from, to)
				addPixels(dst, s.line, xs[:n], from, weight)
				if err := s.check(ctx, to-from); err != nil {
					return err
				}
			}
		}
		dst, xs = dst[3*n:], xs[n:]
	}
	return nil
}

// addPixels adds the averages of a line of 3-byte pixels to dst. The line begins at pixel base.
func addPixels(dst []float32, line []byte, xs []span, base int, weight float32) {
	for i, x := range xs {
		part := line[3*(x.from-base):][:3*x.n]
		to := (*[3]float32)(dst[3*i:])
		share := weight / x.total
		first, last := x.first*share, x.last*share
		to[0] += float32(part[0]) * first
		to[1] += float32(part[1]) * first
		to[2] += float32(part[2]) * first
		if x.n == 1 {
			continue
		}
		end := part[len(part)-3:]
		to[0] += float32(end[0]) * last
		to[1] += float32(end[1]) * last
		to[2] += float32(end[2]) * last
		if x.n == 2 {
			continue
		}
		var r, g, b uint32
		for part = part[3 : len(part)-3]; len(part) >= 3; part = part[3:] {
			r += uint32(part[0])
			g += uint32(part[1])
			b += uint32(part[2])
		}
		to[0] += float32(r) * share
		to[1] += float32(g) * share
		to[2] += float32(b) * share
	}
}
