package jpeg

// bigScan is from how many bytes left in the file on the looks of a scan are
// worth extending to several symbols.
const bigScan = 48 << 10

// mcuBlock says how the blocks of one place in an MCU are coded.
type mcuBlock struct {
	first, ac *lookTable // looks at the start of the block, and within it
	dcCode    *code
	acCode    *code
}

// sequential holds the tables of sequential scans.
type sequential struct {
	blocks [maxMCUBlocks]mcuBlock
	n      int // blocks in an MCU

	first   [maxComponents]lookTable // by component of the scan
	ac      [maxComponents]lookTable
	dcCode  [maxComponents]code
	acCode  [maxComponents]code
	single  lookTable
	lengths [1 << lookBits]byte
}

// sequentialScan verifies the entropy-coded segments of a sequential scan.
func (d *decoder) sequentialScan() error {
	d.prepareSequential()
	return d.segments((*decoder).sequentialMCUs)
}

// prepareSequential builds the tables of the scan.
func (d *decoder) prepareSequential() {
	q, s := &d.seq, &d.scan
	q.n = 0
	extend := len(d.b)-d.pos >= bigScan
	for i := range s.n {
		c := &s.comps[i]
		same := i
		for j := range i {
			if s.comps[j].td == c.td && s.comps[j].ta == c.ta {
				same = j
				break
			}
		}
		if same == i {
			dc, ac := &d.huff[classDC][c.td], &d.huff[classAC][c.ta]
			q.dcCode[i].init(dc)
			q.acCode[i].init(ac)
			dc.fillLooks(&q.first[i], nil, classDC)
			if extend {
				ac.fillLooks(&q.single, &q.lengths, classAC)
				q.first[i].extend(&q.single, &q.lengths)
				q.ac[i] = q.single
				q.ac[i].extend(&q.single, &q.lengths)
			} else {
				ac.fillLooks(&q.ac[i], nil, classAC)
			}
		}
		for range c.blocks {
			q.blocks[q.n] = mcuBlock{&q.first[same], &q.ac[same], &q.dcCode[same], &q.acCode[same]}
			q.n++
		}
	}
}

// segments verifies the scan's segments, each by a call of mcus, and the restart
// markers between them. T.81 E.2.4: in a scan of one component, an MCU is a block.
func (d *decoder) segments(mcus func(d *decoder, n int) error) error {
	for left, rst := d.scan.mcus, 0; ; rst++ {
		n := left
		if d.ri > 0 {
			n = min(n, d.ri)
		}
		d.startSegment()
		if err := mcus(d, n); err != nil {
			return err
		}
		if left -= n; left == 0 {
			return nil
		}
		if err := d.restart(rst); err != nil {
			return err
		}
	}
}

// sequentialMCUs verifies a segment of n MCUs.
func (d *decoder) sequentialMCUs(n int) error {
	s := &d.src
	blocks := d.seq.blocks[:d.seq.n]
	var acc uint64 // next bits of the stream, from the top
	have := 0      // bits of acc that count
	at := 0        // byte of the buffer that follows them
	limit := s.limit()
	for range n {
		if at >= limit {
			pos, ok := d.more(8*at - have)
			if !ok {
				return d.short()
			}
			acc, have, at = s.seek(pos)
			limit = s.limit() + 8
		}
		for i := range blocks {
			b := &blocks[i]
			acc |= s.word(at) >> (uint(have) & 63)
			at += (63 - have) >> 3
			have |= 56
			e := b.first[acc>>(64-lookBits)]
			acc <<= e & 63
			have -= int(e & 63)
			k := int(e >> 8)
			for k < 64 {
				e = b.ac[acc>>(64-lookBits)]
				acc <<= e & 63
				have -= int(e & 63)
				k += int(e >> 8)
				acc |= s.word(at) >> (uint(have) & 63)
				at += (63 - have) >> 3
				have |= 56
				if k >= 64 {
					break
				}
				e = b.ac[acc>>(64-lookBits)]
				acc <<= e & 63
				have -= int(e & 63)
				k += int(e >> 8)
			}
			if k != 64 && uint(k-eob) > 63 {
				// One code at a time from before the last look.
				pos := 8*at - have - int(e&63)
				pos, err := d.slowBlock(b, pos, k-int(e>>8))
				if err != nil {
					return err
				}
				acc, have, at = s.seek(pos)
			}
		}
	}
	return d.endSegment(8*at - have)
}

// seek returns the state of a bit reader that stands at bit position pos.
func (s *source) seek(pos int) (acc uint64, have, at int) {
	at = pos >> 3
	acc = s.word(at) << (pos & 7)
	return acc, 56 - pos&7, at + 7
}

// slowBlock verifies the rest of a block from bit position pos and coefficient k
// on, one code at a time, and returns the position behind it.
func (d *decoder) slowBlock(b *mcuBlock, pos, k int) (int, error) {
	s := &d.src
	for k < 64 {
		acc := s.word(pos>>3) << (pos & 7)
		c := b.acCode
		if k == 0 {
			c = b.dcCode
		}
		symbol, length := c.next(acc)
		if length == 0 {
			return 0, d.corrupt(pos, "no such Huffman code")
		}
		if k == 0 {
			pos += length + int(symbol)
			k = 1
			continue
		}
		run, size := int(symbol>>4), int(symbol&15)
		switch {
		case size > 0:
			k += run + 1
		case run == 15:
			k += 16
		case run == 0:
			return pos + length, nil
		default:
			return 0, d.corrupt(pos, "EOB run in a sequential scan")
		}
		if k > 64 {
			return 0, d.corrupt(pos, "more than 64 coefficients")
		}
		pos += length + size
	}
	return pos, nil
}
