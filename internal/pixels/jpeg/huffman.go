package jpeg

import "github.com/imgvet/imgvet/internal/verify/jpeg/stream"

// valueBits is how many bits of the stream index a valueTable.
const valueBits = 11

// A value is the first AC coefficient in the next valueBits bits of the stream, if its code and
// its magnitude fit in them:
//
//	bits 0-5    bits to drop: the code and the magnitude
//	bits 8-11   zeros before it
//	bits 16-31  the coefficient, never 0
//
// If only the code fits, bits 16-31 are 0, bits 0-5 are the length of the code and bits 8-15 its
// symbol. If it does not fit either, bits 0-5 are 0.
type value uint32

type valueTable [1 << valueBits]value

// fill fills t from h.
func (t *valueTable) fill(h *stream.HuffTable) {
	at, index := 0, 0
	for l := 1; l <= valueBits; l++ {
		for range h.Counts[l-1] {
			symbol := h.Symbols[index]
			index++
			run := t[at : at+1<<(valueBits-l)]
			at += len(run)
			stream.FillRun(run, value(l)|value(symbol)<<8)
			size := int(symbol & 15)
			if size == 0 || l+size > valueBits {
				continue
			}
			each := 1 << (valueBits - l - size)
			for m := range 1 << size {
				v := extend(uint32(m), uint(size))
				stream.FillRun(run[m*each:(m+1)*each], value(l+size)|value(symbol>>4)<<8|value(uint16(v))<<16)
			}
		}
	}
	clear(t[at:])
}

// extend returns the coefficient with this magnitude of size bits. T.81 figure F.12.
func extend(magnitude uint32, size uint) int32 {
	v := int32(magnitude)
	if size > 0 && magnitude>>(size-1) == 0 {
		v += -1<<size + 1
	}
	return v
}

// dcBits is how many bits of the stream index a table of DC codes.
const dcBits = 9

// A dcTable holds, for each code, its length and, eight bits up, its symbol; or 0 if the code is
// longer than dcBits.
type dcTable [1 << dcBits]uint16

// fillCodes fills table, indexed by the next bits of the stream, with the length of each code of
// h and, eight bits up, its symbol; or with 0 if the code is longer than bits.
func fillCodes(table []uint16, bits int, h *stream.HuffTable) {
	at, index := 0, 0
	for l := 1; l <= bits; l++ {
		for range h.Counts[l-1] {
			n := 1 << (bits - l)
			stream.FillRun(table[at:at+n], uint16(l)|uint16(h.Symbols[index])<<8)
			index++
			at += n
		}
	}
	clear(table[at:])
}

// dcCodes and acCodes are the codes of a table.
type dcCodes struct {
	table dcTable
	code  stream.Code
}

type acCodes struct {
	values valueTable
	code   stream.Code
	skips  stream.LookTable // several symbols per lookup, for use while skipping
}

// huffCodes are the codes of the tables that a scan uses, by table number.
type huffCodes struct {
	dc [4]*dcCodes
	ac [4]*acCodes
}

// prepare builds the codes of the scan, for its DC coefficients, its AC coefficients or both.
// skips says whether coefficients will be skipped.
func (d *decoder) prepare(dc, ac, skips bool) (c huffCodes) {
	for i := range d.Scan.N {
		s := &d.Scan.Comps[i]
		if td := s.Td & 3; dc && c.dc[td] == nil {
			h := &d.Huff[stream.ClassDC][td]
			c.dc[td] = new(dcCodes)
			fillCodes(c.dc[td].table[:], dcBits, h)
			c.dc[td].code.Init(h)
		}
		ta := s.Ta & 3
		if !ac || c.ac[ta] != nil {
			continue
		}
		h := &d.Huff[stream.ClassAC][ta]
		c.ac[ta] = new(acCodes)
		c.ac[ta].values.fill(h)
		c.ac[ta].code.Init(h)
		if skips {
			single, lengths := new(stream.LookTable), new([1 << stream.LookBits]byte)
			h.FillLooks(single, lengths, stream.ClassAC)
			c.ac[ta].skips = *single
			c.ac[ta].skips.Extend(h, single, lengths)
		}
	}
	return c
}

// difference decodes the next DC difference. T.81 F.2.2.1.
func (d *decoder) difference(c *dcCodes) (int32, error) {
	b := &d.bits
	b.refill(&d.Src)
	e := c.table[b.acc>>(64-dcBits)]
	length, symbol := int(e&63), byte(e>>8)
	if length == 0 {
		if symbol, length = c.code.Next(b.acc); length == 0 {
			return 0, d.Corrupt(b.pos(), "no such Huffman code")
		}
	}
	size := uint(symbol & 15)
	b.drop(uint(length))
	return extend(b.take(size), size), nil
}
