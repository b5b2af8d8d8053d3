package stream

import "bytes"

// defaultTable sets Huffman table id of a class to that of T.81 annex K.3, which Motion JPEG
// leaves out: webcams and AVI files hold such frames. libjpeg and the browsers use these tables
// for numbers 0 (luma) and 1 (chroma) of a sequential scan.
//
// It reports false if the file has tables after all, in bytes that a wrong segment length
// covers. Those are then lost, and may have been different.
func (r *Reader) defaultTable(class int, id byte) bool {
	if r.Frame.Progressive || id > 1 || r.lostTables() {
		return false
	}
	counts, symbols := standardTable(class, id)
	t := &r.Huff[class][id]
	*t = HuffTable{Defined: true, N: len(symbols)}
	copy(t.Counts[:], counts)
	copy(t.Symbols[:], symbols)
	t.legal = true
	return true
}

// lostTables reports whether the file has more DHT segments before the scan than were read. It
// does not count those of a thumbnail, which has an SOI of its own.
func (r *Reader) lostTables() bool {
	head := r.B[2:r.Pos]
	if i := bytes.Index(head, []byte{0xff, SOI}); i >= 0 {
		head = head[:i]
	}
	n := 0
	for {
		i := bytes.Index(head, []byte{0xff, DHT})
		if i < 0 {
			return n > r.dhts
		}
		head = head[i+2:]
		// A length, then a class and number.
		if len(head) > 2 && int(head[0])<<8|int(head[1]) >= 2+17 && head[2]>>4 <= 1 && head[2]&15 <= 3 {
			n++
		}
	}
}

// standardTable returns a table of T.81 annex K, K.3 to K.6: how many codes each length
// has, and the symbols in order.
func standardTable(class int, id byte) (counts, symbols string) {
	dcCounts := [2]string{
		"\x00\x01\x05\x01\x01\x01\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00",
		"\x00\x03\x01\x01\x01\x01\x01\x01\x01\x01\x01\x00\x00\x00\x00\x00",
	}
	acCounts := [2]string{
		"\x00\x02\x01\x03\x03\x02\x04\x03\x05\x05\x04\x04\x00\x00\x01\x7d",
		"\x00\x02\x01\x02\x04\x04\x03\x04\x07\x05\x04\x04\x00\x01\x02\x77",
	}
	acSymbols := [2]string{
		"\x01\x02\x03\x00\x04\x11\x05\x12!1A\x06\x13Qa\x07\"q\x142\x81\x91\xa1\x08#B\xb1\xc1\x15R\xd1\xf0$3br\x82\t\n" +
			"\x16\x17\x18\x19\x1a%&'()*456789:CDEFGHIJSTUVWXYZcdefghijstuvwxyz" +
			"\x83\x84\x85\x86\x87\x88\x89\x8a\x92\x93\x94\x95\x96\x97\x98\x99\x9a\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa" +
			"\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda" +
			"\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa",
		"\x00\x01\x02\x03\x11\x04\x05!1\x06\x12AQ\x07aq\x13\"2\x81\x08\x14B\x91\xa1\xb1\xc1\t#3R\xf0\x15br\xd1\n\x16$4" +
			"\xe1%\xf1\x17\x18\x19\x1a&'()*56789:CDEFGHIJSTUVWXYZcdefghijstuvwxyz" +
			"\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x92\x93\x94\x95\x96\x97\x98\x99\x9a\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa" +
			"\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda" +
			"\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa",
	}
	if class == ClassDC {
		return dcCounts[id], "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b"
	}
	return acCounts[id], acSymbols[id]
}
