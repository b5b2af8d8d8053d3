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

	// The context is looked at when so many booleans were read since. Several partitions are
	// read side by side, so windows of the file do not see to that.
	stepsPerLook = 1 << 20
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
	Reserved bool // the frame asks for the reserved colour space; viewers ignore that
	Surplus  bool // a partition has unused bytes
}

// Verify returns nil if b holds one whole key frame, else a [*verify.Fault]. base is the offset
// of b in the file of in, which says how many booleans it may cost.
func Verify(in *verify.Input, b verify.Section, base int) (Result, error) {
	var res Result
	b.Reach(HeaderSize)
	h, err := ReadHeader(b.B, base)
	if err != nil {
		return res, err
	}
	d := decoders.Get().(*decoder)
	defer decoders.Put(d)
	d.base, d.fast = base, hasBlocks
	d.columns, d.rows = (h.Width+15)/16, (h.Height+15)/16
	defer d.release()

	if err := d.frameHeader(&b, h, &res); err != nil {
		return res, err
	}
	if err := d.frame(in); err != nil {
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
	d.first = reader{}
	for i := range d.partitions {
		d.partitions[i] = reader{}
	}
}

// frame verifies modes and coefficients of all macroblocks.
func (d *decoder) frame(in *verify.Input) error {
	clear(d.modeAbove[:d.columns])
	clear(d.above[:d.columns])
	d.steps = 0
	sinceLook := int64(0)
	for y := range d.rows {
		d.modes()
		if d.first.eof {
			return d.truncated("modes")
		}
		p := &d.partitions[y&(d.count-1)]
		// libwebp loads the first byte, even if all macroblocks are skipped.
		if !p.ahead(0) && p.pos == 0 {
			return verify.Faultf(verify.Truncated, d.base, "VP8: partition %d is empty", y&(d.count-1))
		}
		if !p.possible() {
			return verify.Faultf(verify.Malformed, d.base, "VP8: impossible first byte of a partition")
		}
		d.tokens(p)
		if p.eof {
			return d.truncated("coefficients")
		}
		if !in.Afford(d.steps) {
			return verify.Faultf(verify.TooMuchWork, d.base, "VP8: far more coefficients than bytes")
		}
		if sinceLook += d.steps; sinceLook > stepsPerLook {
			if sinceLook = 0; !in.Look() {
				return in.Err()
			}
		}
		d.steps = 0
	}
	return nil
}

// truncated returns a fault for a partition that ends too early.
func (d *decoder) truncated(what string) error {
	return verify.Faultf(verify.Truncated, d.base, "VP8: %s are cut", what)
}
