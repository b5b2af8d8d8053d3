package jpeg

import "github.com/imgvet/imgvet/internal/verify/jpeg/stream"

// coder decodes the blocks of one scan.
type coder interface {
	start()                   // a segment begins
	ready() error             // an MCU begins
	decode(i, x, y int) error // decodes the next block, at x, y of the scan's component i
	end() error               // the last block of the segment was decoded
}

// segments decodes the scan's segments with c, and skips the restart markers between them.
func (d *decoder) segments(c coder) error {
	s := &d.Scan
	left, perMCU := 0, 0
	for i := range s.N {
		perMCU += s.Comps[i].Blocks
	}
	mcusX := d.Frame.MCUsX
	if s.N == 1 {
		mcusX = d.Frame.Comps[s.Comps[0].Index].BlocksX
	}
	for m, x, y, rst := 0, 0, 0, 0; m < s.MCUs; m++ {
		if left == 0 {
			if m > 0 {
				if err := c.end(); err != nil {
					return err
				}
				if err := d.Restart(rst); err != nil {
					return err
				}
				rst++
			}
			if left = d.Interval; left == 0 {
				left = s.MCUs
			}
			d.StartSegment()
			c.start()
		}
		left--
		if err := d.check(perMCU); err != nil {
			return err
		}
		if err := c.ready(); err != nil {
			return err
		}
		if err := d.mcu(c, x, y); err != nil {
			return err
		}
		if x++; x == mcusX {
			x, y = 0, y+1
		}
	}
	return c.end()
}

// mcu decodes the MCU at x, y.
func (d *decoder) mcu(c coder, x, y int) error {
	s := &d.Scan
	if s.N == 1 {
		// T.81 A.2.2: in a scan of one component an MCU is one block.
		return c.decode(0, x, y)
	}
	for i := range s.N {
		f := &d.Frame.Comps[s.Comps[i].Index]
		for v := range f.V {
			for h := range f.H {
				if err := c.decode(i, x*f.H+h, y*f.V+v); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// bits is the position of a scan of Huffman codes in the source's buffer: see
// [stream.Source.Seek].
type bits struct {
	acc      uint64
	have, at uint
	limit    int // of at: once there, call more before an MCU
}

// startBits begins a segment.
func (d *decoder) startBits() {
	b := &d.bits
	b.acc, b.have, b.at = d.Src.Seek(0)
	b.limit = d.Src.Limit()
}

// moreBits fills the buffer with enough for an MCU.
func (d *decoder) moreBits() error {
	b := &d.bits
	if int(b.at) < b.limit {
		return nil
	}
	pos, ok := d.More(b.pos())
	if !ok {
		return d.Short()
	}
	b.acc, b.have, b.at = d.Src.Seek(pos)
	b.limit = d.Src.Limit() + 8
	return nil
}

// pos returns the position of the next bit in the buffer.
func (b *bits) pos() int { return 8*int(b.at) - int(b.have) }

// refill makes b hold at least 56 bits.
func (b *bits) refill(s *stream.Source) {
	b.acc |= s.Word(b.at) >> (b.have & 63)
	b.at += (63 - b.have) >> 3
	b.have |= 56
}

// drop skips n bits. b must hold them.
func (b *bits) drop(n uint) {
	b.acc <<= n & 63
	b.have -= n
}

// take returns the next n bits, at most 32. b must hold them.
func (b *bits) take(n uint) uint32 {
	v := uint32(b.acc >> 1 >> (63 - n))
	b.drop(n)
	return v
}

// planScans decides which scans of a progressive file can be skipped unread: those that change
// no wanted coefficient and that no later scan needs. A refining scan needs its whole band,
// since the meaning of its bits depends on which coefficients are nonzero.
func (d *decoder) planScans(b []byte) error {
	type scan struct {
		component int // of an AC scan
		ss, se    int
		refines   bool
	}
	var scans []scan
	if err := d.SOI(); err != nil {
		return err
	}
	for {
		s, err := d.Next()
		if err != nil {
			return err
		}
		if s.Marker == stream.EOI {
			break
		}
		if s.Marker == stream.SOS {
			if !d.Frame.Progressive {
				break
			}
			c := &d.Scan
			scans = append(scans, scan{c.Comps[0].Index, c.Ss, c.Se, c.Ah > 0})
			d.SkipScan()
		}
	}
	var needed [4]uint64
	for i := range needed {
		needed[i] = d.wanted
	}
	d.skip = make([]bool, len(scans))
	for i := len(scans) - 1; i >= 0; i-- {
		s := &scans[i]
		band := ^uint64(0) << s.ss & (^uint64(0) >> (63 - s.se))
		switch {
		case band&needed[s.component] == 0:
			d.skip[i] = true
		case s.refines && s.ss > 0:
			needed[s.component] |= band
		}
	}
	d.restart(b)
	return nil
}
