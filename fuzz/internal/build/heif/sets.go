package heif

import (
	"slices"

	"github.com/imgvet/imgvet/fuzz/internal/pack"
)

// WithSets returns the picture with the NAL units of its hvcC changed, each array in turn
// (ISO/IEC 14496-15 8.3.3.1). A unit for which change returns nil is left out.
func (c Coded) WithSets(change func(kind byte, unit []byte) []byte) Coded {
	old := c.HvcC[8:]
	out, arrays := slices.Clone(old[:22]), byte(0)
	var units []byte
	for at := 23; at < len(old); {
		// Encoders write one unit an array.
		kind, size := old[at]&0x3f, int(old[at+3])<<8|int(old[at+4])
		if unit := change(kind, slices.Clone(old[at+5:at+5+size])); unit != nil {
			units = append(units, pack.Join(old[at:at+1], pack.BE16(1), pack.BE16(len(unit)), unit)...)
			arrays++
		}
		at += 5 + size
	}
	c.HvcC = Box("hvcC", out, []byte{arrays}, units)
	return c
}

// Without returns the picture without the parameter sets of a kind in its hvcC.
func (c Coded) Without(kind byte) Coded {
	return c.WithSets(func(k byte, unit []byte) []byte {
		if k == kind {
			return nil
		}
		return unit
	})
}

// Extended sets the extension flag, the last bit of a parameter set that has none, and
// puts bits behind it (H.265 7.3.2.2, 7.3.2.3). Bits are given one a byte.
func Extended(unit []byte, bits ...byte) []byte {
	var w pack.MSB
	end := len(unit)
	for unit[end-1] == 0 {
		end--
	}
	last := unit[end-1]
	stop := 0 // place of the stop bit in its byte
	for last>>stop&1 == 0 {
		stop++
	}
	for _, v := range unit[:end-1] {
		w.Put(uint64(v), 8)
	}
	for i := 7; i > stop+1; i-- {
		w.Put(uint64(last>>i&1), 1)
	}
	if stop == 7 { // the flag ends the byte before
		w.Bytes[len(w.Bytes)-1] |= 1
	} else {
		w.Put(1, 1)
	}
	for _, v := range bits {
		w.Put(uint64(v), 1)
	}
	w.Put(1, 1)
	return w.Bytes
}
