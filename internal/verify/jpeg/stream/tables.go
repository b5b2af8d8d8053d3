package stream

import "github.com/imgvet/imgvet/internal/verify"

// Classes of Huffman tables: T.81 B.2.4.2, Tc.
const (
	ClassDC = 0
	ClassAC = 1
)

// HuffTable is a Huffman table as in the file, before a lookup table is built.
type HuffTable struct {
	Defined bool
	legal   bool
	Counts  [16]byte  // codes of each length 1..16
	N       int       // symbols
	Symbols [256]byte // in order of increasing code
}

// dqt reads quantization tables. T.81 B.2.4.1.
func (r *Reader) dqt(p []byte, from int) error {
	for len(p) > 0 {
		precision, id := p[0]>>4, p[0]&15
		if precision > 1 || id > 3 {
			return verify.Faultf(verify.Malformed, from, "quantization table %d of precision %d", id, precision)
		}
		size := 64 << precision
		if len(p) < 1+size {
			return verify.Faultf(verify.Malformed, from, "quantization table is cut by its segment")
		}
		zero := false
		for i := 1; i <= size; i += 1 + int(precision) {
			zero = zero || p[i] == 0 && (precision == 0 || p[i+1] == 0)
		}
		if zero {
			// B.2.4.1: elements are 1 to 255 or 65535. Viewers multiply by a zero all the same.
			r.Info.Warn(verify.ReservedValue, int64(from), "zero in a quantization table")
		}
		r.quantAt[id] = from
		p, from = p[1+size:], from+1+size
	}
	return nil
}

// dht reads Huffman tables. T.81 B.2.4.2.
func (r *Reader) dht(p []byte, from int) error {
	for len(p) > 0 {
		class, id := p[0]>>4, p[0]&15
		if class > 1 || id > 3 {
			return verify.Faultf(verify.Malformed, from, "Huffman table %d of class %d", id, class)
		}
		if len(p) < 17 {
			return verify.Faultf(verify.Malformed, from, "Huffman table is cut by its segment")
		}
		n := 0
		for _, c := range p[1:17] {
			n += int(c)
		}
		if n > 256 || len(p) < 17+n {
			return verify.Faultf(verify.Malformed, from, "Huffman table of %d symbols, %d bytes left", n, len(p)-17)
		}
		t := &r.Huff[class][id]
		t.Defined, t.N = true, n
		copy(t.Counts[:], p[1:17])
		copy(t.Symbols[:], p[17:17+n])
		t.legal = t.check(class == ClassDC)
		if !t.legal {
			// libjpeg checks a table when a scan first uses it.
			r.Info.Warn(verify.ReservedValue, int64(from), "illegal Huffman table")
		}
		p, from = p[17+n:], from+17+n
	}
	return nil
}

// check reports whether t's lengths form a prefix code without the code of all ones, which T.81
// C.2 reserves, and whether its symbols are possible. As in libjpeg's jpeg_make_d_derived_tbl, a
// DC category may go up to 15.
func (t *HuffTable) check(dc bool) bool {
	code := 0
	for i, c := range t.Counts {
		code += int(c)
		if c > 0 && code >= 1<<(i+1) {
			return false
		}
		code <<= 1
	}
	if dc {
		for _, s := range t.Symbols[:t.N] {
			if s > 15 {
				return false
			}
		}
	}
	return t.N > 0
}

// dac reads arithmetic conditioning. T.81 B.2.4.3.
func (r *Reader) dac(p []byte, from int) error {
	if len(p)%2 != 0 {
		return verify.Faultf(verify.Malformed, from-2, "DAC of %d bytes", len(p))
	}
	for i := 0; i < len(p); i += 2 {
		class, id, v := p[i]>>4, p[i]&15, p[i+1]
		bad := class > 1 || id > 3
		if class == ClassDC {
			bad = bad || v&15 > v>>4 // L above U
			if !bad {
				r.Arith.DC[id].Lower, r.Arith.DC[id].Upper = int(v&15), int(v>>4)
			}
		} else {
			bad = bad || v == 0 || v > 63
			if !bad {
				r.Arith.AC[id].Kx = int(v)
			}
		}
		if bad {
			return verify.Faultf(verify.Malformed, from+i, "conditioning %#02x of table %d, class %d", v, id, class)
		}
	}
	return nil
}

// dri reads the restart interval. T.81 B.2.4.4.
func (r *Reader) dri(p []byte, from int) error {
	if len(p) != 2 {
		return verify.Faultf(verify.Malformed, from-2, "DRI of %d bytes", len(p))
	}
	r.Interval = int(p[0])<<8 | int(p[1])
	return nil
}
