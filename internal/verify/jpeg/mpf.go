package jpeg

import (
	"encoding/binary"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/jpeg/stream"
)

// maxMPF bounds how many pictures of a multi-picture index are read. Real files hold two or
// three; panorama sets may hold dozens.
const maxMPF = 64

// mpf is the multi-picture index of CIPA DC-007 (MPO, Ultra HDR): where further pictures lie
// after the first one's EOI.
type mpf struct {
	found, broken bool
	order         binary.ByteOrder
	base          int // file offset that the entries' offsets count from
	entries       int // file offset of the first entry
	n             int // entries
}

// readMPF reads the index that follows the identifier "MPF\0", at offset base of the file.
func readMPF(p []byte, base int) mpf {
	const (
		tagEntries = 0xb002 // MP Entry, 16 bytes per picture. CIPA DC-007, 5.2.3.3
		entrySize  = 16
	)
	x := mpf{found: true, broken: true, base: base}
	switch {
	case stream.HasPrefix(p, "II*\x00"):
		x.order = binary.LittleEndian
	case stream.HasPrefix(p, "MM\x00*"):
		x.order = binary.BigEndian
	default:
		return x
	}
	if len(p) < 8 {
		return x
	}
	ifd := int64(x.order.Uint32(p[4:]))
	if ifd+2 > int64(len(p)) {
		return x
	}
	fields := int(x.order.Uint16(p[ifd:]))
	for i, at := 0, ifd+2; i < fields && at+12 <= int64(len(p)); i, at = i+1, at+12 {
		if x.order.Uint16(p[at:]) != tagEntries {
			continue
		}
		size, off := int64(x.order.Uint32(p[at+4:])), int64(x.order.Uint32(p[at+8:]))
		if size%entrySize != 0 || off+size > int64(len(p)) {
			return x
		}
		x.entries, x.n = base+int(off), int(min(size/entrySize, maxMPF))
		x.broken = false
		return x
	}
	return x
}

// tail judges the bytes after EOI, from d.Pos on. The pictures that the multi-picture index
// announces there belong to the file. tail only checks that they are present: the first picture
// decides the verdict. Anything else is trailing data.
func (d *decoder) tail() {
	d.All()
	known := d.Pos // all bytes before it are accounted for
	hidden := false
	for i := 1; i < d.mpf.n; i++ {
		e := d.B[d.mpf.entries+16*i:]
		size, off := int64(d.mpf.order.Uint32(e[4:])), int64(d.mpf.order.Uint32(e[8:]))
		from := int64(d.mpf.base) + off
		to := from + size
		if from < int64(known) {
			d.Info.Warn(verify.BadAuxiliary, from, "indexed picture overlaps the one before it")
			continue
		}
		if to > int64(len(d.B)) {
			d.Info.Warn(verify.BadAuxiliary, int64(len(d.B)), "indexed picture is cut")
			to = int64(len(d.B))
			from = min(from, to)
		} else if !wrapped(d.B[from:to]) {
			d.Info.Warn(verify.BadAuxiliary, from, "indexed picture is not a JPEG")
		}
		d.gainMap(d.B[from:to])
		// Cameras align the pictures with zeros.
		if gap := d.B[known:from]; !hidden && !isZero(gap) {
			hidden = true
			d.Info.Warn(verify.TrailingData, int64(known), "bytes between indexed pictures")
		}
		known = int(to)
	}
	switch tail := d.B[known:]; {
	case len(tail) == 0:
	case isSEF(tail):
		// Metadata, as it may stand in a segment before the picture.
	default:
		d.Info.Warn(verify.TrailingData, int64(known), "bytes after EOI")
	}
}

// wrapped reports whether p starts with SOI and ends with EOI, ignoring trailing zeros.
func wrapped(p []byte) bool {
	for len(p) > 0 && p[len(p)-1] == 0 {
		p = p[:len(p)-1]
	}
	return len(p) >= 4 && p[0] == 0xff && p[1] == stream.SOI && p[len(p)-2] == 0xff && p[len(p)-1] == stream.EOI
}

func isZero(p []byte) bool {
	for _, v := range p {
		if v != 0 {
			return false
		}
	}
	return true
}
