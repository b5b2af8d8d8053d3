package recon

import "math/bits"

// residual is the block of which levels are being read, and what is made of them.
type residual struct {
	// Coefficients, then residual samples, by y<<log2 | x. All are 0 between blocks.
	coeffs  [32 * 32]int16
	luma    [32 * 32]int16 // residual of the luma block, for cross-component prediction
	tmp     [32 * 32]int16
	log2    uint8
	comp    uint8
	skip    bool
	rdpcm   uint8
	flat    bool
	scale   int64 // a level times scale plus round, shifted down, is a coefficient
	round   int64
	shift   uint8
	factors []uint8
	maxX    uint8 // bounds of the 4x4 sub-blocks with levels
	maxY    uint8
}

const (
	rdpcmNone = iota
	rdpcmHorizontal
	rdpcmVertical
)

var levelScale = [6]int64{40, 45, 51, 57, 64, 72}

// StartResidual begins a block with levels, of 1<<log2 samples of a component. mode
// is its intra prediction mode.
func (p *Picture) StartResidual(comp, log2, mode uint8, skip bool) {
	r := &p.residual
	r.comp, r.log2, r.skip = comp, log2, skip
	r.maxX, r.maxY = 0, 0
	r.rdpcm = rdpcmNone
	if p.seq.ImplicitRDPCM && (skip || p.cu.bypass) {
		switch mode {
		case modeHorizontal:
			r.rdpcm = rdpcmHorizontal
		case modeVertical:
			r.rdpcm = rdpcmVertical
		}
	}
	if p.cu.bypass { // 8.6.2: levels are the residual
		r.flat, r.scale, r.round, r.shift = true, 1, 0, 0
		return
	}
	// 8.6.3, without extended precision. The factor 16 of flat scaling is in shift.
	qp := p.scaled[comp]
	r.shift = uint8(p.planes[comp].depth) + log2 - 5
	r.round = 1 << (r.shift - 1)
	r.scale = levelScale[qp%6] << (qp / 6)
	r.flat = p.seq.Scaling == nil || skip && log2 > 2
	if r.flat {
		r.scale <<= 4
	} else {
		r.factors = p.seq.Scaling.factors[log2-2][comp]
	}
}

// Levels takes the levels of one 4x4 sub-block: level[i] for the steps of inSub
// that sig marks, the highest first. sub and inSub hold places as y<<3 | x.
func (p *Picture) Levels(sub uint8, inSub *[64]uint8, sig uint64, level *[16]int32) {
	r := &p.residual
	subX, subY := sub&7, sub>>3
	r.maxX, r.maxY = max(r.maxX, subX), max(r.maxY, subY)
	log2 := uint(r.log2) & 7
	base := uint(subY)<<2<<log2 + uint(subX)<<2
	for i := 0; sig != 0; i++ {
		step := uint(bits.Len64(sig)-1) & 63
		sig &^= 1 << step
		pos := uint(inSub[step])
		at := (base + pos>>3<<log2 + pos&7) & 1023
		scale := r.scale
		if !r.flat {
			scale *= int64(r.factors[at])
		}
		v := (int64(level[i&15])*scale + r.round) >> (r.shift & 63)
		r.coeffs[at] = int16(min(max(v, -32768), 32767))
	}
}

// EndResidual turns the levels into residual samples, and adds these to the
// samples at x, y of the component.
func (p *Picture) EndResidual(x, y int) {
	r := &p.residual
	n := 1 << r.log2
	depth := p.planes[r.comp].depth
	res := r.coeffs[:n*n]
	switch lossless := p.cu.bypass || r.skip; {
	case !lossless && !p.seq.CrossComponent && p.addInverse(x, y):
		return
	case lossless:
		p.rotate(res)
		r.unscaled(res, depth, p.cu.bypass)
	case r.log2 == 2 && r.comp == 0:
		inverseDST(res, 20-depth)
	default:
		r.inverseDCT(depth)
	}
	if r.comp == 0 && p.seq.CrossComponent {
		copy(r.luma[:n*n], res)
	}
	if r.comp != 0 && p.seq.CrossComponent {
		return // AddCross does it
	}
	p.add(int(r.comp), x, y, n, res)
	clear(res)
}

// rotate is the rotation of 4x4 blocks (8.6.2).
func (p *Picture) rotate(res []int16) {
	if p.seq.SkipRotation && p.residual.log2 == 2 {
		for i := range 8 {
			res[i], res[15-i] = res[15-i], res[i]
		}
	}
}

func clip16(v int32) int16 { return int16(min(max(v, -32768), 32767)) }

// unscaled turns the levels of a block without a transform into residual samples:
// by the scaling of skipped transforms (8.6.4.2, and the shift behind it), unless
// coding is lossless, and the directional modification of 8.6.5 and 8.6.6.
func (r *residual) unscaled(res []int16, depth int, lossless bool) {
	up, down := 5+uint(r.log2), uint(20-depth)
	round := int32(1) << (down - 1)
	if lossless {
		up, down, round = 0, 0, 0
	}
	n := 1 << r.log2
	var column [32]int32
	for y := 0; y < len(res); y += n {
		row := res[y : y+n]
		sum := int32(0)
		for x, c := range row {
			v := (int32(c)<<up + round) >> down
			switch r.rdpcm {
			case rdpcmHorizontal:
				sum += v
				v = sum
			case rdpcmVertical:
				column[x&31] += v
				v = column[x&31]
			}
			row[x] = clip16(v)
		}
	}
}

// AddCross adds the residual of a chroma block, with scale/8 of that of the luma
// block (8.6.6, equation 8-xx). coded says that the block had levels itself.
func (p *Picture) AddCross(comp, x, y int, log2 uint8, scale int, coded bool) {
	r := &p.residual
	n := 1 << log2
	res := r.coeffs[:n*n]
	if scale != 0 {
		depthY, depthC := uint(p.planes[0].depth), uint(p.planes[comp].depth)
		for i, v := range r.luma[:n*n] {
			res[i] = clip16(int32(res[i]) + int32(scale)*(int32(v)<<depthC>>depthY)>>3)
		}
	} else if !coded {
		return
	}
	p.add(comp, x, y, n, res)
	clear(res)
}

// add adds a residual of n by n samples (8.6.7).
func (p *Picture) add(c, x, y, n int, res []int16) {
	pix, stride := p.samples(c, x, y)
	top := int32(p.planes[c].top)
	for i := 0; i < len(res); i += n {
		from := res[i : i+n]
		line := pix[:len(from)]
		for j, v := range from {
			line[j] = uint16(min(max(int32(line[j])+int32(v), 0), top))
		}
		if i+n < len(res) {
			pix = pix[stride:]
		}
	}
}
