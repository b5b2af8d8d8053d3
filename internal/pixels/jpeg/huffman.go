package jpeg

import "github.com/imgvet/imgvet/internal/verify/jpeg/stream"

// valueBits is how many bits of the stream index a table of values.
const valueBits = 11

// A value is the first AC coefficient in the next valueBits bits of the stream,
// where its code and its magnitude fit in them:
//
//	bits 0-5    bits to drop: the code and the magnitude
//	bits 8-11   zeros before it
//	bits 16-31  the coefficient, never 0
//
// Else bits 16-31 are 0, bits 0-5 are the length of the code, 0 if that does not
// fit either, and bits 8-15 its symbol.
type value uint32

type valueTable [1 << valueBits]value

// fill makes t the table of h.
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

// extend makes the coefficient of a magnitude of size bits. T.81 figure F.12.
func extend(magnitude uint32, size uint) int32 {
	v := int32(magnitude)
	if size > 0 && magnitude>>(size-1) == 0 {
		v += -1<<size + 1
	}
	return v
}

// dcBits is how many bits of the stream index a table of DC codes.
const dcBits = 9

// A dcTable holds the length of a code and, eight bits up, its symbol; 0 where the
// code is longer.
type dcTable [1 << dcBits]uint16

// fillCodes fills table, which so many bits index, with the length of each code of h
// and, eight bits up, its symbol; with 0 where the code is longer.
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
	skips  stream.LookTable // several symbols a look, where anything is skipped
}

// huffCodes are the codes of the tables that a scan uses, by number.
type huffCodes struct {
	dc [4]*dcCodes
	ac [4]*acCodes
}

// prepare makes the codes of the scan, for its DC or its AC coefficients or both.
// skips says whether coefficients are skipped.
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

// difference returns the DC difference that comes next. T.81 F.2.2.1.
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
