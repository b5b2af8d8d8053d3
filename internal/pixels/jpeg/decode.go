package jpeg

import (
	"context"
	"fmt"
	"image"
	"math"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/jpeg/stream"
)

// Decode returns the pixels of the JPEG file b. Each side is that of the file divided by scale,
// rounded up; scale is 1, 2, 4 or 8. The caller must have checked the picture's size, since
// Decode allocates by it.
//
// The result is an *image.Gray, *image.YCbCr, *image.RGBA or *image.CMYK, whose bounds begin at
// 0, 0. The error is a [*verify.Fault], or ctx's, which Decode checks every few milliseconds.
// Decode keeps no byte of b, and is safe for concurrent use.
func Decode(ctx context.Context, b []byte, scale int) (image.Image, error) {
	d, err := newDecoder(ctx, b, scale)
	if err != nil {
		return nil, err
	}
	if scale > 1 {
		if err := d.planScans(b); err != nil {
			return nil, err
		}
	}
	if err := d.file(); err != nil {
		return nil, err
	}
	if d.Frame.Progressive {
		if err := d.render(); err != nil {
			return nil, err
		}
	}
	return d.picture()
}

// decoder is the state of one call.
type decoder struct {
	stream.Reader

	ctx    context.Context
	work   int // blocks decoded since the last check of ctx
	scale  int
	side   int       // samples along each side of a reduced block: 8/scale
	slots  [128]byte // by zigzag index: the coefficient's place in a reduced block, or unwanted
	wanted uint64    // by zigzag index: the coefficients that a reduced block uses
	last   int       // the last wanted one
	skip   []bool    // by scan: true if it changes no wanted coefficient
	planes [4]plane  // by component
	shift  uint      // bits of a sample beyond 8
	bits   bits      // position in a scan of Huffman codes
}

// A block holds dequantized coefficients: side rows of side each. Its last element receives
// those that are not wanted.
type block [65]int32

// unwanted is the slot of coefficients that no reduced block uses.
const unwanted = 64

// plane is one component: its samples, and, until they exist, its coefficients.
type plane struct {
	pix     []byte
	stride  int
	blocksX int // blocks in a row, including those that pad the last MCU
	blocksY int
	quant   [128]int32 // by zigzag index
	begun   bool       // quant was set by the component's first scan

	// For a progressive file: side*side coefficients a block, and a bit set by zigzag index of
	// the nonzero ones among all 64.
	coefs []int16
	marks []uint64
}

func newDecoder(ctx context.Context, b []byte, scale int) (*decoder, error) {
	if scale != 1 && scale != 2 && scale != 4 && scale != 8 {
		return nil, fmt.Errorf("jpeg: scale is %d; it must be 1, 2, 4 or 8", scale)
	}
	d := &decoder{ctx: ctx, scale: scale, side: 8 / scale}
	d.Init()
	d.Deep = true
	d.restart(b)
	for k := range d.slots {
		d.slots[k] = unwanted
		if k >= 64 {
			continue
		}
		if row, col := int(zigzag[k])>>3, int(zigzag[k])&7; row < d.side && col < d.side {
			d.slots[k] = byte(row*d.side + col)
			d.wanted |= 1 << k
			d.last = k
		}
	}
	return d, ctx.Err()
}

// restart sets d to the beginning of b. Its limits accept every file that any verifier has
// accepted before.
func (d *decoder) restart(b []byte) {
	d.Reset(b, verify.Limits{MaxPixels: math.MaxInt64, Lenient: true})
}

// zigzag is the place of each coefficient in a block of 8x8. T.81 figure A.6.
var zigzag = [64]byte{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// file reads the file from SOI to EOI, and decodes its scans.
func (d *decoder) file() error {
	if err := d.SOI(); err != nil {
		return err
	}
	for {
		s, err := d.Next()
		if err != nil {
			return err
		}
		switch s.Marker {
		case stream.EOI:
			return nil
		case stream.SOS:
			if err := d.decodeScan(); err != nil {
				return err
			}
		}
	}
}

// decodeScan decodes the scan whose header was just read.
func (d *decoder) decodeScan() error {
	if d.Scans == 1 {
		if err := d.begin(); err != nil {
			return err
		}
	}
	s := &d.Scan
	for i := range s.N {
		p := &d.planes[s.Comps[i].Index]
		if !p.begun {
			// Like libjpeg's latch_quant_tables: the table at the component's first scan.
			p.begun = true
			for k, v := range d.Quant(d.Frame.Comps[s.Comps[i].Index].Tq) {
				p.quant[k] = int32(v)
			}
		}
	}
	if d.Scans <= len(d.skip) && d.skip[d.Scans-1] {
		d.SkipScan()
		return nil
	}
	switch {
	case d.Frame.Arithmetic:
		return d.segments(d.arithCoder())
	case d.Frame.Progressive:
		return d.segments(d.progressiveCoder())
	}
	return d.segments(d.sequentialCoder())
}

// begin allocates memory for the frame.
func (d *decoder) begin() error {
	f := &d.Frame
	d.shift = uint(f.Precision - 8)
	perBlock := int64(d.side * d.side)
	if f.Progressive {
		perBlock += int64(2*d.side*d.side + 8)
	}
	total := int64(0)
	for i := range f.N {
		p, c := &d.planes[i], &f.Comps[i]
		p.blocksX, p.blocksY = f.MCUsX*c.H, f.MCUsY*c.V
		if f.N == 1 {
			p.blocksX, p.blocksY = c.BlocksX, c.BlocksY
		}
		total += int64(p.blocksX) * int64(p.blocksY) * perBlock
	}
	// Converting colours may take as much again.
	if total > math.MaxInt/8 {
		return verify.Faultf(verify.Unsupported, -1, "%dx%d pixels are too many for this machine", d.Info.Width, d.Info.Height)
	}
	for i := range f.N {
		p := &d.planes[i]
		n := p.blocksX * p.blocksY
		p.stride = p.blocksX * d.side
		p.pix = make([]byte, n*d.side*d.side)
		if f.Progressive {
			p.coefs = make([]int16, n*d.side*d.side)
			p.marks = make([]uint64, n)
		}
	}
	return nil
}

// checkEvery is how many blocks are decoded, at most a microsecond each, between checks of the
// context.
const checkEvery = 2048

// check counts n more blocks, and checks the context if that is due.
func (d *decoder) check(n int) error {
	if d.work += n; d.work < checkEvery {
		return nil
	}
	d.work = 0
	return d.ctx.Err()
}
