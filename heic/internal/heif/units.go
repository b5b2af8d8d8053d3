package heif

import (
	"context"
	"iter"
	"sync"

	"github.com/imgvet/imgvet/heic/internal/hevc"
	"github.com/imgvet/imgvet/internal/verify"
)

// EachUnit walks the length-prefixed NAL units of a coded picture (ISO/IEC
// 14496-15, 4.3.2), and calls visit for each of the base layer until it returns
// false. The lengths must fill the item exactly. It returns how many units of no byte
// stand behind the picture's slices, where libheif passes over them.
func EachUnit(c *Config, data *Payload, visit func(hevc.Unit) bool) (empty int, err error) {
	slices := false
	where := locator{spans: data.Spans}
	b := data.Bytes
	if len(b) == 0 {
		return 0, verify.Faultf(verify.Malformed, where.offset(0), "a coded picture of 0 bytes")
	}
	for pos := 0; pos < len(b); {
		at := where.offset(pos)
		if len(b)-pos < c.lengthSize {
			return 0, verify.Faultf(verify.Malformed, at, "NAL unit length cut off")
		}
		n := uint32(0)
		for _, v := range b[pos : pos+c.lengthSize] {
			n = n<<8 | uint32(v)
		}
		pos += c.lengthSize
		if uint64(n) > uint64(len(b)-pos) {
			return 0, verify.Faultf(verify.Malformed, at, "NAL unit of %d bytes, %d left", n, len(b)-pos)
		}
		u := hevc.Unit{Data: b[pos : pos+int(n) : pos+int(n)], Offset: where.offset(pos)}
		pos += int(n)
		if n == 0 && slices {
			empty++
			continue
		}
		// H.265, 7.3.1.2: forbidden_zero_bit, nal_unit_type, nuh_layer_id,
		// nuh_temporal_id_plus1, which "shall not be equal to 0".
		if n < 2 || u.Data[0]&0x80 != 0 || u.Data[1]&7 == 0 {
			return 0, verify.Faultf(verify.Malformed, at, "NAL unit without a legal header")
		}
		// 7.4.2.2: decoders ignore layers other than 0 (stereo pictures have them).
		if layer := u.Data[0]&1<<5 | u.Data[1]>>3; layer != 0 {
			continue
		}
		slices = slices || u.Data[0]>>1 < nalVPS
		if !visit(u) {
			return empty, nil
		}
	}
	return empty, nil
}

// locator turns places in an item's data into offsets in the file. The places it
// is asked for must not go down.
type locator struct {
	spans  []Span
	before int // bytes in the spans passed
}

func (l *locator) offset(i int) int {
	for len(l.spans) > 1 && i >= l.before+l.spans[0].N {
		l.before += l.spans[0].N
		l.spans = l.spans[1:]
	}
	if len(l.spans) == 0 {
		return 0
	}
	return l.spans[0].At + i - l.before
}

// stream is one coded picture that is read. Its function is made once for many.
type stream struct {
	c     *Config
	data  Payload
	empty int   // what EachUnit returns
	err   error // of the walk over the units
	units iter.Seq[hevc.Unit]
}

var streams = sync.Pool{New: func() any {
	s := new(stream)
	s.units = func(yield func(hevc.Unit) bool) { s.empty, s.err = EachUnit(s.c, &s.data, yield) }
	return s
}}

// ReadStream reads one coded picture. It is the bulk of all work, and touches
// nothing but its arguments. A done ctx ends it with ctx's error.
func ReadStream(ctx context.Context, c *Config, data *Payload, lim verify.Limits) (padding int, err error) {
	s := streams.Get().(*stream)
	s.c, s.data, s.empty, s.err = c, *data, 0, nil
	pic, err := c.Sets.Picture(ctx, s.units, lim)
	empty, walk := s.empty, s.err
	s.c, s.data, s.err = nil, Payload{}, nil
	streams.Put(s)
	if walk != nil { // which looks to Picture like an early end
		return 0, walk
	}
	return pic.Padding + empty, err
}
