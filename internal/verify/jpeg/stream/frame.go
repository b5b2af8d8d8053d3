package stream

import "github.com/imgvet/imgvet/internal/verify"

const (
	// MaxComponents bounds the components of a frame.
	MaxComponents = 4
	// maxDimension is JPEG_MAX_DIMENSION of libjpeg-turbo's jmorecfg.h. No browser shows a
	// larger picture, though the format counts to 65535.
	maxDimension = 65500
)

// Frame is what the frame header says. T.81 B.2.2.
type Frame struct {
	N           int // components, 0 before the header
	Precision   int // bits a sample: 8, or 12
	Comps       [MaxComponents]Component
	Progressive bool
	Arithmetic  bool
	Baseline    bool
	MaxH, MaxV  int // largest sampling factors
	MCUsX       int // MCUs of an interleaved scan: T.81 A.2
	MCUsY       int
}

// Component is one of the frame's components.
type Component struct {
	ID      byte
	H, V    int // sampling factors, 1..4
	Tq      byte
	BlocksX int  // 8x8 blocks that hold pixels, which are the MCUs of a scan of this component alone
	BlocksY int  //
	Scanned bool // sequential: its one scan was read; progressive: its first DC scan was
}

// weight returns what a coded byte of the frame costs.
func (f *Frame) weight() verify.Weight {
	switch {
	case f.Arithmetic:
		return verify.WeightJPEGArithmetic
	case f.Progressive:
		return verify.WeightJPEGProgressive
	}
	return verify.WeightJPEG
}

// sof reads a frame header of type m, whose marker is at offset at.
func (r *Reader) sof(p []byte, at int, m byte) error {
	f := &r.Frame
	switch {
	case f.N != 0:
		return verify.Faultf(verify.Malformed, at, "second frame header")
	case len(p) < 6:
		return verify.Faultf(verify.Malformed, at+2, "frame header of %d bytes", len(p))
	}
	n := int(p[5])
	height, width := int(p[1])<<8|int(p[2]), int(p[3])<<8|int(p[4])
	if len(p) != 6+3*n {
		return verify.Faultf(verify.Malformed, at+2, "frame header of %d bytes for %d components", len(p), n)
	}
	r.Info.Width, r.Info.Height = width, height
	if height == 0 {
		return r.heightless(at)
	}
	if err := verify.CheckSize(int64(width), int64(height), r.Lim, at+5); err != nil {
		return err
	}
	switch {
	case m != SOF0 && m != SOF1 && m != SOF2 && m != SOF9 && m != SOF10:
		return verify.Faultf(verify.Unsupported, at, "frame type %#02x: lossless or hierarchical", m)
	case p[0] == 12 && m != SOF0 && !r.Deep:
		return verify.Faultf(verify.Unsupported, at+4, "12 bits a sample")
	case p[0] != 8 && (p[0] != 12 || m == SOF0):
		return verify.Faultf(verify.Malformed, at+4, "%d bits a sample", p[0])
	case n == 0:
		return verify.Faultf(verify.Malformed, at+9, "no components")
	case n == 2 || n > MaxComponents:
		// libjpeg: JCS_UNKNOWN, which no viewer converts to colours.
		return verify.Faultf(verify.Unsupported, at+9, "%d components", n)
	case width > maxDimension || height > maxDimension:
		return verify.Faultf(verify.Unsupported, at+5, "%dx%d: libjpeg ends at %d", width, height, maxDimension)
	}
	f.Precision = int(p[0])
	f.Baseline = m == SOF0
	f.Progressive = m == SOF2 || m == SOF10
	f.Arithmetic = m == SOF9 || m == SOF10
	if err := f.components(p[6:], n, at+10); err != nil {
		return err
	}
	for i := range n {
		for j := range i {
			if f.Comps[j].ID == f.Comps[i].ID {
				// Libraries of some cameras number them 1, 1, 2. A scan then names them in the
				// frame's order.
				r.Info.Warn(verify.ReservedValue, int64(at+10+3*i), "component number twice in a frame")
			}
		}
	}
	f.measure(n, width, height)
	f.N = n
	return nil
}

// components reads the n component specifications in p, which is at offset at.
func (f *Frame) components(p []byte, n, at int) error {
	f.MaxH, f.MaxV = 0, 0
	for i := range n {
		s := p[3*i : 3*i+3]
		c := Component{ID: s[0], H: int(s[1] >> 4), V: int(s[1] & 15), Tq: s[2]}
		if c.H < 1 || c.H > 4 || c.V < 1 || c.V > 4 {
			return verify.Faultf(verify.Malformed, at+3*i+1, "sampling factors %dx%d", c.H, c.V)
		}
		if c.Tq > 3 {
			return verify.Faultf(verify.Malformed, at+3*i+2, "quantization table %d", c.Tq)
		}
		f.MaxH, f.MaxV = max(f.MaxH, c.H), max(f.MaxV, c.V)
		f.Comps[i] = c
	}
	for i := range n {
		if c := &f.Comps[i]; f.MaxH%c.H != 0 || f.MaxV%c.V != 0 {
			// jdsample.c: "Fractional sampling not implemented yet".
			return verify.Faultf(verify.Unsupported, at+3*i+1, "sampling factors %dx%d of %dx%d", c.H, c.V, f.MaxH, f.MaxV)
		}
	}
	return nil
}

// measure counts blocks and MCUs. T.81 A.1.1 and A.2.
func (f *Frame) measure(n, width, height int) {
	f.MCUsX, f.MCUsY = ceilDiv(width, 8*f.MaxH), ceilDiv(height, 8*f.MaxV)
	for i := range n {
		c := &f.Comps[i]
		c.BlocksX = ceilDiv(width*c.H, 8*f.MaxH)
		c.BlocksY = ceilDiv(height*c.V, 8*f.MaxV)
	}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// heightless refuses a frame whose height is 0. T.81 B.2.5 lets a DNL marker after the first
// scan state it, but libjpeg-turbo calls that an "Empty JPEG image (DNL not supported)", so no
// browser shows it.
func (r *Reader) heightless(at int) error {
	return verify.Faultf(verify.Unsupported, at+5, "height 0: left to a DNL marker, or none")
}

// dnl reads a DNL segment. Viewers skip it, so one that repeats the height is harmless, and one
// that contradicts it is a warning.
func (r *Reader) dnl(p []byte, from int) {
	switch {
	case r.Scans == 0:
		r.Info.Warn(verify.MisplacedChunk, int64(from), "DNL before a scan")
	case len(p) != 2, int(p[0])<<8|int(p[1]) != r.Info.Height:
		r.Info.Warn(verify.SizeDisagrees, int64(from), "DNL does not repeat the frame's height")
	}
}
