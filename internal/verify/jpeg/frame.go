package jpeg

import "github.com/imgvet/imgvet/internal/verify"

const (
	maxComponents = 4
	// maxDimension is JPEG_MAX_DIMENSION of libjpeg-turbo's jmorecfg.h: past it no
	// browser shows a picture, though the format counts to 65535.
	maxDimension = 65500
)

// frame is what the frame header says. T.81 B.2.2.
type frame struct {
	n           int // components, 0 before the header
	comps       [maxComponents]component
	progressive bool
	arithmetic  bool
	baseline    bool
	mcusX       int // MCUs of an interleaved scan: T.81 A.2
	mcusY       int
}

// component is one of the frame's components.
type component struct {
	id      byte
	h, v    int // sampling factors, 1..4
	tq      byte
	blocksX int  // 8x8 blocks that hold pixels: the MCUs of a scan of its own
	blocksY int  //
	scanned bool // sequential: by its one scan. Progressive: its DC was begun
}

// sof reads a frame header of type m, whose marker stands at offset at.
func (d *decoder) sof(p []byte, at int, m byte) error {
	f := &d.frame
	switch {
	case f.n != 0:
		return verify.Faultf(verify.Malformed, at, "second frame header")
	case len(p) < 6:
		return verify.Faultf(verify.Malformed, at+2, "frame header of %d bytes", len(p))
	}
	n := int(p[5])
	height, width := int(p[1])<<8|int(p[2]), int(p[3])<<8|int(p[4])
	if len(p) != 6+3*n {
		return verify.Faultf(verify.Malformed, at+2, "frame header of %d bytes for %d components", len(p), n)
	}
	d.info.Width, d.info.Height = width, height
	if height == 0 {
		return d.heightless(at)
	}
	if err := verify.CheckSize(int64(width), int64(height), d.lim, at+5); err != nil {
		return err
	}
	switch {
	case m != mSOF0 && m != mSOF1 && m != mSOF2 && m != mSOF9 && m != mSOF10:
		return verify.Faultf(verify.Unsupported, at, "frame type %#02x: lossless or hierarchical", m)
	case p[0] == 12 && m != mSOF0:
		return verify.Faultf(verify.Unsupported, at+4, "12 bits a sample")
	case p[0] != 8:
		return verify.Faultf(verify.Malformed, at+4, "%d bits a sample", p[0])
	case n == 0:
		return verify.Faultf(verify.Malformed, at+9, "no components")
	case n == 2 || n > maxComponents:
		// libjpeg: JCS_UNKNOWN, which no viewer turns into colours.
		return verify.Faultf(verify.Unsupported, at+9, "%d components", n)
	case width > maxDimension || height > maxDimension:
		return verify.Faultf(verify.Unsupported, at+5, "%dx%d: libjpeg ends at %d", width, height, maxDimension)
	}
	f.baseline = m == mSOF0
	f.progressive = m == mSOF2 || m == mSOF10
	f.arithmetic = m == mSOF9 || m == mSOF10
	if err := f.components(p[6:], n, at+10); err != nil {
		return err
	}
	f.measure(n, width, height)
	f.n = n
	blocks := int64(0)
	for _, c := range f.comps[:n] {
		blocks += int64(c.blocksX) * int64(c.blocksY)
	}
	d.prog.visits, d.prog.maxVisits = 0, visitsPerBlock*blocks
	return nil
}

// components reads the n component specifications of p, which stand at offset at.
func (f *frame) components(p []byte, n, at int) error {
	maxH, maxV := 0, 0
	for i := range n {
		s := p[3*i : 3*i+3]
		c := component{id: s[0], h: int(s[1] >> 4), v: int(s[1] & 15), tq: s[2]}
		for j := range i {
			if f.comps[j].id == c.id {
				return verify.Faultf(verify.Malformed, at+3*i, "component %d twice", c.id)
			}
		}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 {
			return verify.Faultf(verify.Malformed, at+3*i+1, "sampling factors %dx%d", c.h, c.v)
		}
		if c.tq > 3 {
			return verify.Faultf(verify.Malformed, at+3*i+2, "quantization table %d", c.tq)
		}
		maxH, maxV = max(maxH, c.h), max(maxV, c.v)
		f.comps[i] = c
	}
	for i := range n {
		if c := &f.comps[i]; maxH%c.h != 0 || maxV%c.v != 0 {
			// jdsample.c: "Fractional sampling not implemented yet".
			return verify.Faultf(verify.Unsupported, at+3*i+1, "sampling factors %dx%d of %dx%d", c.h, c.v, maxH, maxV)
		}
	}
	return nil
}

// measure counts blocks and MCUs. T.81 A.1.1 and A.2.
func (f *frame) measure(n, width, height int) {
	maxH, maxV := 0, 0
	for i := range n {
		maxH, maxV = max(maxH, f.comps[i].h), max(maxV, f.comps[i].v)
	}
	f.mcusX, f.mcusY = ceilDiv(width, 8*maxH), ceilDiv(height, 8*maxV)
	for i := range n {
		c := &f.comps[i]
		c.blocksX = ceilDiv(width*c.h, 8*maxH)
		c.blocksY = ceilDiv(height*c.v, 8*maxV)
	}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// heightless refuses a frame whose height is 0. T.81 B.2.5 lets a DNL marker
// behind the first scan state it, but libjpeg-turbo calls that an "Empty JPEG
// image (DNL not supported)", and so no browser shows it.
func (d *decoder) heightless(at int) error {
	return verify.Faultf(verify.Unsupported, at+5, "height 0: left to a DNL marker, or none")
}

// dnl reads a DNL segment. Viewers pass over it, so that one that repeats the
// height is harmless, and one that contradicts it is an oddity.
func (d *decoder) dnl(p []byte, from int) error {
	switch {
	case len(p) != 2:
		return verify.Faultf(verify.Malformed, from-2, "DNL of %d bytes", len(p))
	case d.scans == 0:
		d.info.Warn(verify.MisplacedChunk, int64(from), "DNL before a scan")
	case int(p[0])<<8|int(p[1]) != d.info.Height:
		d.info.Warn(verify.SizeDisagrees, int64(from), "DNL does not repeat the frame's height")
	}
	return nil
}
