package stream

import "github.com/imgvet/imgvet/internal/verify"

// MaxMCUBlocks bounds the blocks of an MCU. T.81 B.2.3.
const MaxMCUBlocks = 10

// Scan is what the scan header says. T.81 B.2.3.
type Scan struct {
	N      int // components
	Comps  [MaxComponents]ScanComponent
	Ss, Se int // band: first and last coefficient in zigzag order
	Ah, Al int // bit position before and after this scan
	MCUs   int // MCUs of the whole scan
}

// ScanComponent is one of the scan's components.
type ScanComponent struct {
	Index  int // in Frame.Comps
	Td, Ta byte
	Blocks int // in an MCU of this scan
}

// sos reads a scan header, whose marker is at offset at.
func (r *Reader) sos(p []byte, at int) error {
	from := r.Pos - len(p)
	r.Scans++
	switch {
	case r.Frame.N == 0:
		return verify.Faultf(verify.Malformed, at, "scan before a frame header")
	case r.Scans > maxScans:
		f := verify.Faultf(verify.TooMuchWork, at, "more than %d scans", maxScans)
		f.Limit, f.Got = maxScans, int64(r.Scans)
		return f
	case len(p) < 1, len(p) != 4+2*int(p[0]):
		return verify.Faultf(verify.Malformed, at+2, "scan header of %d bytes", len(p))
	case p[0] < 1 || int(p[0]) > r.Frame.N:
		return verify.Faultf(verify.Malformed, from, "scan of %d components", p[0])
	}
	if err := r.scanComponents(p, from); err != nil {
		return err
	}
	s := &r.Scan
	q, qAt := p[1+2*s.N:], from+1+2*s.N
	s.Ss, s.Se, s.Ah, s.Al = int(q[0]), int(q[1]), int(q[2]>>4), int(q[2]&15)
	var err error
	if r.Frame.Progressive {
		err = r.progression(qAt)
	} else {
		err = r.sequence(qAt)
	}
	if err != nil {
		return err
	}
	return r.scanTables(from)
}

// scanComponents reads the component selectors of the scan header p, which is at offset from,
// and measures the scan.
func (r *Reader) scanComponents(p []byte, from int) error {
	f, s := &r.Frame, &r.Scan
	s.N = int(p[0])
	blocks := 0
	for i := range s.N {
		id, t := p[1+2*i], p[2+2*i]
		index, known := s.next(f, i, id)
		switch {
		case !known:
			return verify.Faultf(verify.Malformed, from+1+2*i, "scan of unknown component %d", id)
		case index < 0:
			return verify.Faultf(verify.Malformed, from+1+2*i, "component %d twice in a scan", id)
		}
		c := ScanComponent{Index: index, Td: t >> 4, Ta: t & 15, Blocks: 1}
		if s.N > 1 {
			c.Blocks = f.Comps[index].H * f.Comps[index].V
		}
		blocks += c.Blocks
		s.Comps[i] = c
	}
	if blocks > MaxMCUBlocks {
		return verify.Faultf(verify.Malformed, from, "%d blocks in an MCU", blocks)
	}
	s.MCUs = f.MCUsX * f.MCUsY
	if s.N == 1 {
		// T.81 A.2.2: a scan of one component has the blocks of that component's own raster,
		// without those that pad an interleaved MCU.
		c := &f.Comps[s.Comps[0].Index]
		s.MCUs = c.BlocksX * c.BlocksY
	}
	return nil
}

// next finds the scan's i-th component, numbered id, in the frame. It returns the index of the
// first component with that number that the scan has not named yet, as libjpeg does, or -1.
// known reports whether any component has that number.
func (s *Scan) next(f *Frame, i int, id byte) (index int, known bool) {
	for j := range f.N {
		if f.Comps[j].ID != id {
			continue
		}
		known = true
		used := false
		for _, c := range s.Comps[:i] {
			used = used || c.Index == j
		}
		if !used {
			return j, true
		}
	}
	return -1, known
}

// sequence judges the scan of a sequential frame: every component is scanned once. at is the
// offset of the band.
func (r *Reader) sequence(at int) error {
	s := &r.Scan
	for i := range s.N {
		c := &r.Frame.Comps[s.Comps[i].Index]
		if c.Scanned {
			return verify.Faultf(verify.Malformed, at, "second scan of component %d", c.ID)
		}
		c.Scanned = true
	}
	if s.Ss != 0 || s.Se != 63 || s.Ah != 0 || s.Al != 0 {
		// libjpeg's jdhuff.c forgives this: "there are some baseline files out
		// there with all zeroes in these bytes".
		r.Info.Warn(verify.ReservedValue, int64(at), "band of a sequential scan")
		s.Ss, s.Se, s.Ah, s.Al = 0, 63, 0, 0
	}
	return nil
}

// progression judges the scan of a progressive frame: its band must be legal (T.81 G.1.1.1), and
// each coefficient must continue where its last scan left off.
func (r *Reader) progression(at int) error {
	s := &r.Scan
	switch {
	case s.Ss > s.Se, s.Se > 63, s.Ss == 0 && s.Se != 0:
		return verify.Faultf(verify.Malformed, at, "band %d to %d", s.Ss, s.Se)
	case s.Ss > 0 && s.N > 1:
		return verify.Faultf(verify.Malformed, at, "AC scan of %d components", s.N)
	case s.Al > 13, s.Ah != 0 && s.Ah != s.Al+1:
		return verify.Faultf(verify.Malformed, at+2, "successive approximation from bit %d to %d", s.Ah, s.Al)
	}
	for i := range s.N {
		index := s.Comps[i].Index
		c, left := &r.Frame.Comps[index], &r.approx[index]
		if s.Ss == 0 {
			c.Scanned = true
		} else if !c.Scanned {
			return verify.Faultf(verify.Malformed, at, "AC scan of component %d before its DC scan", c.ID)
		}
		for k := s.Ss; k <= s.Se; k++ {
			// approx is 0 for a coefficient without a scan, or 1 + its bit position.
			if was := int(left[k]); was == 0 && s.Ah != 0 || was != 0 && s.Ah != was-1 || was == 1 {
				return verify.Faultf(verify.Malformed, at+2, "coefficient %d of component %d out of order", k, c.ID)
			}
			left[k] = byte(s.Al + 1)
		}
	}
	return nil
}

// scanTables refuses a scan that uses a table that is not defined. from is the offset of the
// scan header.
func (r *Reader) scanTables(from int) error {
	s := &r.Scan
	for i := range s.N {
		c := &s.Comps[i]
		if r.quantAt[r.Frame.Comps[c.Index].Tq] == 0 {
			// image/jpeg multiplies by zeros here; libjpeg refuses.
			return verify.Faultf(verify.Malformed, from+1+2*i, "quantization table %d is not defined", r.Frame.Comps[c.Index].Tq)
		}
		if c.Td > 3 || c.Ta > 3 {
			return verify.Faultf(verify.Malformed, from+2+2*i, "entropy table %d, %d", c.Td, c.Ta)
		}
		if r.Frame.Baseline && (c.Td > 1 || c.Ta > 1) {
			// T.81 table B.3 gives a baseline file two tables; libjpeg gives it four.
			r.Info.Warn(verify.ReservedValue, int64(from+2+2*i), "third Huffman table in a baseline scan")
		}
		if r.Frame.Arithmetic {
			continue
		}
		if s.Ss == 0 && s.Ah == 0 {
			if err := r.useTable(ClassDC, c.Td, from+2+2*i); err != nil {
				return err
			}
		}
		if s.Se > 0 {
			if err := r.useTable(ClassAC, c.Ta, from+2+2*i); err != nil {
				return err
			}
		}
	}
	return nil
}

// useTable refuses a Huffman table that is undefined or illegal.
func (r *Reader) useTable(class int, id byte, at int) error {
	t := &r.Huff[class][id]
	if !t.Defined && r.defaultTable(class, id) {
		if !r.forgiven.tables {
			r.forgiven.tables = true
			r.Info.Warn(verify.DefaultTables, int64(at), "no Huffman table: that of T.81 annex K is taken")
		}
		return nil
	}
	if !t.Defined {
		return verify.Faultf(verify.Malformed, at, "Huffman table %d of class %d is not defined", id, class)
	}
	if !t.legal {
		return verify.Faultf(verify.Malformed, at, "Huffman table %d of class %d is illegal", id, class)
	}
	return nil
}

// Restart reads the restart marker that is due: they count modulo 8.
func (r *Reader) Restart(rst int) error {
	at, m, err := r.marker()
	if err != nil {
		return err
	}
	if want := byte(RST0 + rst&7); m != want {
		return verify.Faultf(verify.Malformed, at, "marker %#02x where restart marker %#02x is due", m, want)
	}
	return nil
}

// Band returns the marks of all coefficients of the scan.
func (s *Scan) Band() uint64 { return ^uint64(0) << s.Ss & (^uint64(0) >> (63 - s.Se)) }
