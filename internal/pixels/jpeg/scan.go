package jpeg

import "github.com/imgvet/imgvet/internal/verify/jpeg/stream"

// coder decodes the blocks of one scan.
type coder interface {
	start()                   // a segment begins
	ready() error             // an MCU begins
	decode(i, x, y int) error // the next block is that of component i of the scan at x, y
	end() error               // the segment's last block was decoded
}

// segments decodes the scan's segments with c, and passes over the restart markers
// between them.
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
		// T.81 A.2.2: an MCU of a scan of one component is a block.
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

// bits is where a scan of Huffman codes stands in the source's buffer: see
// [stream.Source.Seek].
type bits struct {
	acc      uint64
	have, at uint
	limit    int // of at: from here on, more must be called before an MCU
}

// startBits begins a segment.
func (d *decoder) startBits() {
	b := &d.bits
	b.acc, b.have, b.at = d.Src.Seek(0)
	b.limit = d.Src.Limit()
}

// moreBits fills the buffer so that an MCU can be read.
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

// refill makes b hold 56 bits at least.
func (b *bits) refill(s *stream.Source) {
	b.acc |= s.Word(b.at) >> (b.have & 63)
	b.at += (63 - b.have) >> 3
	b.have |= 56
}

// drop passes over n bits, which b holds.
func (b *bits) drop(n uint) {
	b.acc <<= n & 63
	b.have -= n
}

// take returns the next n bits, at most 32, which b holds.
func (b *bits) take(n uint) uint32 {
	v := uint32(b.acc >> 1 >> (63 - n))
	b.drop(n)
	return v
}

// planScans says which scans of a progressive file can be passed over unread:
// those that change no coefficient that is wanted, and that no later scan needs. A
// refining scan needs all of its band, as what its bits mean depends on which
// coefficients are nonzero.
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
