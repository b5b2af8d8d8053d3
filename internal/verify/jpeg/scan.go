package jpeg

import "github.com/imgvet/imgvet/internal/verify"

// maxMCUBlocks bounds the blocks of an MCU. T.81 B.2.3.
const maxMCUBlocks = 10

// scan is what the scan header says. T.81 B.2.3.
type scan struct {
	n      int // components
	comps  [maxComponents]scanComponent
	ss, se int // band: first and last coefficient in zigzag order
	ah, al int // bit position before and after this scan
	mcus   int // MCUs of the whole scan
}

// scanComponent is one of the scan's components.
type scanComponent struct {
	index  int // in frame.comps
	td, ta byte
	blocks int // in an MCU of this scan
}

// sos reads a scan header, whose marker stands at offset at, and the
// entropy-coded segments behind it.
func (d *decoder) sos(p []byte, at int) error {
	from := d.pos - len(p)
	d.scans++
	switch {
	case d.frame.n == 0:
		return verify.Faultf(verify.Malformed, at, "scan before a frame header")
	case d.scans > maxScans:
		f := verify.Faultf(verify.TooMuchWork, at, "more than %d scans", maxScans)
		f.Limit, f.Got = maxScans, int64(d.scans)
		return f
	case len(p) < 1, len(p) != 4+2*int(p[0]):
		return verify.Faultf(verify.Malformed, at+2, "scan header of %d bytes", len(p))
	case p[0] < 1 || int(p[0]) > d.frame.n:
		return verify.Faultf(verify.Malformed, from, "scan of %d components", p[0])
	}
	if err := d.scanComponents(p, from); err != nil {
		return err
	}
	s := &d.scan
	q, qAt := p[1+2*s.n:], from+1+2*s.n
	s.ss, s.se, s.ah, s.al = int(q[0]), int(q[1]), int(q[2]>>4), int(q[2]&15)
	var err error
	if d.frame.progressive {
		err = d.progression(qAt)
	} else {
		err = d.sequence(qAt)
	}
	if err != nil {
		return err
	}
	if err := d.scanTables(from); err != nil {
		return err
	}
	return d.entropy()
}

// scanComponents reads the component selectors of the scan header p, which
// stands at offset from, and measures the scan.
func (d *decoder) scanComponents(p []byte, from int) error {
	f, s := &d.frame, &d.scan
	s.n = int(p[0])
	blocks := 0
	for i := range s.n {
		id, t := p[1+2*i], p[2+2*i]
		index := -1
		for j := range f.n {
			if f.comps[j].id == id {
				index = j
			}
		}
		if index < 0 {
			return verify.Faultf(verify.Malformed, from+1+2*i, "scan of unknown component %d", id)
		}
		for j := range i {
			if s.comps[j].index == index {
				return verify.Faultf(verify.Malformed, from+1+2*i, "component %d twice in a scan", id)
			}
		}
		c := scanComponent{index: index, td: t >> 4, ta: t & 15, blocks: 1}
		if s.n > 1 {
			c.blocks = f.comps[index].h * f.comps[index].v
		}
		blocks += c.blocks
		s.comps[i] = c
	}
	if blocks > maxMCUBlocks {
		return verify.Faultf(verify.Malformed, from, "%d blocks in an MCU", blocks)
	}
	s.mcus = f.mcusX * f.mcusY
	if s.n == 1 {
		// T.81 A.2.2: the blocks of a scan of one component stand in its own
		// raster, without those that pad an interleaved MCU.
		c := &f.comps[s.comps[0].index]
		s.mcus = c.blocksX * c.blocksY
	}
	return nil
}

// sequence judges the scan of a sequential frame: every component is scanned
// once. at is where the band stands.
func (d *decoder) sequence(at int) error {
	s := &d.scan
	for i := range s.n {
		c := &d.frame.comps[s.comps[i].index]
		if c.scanned {
			return verify.Faultf(verify.Malformed, at, "second scan of component %d", c.id)
		}
		c.scanned = true
	}
	if s.ss != 0 || s.se != 63 || s.ah != 0 || s.al != 0 {
		// libjpeg's jdhuff.c forgives this: "there are some baseline files out
		// there with all zeroes in these bytes".
		d.info.Warn(verify.ReservedValue, int64(at), "band of a sequential scan")
		s.ss, s.se, s.ah, s.al = 0, 63, 0, 0
	}
	return nil
}

// progression judges the scan of a progressive frame: its band is legal (T.81
// G.1.1.1), and each coefficient continues where its last scan has left off.
func (d *decoder) progression(at int) error {
	s := &d.scan
	switch {
	case s.ss > s.se, s.se > 63, s.ss == 0 && s.se != 0:
		return verify.Faultf(verify.Malformed, at, "band %d to %d", s.ss, s.se)
	case s.ss > 0 && s.n > 1:
		return verify.Faultf(verify.Malformed, at, "AC scan of %d components", s.n)
	case s.al > 13, s.ah != 0 && s.ah != s.al+1:
		return verify.Faultf(verify.Malformed, at+2, "successive approximation from bit %d to %d", s.ah, s.al)
	}
	for i := range s.n {
		index := s.comps[i].index
		c, left := &d.frame.comps[index], &d.approx[index]
		if s.ss == 0 {
			c.scanned = true
		} else if !c.scanned {
			return verify.Faultf(verify.Malformed, at, "AC scan of component %d before its DC scan", c.id)
		}
		for k := s.ss; k <= s.se; k++ {
			// approx is 0 for a coefficient without a scan, or 1 + its bit position.
			if was := int(left[k]); was == 0 && s.ah != 0 || was != 0 && s.ah != was-1 || was == 1 {
				return verify.Faultf(verify.Malformed, at+2, "coefficient %d of component %d out of order", k, c.id)
			}
			left[k] = byte(s.al + 1)
		}
	}
	return nil
}

// scanTables refuses a scan that asks for a table that is not there. from is
// where the scan header stands.
func (d *decoder) scanTables(from int) error {
	s := &d.scan
	for i := range s.n {
		c := &s.comps[i]
		if !d.quant[d.frame.comps[c.index].tq] {
			// image/jpeg multiplies by zeros here; libjpeg refuses.
			return verify.Faultf(verify.Malformed, from+1+2*i, "quantization table %d is not defined", d.frame.comps[c.index].tq)
		}
		if c.td > 3 || c.ta > 3 {
			return verify.Faultf(verify.Malformed, from+2+2*i, "entropy table %d, %d", c.td, c.ta)
		}
		if d.frame.baseline && (c.td > 1 || c.ta > 1) {
			// T.81 table B.3 gives a baseline file two tables; libjpeg gives it four.
			d.info.Warn(verify.ReservedValue, int64(from+2+2*i), "third Huffman table in a baseline scan")
		}
		if d.frame.arithmetic {
			continue
		}
		if s.ss == 0 && s.ah == 0 {
			if err := d.useTable(classDC, c.td, from+2+2*i); err != nil {
				return err
			}
		}
		if s.se > 0 {
			if err := d.useTable(classAC, c.ta, from+2+2*i); err != nil {
				return err
			}
		}
	}
	return nil
}

// useTable refuses a Huffman table that is undefined or illegal.
func (d *decoder) useTable(class int, id byte, at int) error {
	t := &d.huff[class][id]
	if !t.defined {
		return verify.Faultf(verify.Malformed, at, "Huffman table %d of class %d is not defined", id, class)
	}
	if !t.legal {
		return verify.Faultf(verify.Malformed, at, "Huffman table %d of class %d is illegal", id, class)
	}
	return nil
}

// entropy verifies the entropy-coded segments of the scan.
func (d *decoder) entropy() error {
	switch {
	case d.frame.arithmetic:
		return d.arithScan()
	case d.frame.progressive:
		return d.progressiveScan()
	}
	return d.sequentialScan()
}

// restart passes over the restart marker that is due: they count modulo 8.
func (d *decoder) restart(rst int) error {
	at, m, err := d.marker()
	if err != nil {
		return err
	}
	if want := byte(mRST0 + rst&7); m != want {
		return verify.Faultf(verify.Malformed, at, "marker %#02x where restart marker %#02x is due", m, want)
	}
	return nil
}
