package face

import (
	"context"
	"encoding/binary"
)

// workingSide is about the longer side, in pixels, at which a picture is searched. The picture
// is shrunk by the nearest whole number, so to 768 pixels at least and 1535 at most.
const workingSide = 1024

// pictureSide is the shortest longer side to which a larger picture is shrunk.
const pictureSide = workingSide * 3 / 4

// coarseSide is the shortest longer side of the picture that looks at large parts of it see.
const coarseSide = 384

// shrink returns src at working size, and by how many it divided each side. If src is small
// enough, those are src itself, or a copy if src is foreign, and 1.
func (ws *workspace) shrink(ctx context.Context, src source) (source, int, error) {
	n := max(1, (max(src.w, src.h)+workingSide/2)/workingSide)
	if n == 1 && !src.foreign {
		return src, 1, nil
	}
	small, err := ws.reduce(ctx, src, n, &ws.small)
	return small, n, err
}

// withCoarse returns src, which is at working size, with a smaller copy. Most looks cover much of
// the picture, and would read all of its pixels each time.
func (ws *workspace) withCoarse(ctx context.Context, src source) (source, error) {
	n := max(src.w, src.h) / coarseSide
	if n <= 1 {
		return src, nil
	}
	coarse, err := ws.reduce(ctx, src, n, &ws.coarse)
	src.coarse, src.by = &coarse, n
	return src, err
}

// reduce returns src with its sides divided by n, in the memory of buffer.
func (ws *workspace) reduce(ctx context.Context, src source, n int, buffer *[]byte) (source, error) {
	if src.planes == nil {
		// Leave out a part at an edge that is less than half.
		w, h := max(1, (src.w+n/2)/n), max(1, (src.h+n/2)/n)
		pix := grow(*buffer, 3*w*h)
		*buffer = pix
		all := region{0, 0, float64(min(w*n, src.w)), float64(min(h*n, src.h))}
		err := ws.scale(ctx, src, all, w, h, func(y int, row []float32) {
			to := pix[y*len(row):][:len(row)]
			for i, v := range row {
				to[i] = byte(v + 0.5)
			}
		})
		return packedSource(pix, w, h), err
	}
	// Plane by plane: averaging needs no conversion of colours.
	size := 0
	for _, p := range src.planes {
		size += parts(p.w, n) * parts(p.h, n)
	}
	*buffer = grow(*buffer, size)
	small := source{w: parts(src.w, n), h: parts(src.h, n)}
	rest := *buffer
	for _, p := range src.planes {
		q := p
		q.w, q.h = parts(p.w, n), parts(p.h, n)
		q.stride, q.atX, q.atY = q.w, p.atX/float64(n), p.atY/float64(n)
		q.pix, rest = rest[:q.w*q.h], rest[q.w*q.h:]
		if err := ws.average(ctx, q, p, n); err != nil {
			return source{}, err
		}
		small.planes = append(small.planes, q)
	}
	return small, nil
}

// parts returns how many parts of n samples size has; the last may be smaller.
func parts(size, n int) int { return (size + n - 1) / n }

// average sets the samples of q to the averages of n x n samples of p, or of fewer at the right
// and lower edges.
func (ws *workspace) average(ctx context.Context, q, p plane, n int) error {
	ws.sums = grow(ws.sums, q.w)
	for y := range q.h {
		clear(ws.sums)
		high := min(n, p.h-y*n)
		for k := range high {
			addBoxes(ws.sums, p.pix[(y*n+k)*p.stride:][:p.w], n)
			if err := ws.check(ctx, p.w); err != nil {
				return err
			}
		}
		to := q.pix[y*q.w:][:q.w]
		for x, sum := range ws.sums {
			count := uint64(high * min(n, p.w-x*n))
			to[x] = byte((sum + count/2) / count)
		}
	}
	return nil
}

// addBoxes adds n samples of row to each sum, and fewer to the last one.
func addBoxes(sums []uint64, row []byte, n int) {
	for x := range sums {
		part := row[:min(n, len(row))]
		row = row[len(part):]
		sums[x] += uint64(add(part))
	}
}

// add returns the sum of samples. It adds several at once, in the four 16-bit lanes of a word,
// and sums the lanes with one multiplication.
func add(samples []byte) uint32 {
	sum := uint32(0)
	for len(samples) >= 8 {
		v := binary.LittleEndian.Uint64(samples)
		v = v&0x00FF00FF00FF00FF + v>>8&0x00FF00FF00FF00FF
		sum += uint32(v * 0x0001000100010001 >> 48)
		samples = samples[8:]
	}
	if len(samples) >= 4 {
		v := binary.LittleEndian.Uint32(samples)
		v = v&0x00FF00FF + v>>8&0x00FF00FF
		sum += v&0xFFFF + v>>16
		samples = samples[4:]
	}
	for _, v := range samples {
		sum += uint32(v)
	}
	return sum
}

// packedSource returns rows of pixels of 3 bytes as a source.
func packedSource(pix []byte, w, h int) source {
	return source{w: w, h: h, line: func(dst []byte, y, x0, x1 int) {
		copy(dst, pix[3*(y*w+x0):3*(y*w+x1)])
	}}
}
