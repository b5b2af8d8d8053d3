// Package vp8 decides whether a chunk holds one well-formed VP8 key frame (RFC 6386), without
// making its pixels. It runs the boolean decoder over modes and coefficients, whose values it
// needs only as contexts of later ones. There is no prediction, transform or loop filter.
//
// No string of bits is illegal, but a frame may need more bits than there are. We call a frame
// cut if libwebp does.
package vp8

import (
	"sync"

	"github.com/imgvet/imgvet/internal/verify"
)

const (
	maxPartitions = 8
	maxColumns    = (1<<14 - 1 + 15) / 16 // macroblocks in a row

	// maxSurplus is how many bytes an encoder may leave at the end of a partition. libwebp
	// leaves one or two; libvpx flushes 32 bits.
	maxSurplus = 8
)

// decoder is the state of one call of Verify. It is reused, and owns no slices.
type decoder struct {
	fast          bool // use fastBlocks
	base          int  // offset of the chunk in the file
	columns, rows int  // macroblocks

	first      reader // frame header and modes
	partitions [maxPartitions]reader
	count      int // of partitions

	segments     bool // each macroblock names its segment
	segmentProbs [3]uint8
	skips        bool // each macroblock says if it has no coefficients
	skipProb     uint8

	coded [maxColumns]macroblock // one row
	// Context from the row above, and from the left.
	modeAbove [maxColumns][4]uint8
	above     [maxColumns]contexts
	// probs are indexed by the position of the coefficient instead of its band, and padded to
	// powers of 2. Position 16 is never read.
	probs [numPlanes]planeProbs
	plain probs // the same, indexed as in the file
	steps int64 // about how many booleans were read that may have cost no bits
}

type planeProbs [32][4][16]uint8

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// Result is what Verify learned about a whole frame.
type Result struct {
	Left     int64 // the rest of the allowed work
	Reserved bool  // the frame asks for the reserved colour space; viewers ignore that
	Surplus  bool  // a partition has unused bytes
}

// Verify returns nil if b holds one whole key frame, else a [*verify.Fault]. base is the offset
// of b in the file. work is how many booleans it may cost.
func Verify(b []byte, base int, work int64) (Result, error) {
	res := Result{Left: work}
	h, err := ReadHeader(b, base)
	if err != nil {
		return res, err
	}
	d := decoders.Get().(*decoder)
	defer decoders.Put(d)
	d.base, d.fast = base, hasBlocks
	d.columns, d.rows = (h.Width+15)/16, (h.Height+15)/16
	defer d.release()

	if err := d.frameHeader(b, h, &res); err != nil {
		return res, err
	}
	if err := d.frame(&res.Left); err != nil {
		return res, err
	}
	res.Surplus = d.first.unread() > maxSurplus
	for i := range d.count {
		res.Surplus = res.Surplus || d.partitions[i].unread() > maxSurplus
	}
	return res, nil
}

// release drops all references to the caller's bytes.
func (d *decoder) release() {
	d.first.b = nil
	for i := range d.partitions {
		d.partitions[i].b = nil
	}
}

// frame verifies modes and coefficients of all macroblocks.
func (d *decoder) frame(work *int64) error {
	clear(d.modeAbove[:d.columns])
	clear(d.above[:d.columns])
	d.steps = 0
	for y := range d.rows {
		d.modes()
		if d.first.eof {
			return d.truncated("modes")
		}
		p := &d.partitions[y&(d.count-1)]
		// libwebp loads the first byte, even if all macroblocks are skipped.
		if len(p.b) == 0 {
			return verify.Faultf(verify.Truncated, d.base, "VP8: partition %d is empty", y&(d.count-1))
		}
		if !p.possible() {
			return verify.Faultf(verify.Malformed, d.base, "VP8: impossible first byte of a partition")
		}
		d.tokens(p)
		if p.eof {
			return d.truncated("coefficients")
		}
		if *work -= d.steps; *work < 0 {
			return verify.Faultf(verify.TooMuchWork, d.base, "VP8: far more coefficients than bytes")
		}
		d.steps = 0
	}
	return nil
}

// truncated returns a fault for a partition that ends too early.
func (d *decoder) truncated(what string) error {
	return verify.Faultf(verify.Truncated, d.base, "VP8: %s are cut", what)
}
