package png

import "encoding/binary"

// Filter types (PNG 3rd ed., 9.2).
const (
	none = iota
	sub
	up
	average
	paeth
)

// unfilter undoes the filter of a row whose pixels are size bytes apart. above is the row before
// it, all zeros for the first one of a pass. It returns false for an unknown filter type.
func unfilter(filter byte, row, above []byte, size int) bool {
	switch filter {
	case none:
	case sub:
		unsub(row, size)
	case up:
		unup(row, above)
	case average:
		unaverage(row, above, size)
	case paeth:
		switch size {
		case 3:
			unpaeth3(row, above)
		case 4:
			unpaeth4(row, above)
		default:
			unpaeth(row, above, size)
		}
	default:
		return false
	}
	return true
}

func unsub(row []byte, size int) {
	switch size {
	case 3:
		var a, b, c byte
		for ; len(row) >= 3; row = row[3:] {
			a, b, c = a+row[0], b+row[1], c+row[2]
			row[0], row[1], row[2] = a, b, c
		}
	case 4:
		var left uint32
		for ; len(row) >= 4; row = row[4:] {
			left = add4(left, binary.LittleEndian.Uint32(row))
			binary.LittleEndian.PutUint32(row, left)
		}
	default:
		for i := size; i < len(row); i++ {
			row[i] += row[i-size]
		}
	}
}

// add4 adds the four bytes of a and b, each modulo 256.
func add4(a, b uint32) uint32 {
	const low = 0x7f7f7f7f
	return (a&low + b&low) ^ (a^b)&^low
}

func unup(row, above []byte) {
	const low = 0x7f7f7f7f7f7f7f7f
	above = above[:len(row)]
	for ; len(row) >= 8; row, above = row[8:], above[8:] {
		a, b := binary.LittleEndian.Uint64(row), binary.LittleEndian.Uint64(above)
		binary.LittleEndian.PutUint64(row, (a&low+b&low)^(a^b)&^low)
	}
	for i := range row {
		row[i] += above[i]
	}
}

// mean4 returns the means of the four bytes of a and b, rounded down.
func mean4(a, b uint32) uint32 { return a&b + (a^b)>>1&0x7f7f7f7f }

func unaverage(row, above []byte, size int) {
	above = above[:len(row)]
	if size == 4 {
		var left uint32
		for ; len(row) >= 4 && len(above) >= 4; row, above = row[4:], above[4:] {
			left = add4(binary.LittleEndian.Uint32(row), mean4(left, binary.LittleEndian.Uint32(above)))
			binary.LittleEndian.PutUint32(row, left)
		}
		return
	}
	if size == 3 {
		var a, b, c int
		for ; len(row) >= 3; row, above = row[3:], above[3:] {
			a = int(row[0]+byte((a+int(above[0]))>>1)) & 0xff
			b = int(row[1]+byte((b+int(above[1]))>>1)) & 0xff
			c = int(row[2]+byte((c+int(above[2]))>>1)) & 0xff
			row[0], row[1], row[2] = byte(a), byte(b), byte(c)
		}
		return
	}
	for i := range row {
		left := 0
		if i >= size {
			left = int(row[i-size])
		}
		row[i] += byte((left + int(above[i])) >> 1)
	}
}

// predict is the Paeth predictor (9.4): it returns the byte nearest to left + above - corner out
// of left, above and corner, preferred in that order.
func predict(left, above, corner int) int {
	pa, pb := above-corner, left-corner
	pc := pa + pb
	pa, pb, pc = abs(pa), abs(pb), abs(pc)
	if pb < pa {
		pa, left = pb, above
	}
	if pc < pa {
		left = corner
	}
	return left
}

func abs(v int) int {
	const sign = 63
	s := int(int64(v) >> sign)
	return (v ^ s) - s
}

func unpaeth3(row, above []byte) {
	var a0, a1, a2, c0, c1, c2 int
	above = above[:len(row)]
	for ; len(row) >= 3 && len(above) >= 3; row, above = row[3:], above[3:] {
		b0, b1, b2 := int(above[0]), int(above[1]), int(above[2])
		a0 = (predict(a0, b0, c0) + int(row[0])) & 0xff
		a1 = (predict(a1, b1, c1) + int(row[1])) & 0xff
		a2 = (predict(a2, b2, c2) + int(row[2])) & 0xff
		row[0], row[1], row[2] = byte(a0), byte(a1), byte(a2)
		c0, c1, c2 = b0, b1, b2
	}
}

func unpaeth4(row, above []byte) {
	var a0, a1, a2, a3, c0, c1, c2, c3 int
	above = above[:len(row)]
	for ; len(row) >= 4 && len(above) >= 4; row, above = row[4:], above[4:] {
		b0, b1, b2, b3 := int(above[0]), int(above[1]), int(above[2]), int(above[3])
		a0 = (predict(a0, b0, c0) + int(row[0])) & 0xff
		a1 = (predict(a1, b1, c1) + int(row[1])) & 0xff
		a2 = (predict(a2, b2, c2) + int(row[2])) & 0xff
		a3 = (predict(a3, b3, c3) + int(row[3])) & 0xff
		row[0], row[1], row[2], row[3] = byte(a0), byte(a1), byte(a2), byte(a3)
		c0, c1, c2, c3 = b0, b1, b2, b3
	}
}

func unpaeth(row, above []byte, size int) {
	for i := range row {
		left, corner := 0, 0
		if i >= size {
			left, corner = int(row[i-size]), int(above[i-size])
		}
		row[i] += byte(predict(left, int(above[i]), corner))
	}
}
