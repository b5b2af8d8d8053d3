package vp8

import "github.com/imgvet/imgvet/internal/verify"

// frameHeader reads the rest of the frame header (RFC 6386 sections 9.2 to
// 9.11), and finds the partitions.
func (d *decoder) frameHeader(b *verify.Section, h Header, res *Result) error {
	rest := b.From(HeaderSize)
	// libwebp refuses a first partition that fills the chunk, even if no other is needed.
	if h.firstSize >= b.Len() || h.firstSize > rest.Len() {
		return verify.Faultf(verify.Truncated, d.base+b.Len(), "VP8: first partition of %d bytes is cut", h.firstSize)
	}
	d.first = newReader(rest.Until(h.firstSize))
	r := &d.first
	r.ahead(0)
	if !r.possible() {
		return verify.Faultf(verify.Malformed, d.base+HeaderSize, "VP8: impossible first byte of a partition")
	}
	res.Reserved = r.flag() // colour space
	r.flag()                // clamping type
	d.segmentHeader()
	d.filterHeader()
	if err := d.findPartitions(rest.From(h.firstSize), d.base+HeaderSize+h.firstSize); err != nil {
		return err
	}
	// Quantizers (section 9.6): we only skip them.
	r.number(7)
	for range 5 {
		r.optional(4)
	}
	r.flag() // refresh entropy probabilities
	d.tokenProbs()
	d.skips = r.flag()
	if d.skips {
		d.skipProb = uint8(r.number(8))
	}
	if r.eof {
		return verify.Faultf(verify.Truncated, d.base+HeaderSize+h.firstSize, "VP8: frame header is cut")
	}
	return nil
}

// segmentHeader reads section 9.3.
func (d *decoder) segmentHeader() {
	r := &d.first
	d.segments = false
	if !r.flag() {
		return
	}
	d.segments = r.flag()
	if r.flag() {
		r.flag() // absolute or delta
		for range 4 {
			r.optional(7) // quantizer
		}
		for range 4 {
			r.optional(6) // filter level
		}
	}
	if !d.segments {
		return
	}
	for i := range d.segmentProbs {
		d.segmentProbs[i] = 255
		if r.flag() {
			d.segmentProbs[i] = uint8(r.number(8))
		}
	}
}

// filterHeader skips section 9.6.
func (d *decoder) filterHeader() {
	r := &d.first
	r.number(1 + 6 + 3) // type, level, sharpness
	if r.flag() && r.flag() {
		for range 4 + 4 {
			r.optional(6)
		}
	}
}

// findPartitions finds the partitions of coefficients (section 9.5) in p, which is at offset at
// of the file.
func (d *decoder) findPartitions(p verify.Section, at int) error {
	d.count = 1 << d.first.number(2)
	sizes := 3 * (d.count - 1)
	if !p.Reach(sizes) {
		return verify.Faultf(verify.Truncated, at+p.Len(), "VP8: sizes of the partitions are cut")
	}
	left := p.From(sizes)
	for i := range d.count - 1 {
		n := int(p.B[3*i]) | int(p.B[3*i+1])<<8 | int(p.B[3*i+2])<<16
		if n > left.Len() {
			return verify.Faultf(verify.Truncated, at+p.Len(), "VP8: partition %d is cut", i)
		}
		d.partitions[i] = newReader(left.Until(n))
		left = left.From(n)
	}
	// libwebp waits for the start of the last partition, whether it is needed or not.
	if left.Len() == 0 {
		return verify.Faultf(verify.Truncated, at+p.Len(), "VP8: last partition is missing")
	}
	d.partitions[d.count-1] = newReader(left)
	return nil
}

// bands maps a coefficient's position to its band (section 13.3). The last is a dummy.
var bands = [17]uint8{0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0}

// tokenProbs reads the changes of section 13.4.
func (d *decoder) tokenProbs() {
	d.plain = defaultProbs
	for i := range d.plain {
		for j := range d.plain[i] {
			for k := range d.plain[i][j] {
				for l := range d.plain[i][j][k] {
					if d.first.read(updateProbs[i][j][k][l]) {
						d.plain[i][j][k][l] = uint8(d.first.number(8))
					}
				}
			}
		}
	}
	for i := range d.probs {
		for n, band := range bands {
			for k := range numContexts {
				copy(d.probs[i][n][k][:], d.plain[i][band][k][:])
			}
		}
	}
}
