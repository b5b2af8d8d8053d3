package hevc

import (
	"context"
	"iter"
	"math/bits"
	"sync"

	"github.com/imgvet/imgvet/heic/internal/recon"
	"github.com/imgvet/imgvet/internal/verify"
)

// samples is what a decoder that makes samples has beyond one that verifies.
type samples struct {
	recon.Picture
	ctx      context.Context
	place    func(*SPS) recon.Sink
	parallel int // rows of a wavefront that may be made at a time

	// Levels of a sub-block, in coding order.
	level [16]int32
}

// sampling tells whether samples are made.
func (d *decoder) sampling() bool { return d.rec != nil }

var samplesPool = sync.Pool{New: func() any { return new(samples) }}

// Decode is [ParameterSets.Picture], and hands the samples of the coded picture to
// the sink that place returns as it goes, those outside the conformance window too. The reader is the
// same, so that what is shown is what was verified; where a Fault is found, the sink
// may have got a part of the picture already. ctx is looked at once for each row of
// coding tree blocks, and its error is returned as it is.
//
// So many rows of a wavefront as parallel says, but no more than 8, are made at a time, in goroutines
// that have ended when Decode returns. Samples and Fault do not depend on it.
func (p *ParameterSets) Decode(ctx context.Context, units iter.Seq[Unit], lim verify.Limits, parallel int, place func(*SPS) recon.Sink) (Picture, error) {
	d := decoders.Get().(*decoder)
	s := samplesPool.Get().(*samples)
	s.ctx, s.place, s.parallel = ctx, place, parallel
	d.rec = s
	defer func() {
		s.Release()
		s.ctx, s.place = nil, nil
		samplesPool.Put(s)
	}()
	return p.picture(d, units, lim)
}

// startSamples begins the picture, whose parameter sets are known.
func (d *decoder) startSamples() {
	s, p := d.sps, d.pps
	seq := recon.Sequence{
		Width: s.CodedWidth, Height: s.CodedHeight,
		ChromaFormat:          s.ChromaFormat,
		BitDepth:              [2]int{s.BitDepthLuma, s.BitDepthChroma},
		PCMBitDepth:           [2]int{int(s.pcmDepthLuma), int(s.pcmDepthChrm)},
		Log2Ctb:               s.log2Ctb,
		StrongSmoothing:       s.strongSmoothing,
		SmoothingDisabled:     s.noSmoothing,
		ImplicitRDPCM:         s.implicitRDPCM,
		SkipRotation:          s.tskipRotation,
		CrossComponent:        p.crossComponent,
		PCMLoopFilterDisabled: s.pcmUnfiltered,
		LoopFilterAcrossTiles: p.acrossTiles,
		ChromaQPOffset:        ints(p.chromaQPOffset),
		SAOShift:              [2]uint8{p.log2SAOLuma, p.log2SAOChroma},
	}
	if p.tileCols > 1 {
		for i := range p.tileRows {
			seq.TileRowCtbs = max(seq.TileRowCtbs, int(d.rowBounds[i+1])-int(d.rowBounds[i]))
		}
	}
	seq.RowsAtOnce = d.wavefrontWorkers()
	if s.scalingLists { // 7.4.3.3.1: those of the PPS, else of the SPS, else the default ones
		switch {
		case p.scaling != nil:
			seq.Scaling = p.scaling
		case s.scaling != nil:
			seq.Scaling = s.scaling
		default:
			seq.Scaling = defaultScaling
		}
	}
	d.rec.Start(d.rec.ctx, seq, d.rec.place(s))
}

var defaultScaling = recon.DefaultScaling()

func ints(a [2]int8) [2]int { return [2]int{int(a[0]), int(a[1])} }

// startSlice tells of a slice segment.
func (d *decoder) startSlice() {
	h := &d.hdr
	d.rec.StartSlice(recon.Slice{
		QP:             int(h.qp),
		ChromaQPOffset: ints(h.chromaQPOffset),
		Deblock:        !h.deblockDisabled,
		BetaOffset:     2 * int(h.beta),
		TcOffset:       2 * int(h.tc),
		AcrossSlices:   h.acrossSlices,
	}, h.dependent)
}

// startCTU tells of the coding tree unit at d.at.
func (d *decoder) startCTU(left, up bool) {
	x, y := d.at.x, d.at.y
	around := recon.Neighbours{
		Left: left, Up: up,
		UpLeft:  d.available(x-1, y-1, d.sliceStart),
		UpRight: d.available(x+1, y-1, d.sliceStart),
	}
	// 8.6.1: the first quantization group in a slice, a tile, or a row of a wavefront.
	fresh := d.at == d.sliceStart || d.newTile || d.newRow && d.pps.wavefront
	d.rec.StartCTU(x, y, d.at.tile, around, fresh)
}

// endCTU tells of the end of the coding tree unit at d.at.
func (d *decoder) endCTU() error {
	d.rec.EndCTU()
	if d.tileCols > 1 && d.at.x == d.sps.ctbCols-1 && d.at.y == d.bottom-1 {
		d.rec.EndTileRow(d.top, d.bottom)
	}
	return d.rec.Err()
}

// setSAO tells of the offsets of a component. class holds the bins behind them:
// sao_eo_class, or the signs of the offsets that are not 0 and sao_band_position.
func (d *decoder) setSAO(comp int, kind, class uint64, nonzero uint, offsets [4]int16) {
	s := recon.SAO{Kind: uint8(kind), Class: uint8(class & 31), Offset: offsets}
	if kind == 1 {
		for i, v := range offsets {
			if v != 0 {
				nonzero--
				if class>>(5+nonzero)&1 != 0 {
					s.Offset[i] = -v
				}
			}
		}
	} else { // 7.4.9.3.2: two that add, two that subtract
		s.Class &= 3
		s.Offset[2], s.Offset[3] = -offsets[2], -offsets[3]
	}
	d.rec.SetSAO(comp, s)
}

func (d *decoder) mergeSAO(left bool) {
	if d.sampling() {
		d.rec.MergeSAO(left, d.hdr.saoLuma, d.hdr.saoChroma)
	}
}

// pcmBlock reads the samples of a coding unit from at on.
func (d *decoder) pcmBlock(x, y int, log2 uint8, at int) {
	s := d.sps
	r := bitReader{nal: d.unit, pos: at, base: d.base}
	for comp := range 3 {
		if comp > 0 && !d.chroma {
			break
		}
		subX, subY, depth := uint(0), uint(0), uint(s.pcmDepthLuma)
		if comp > 0 {
			depth = uint(s.pcmDepthChrm)
			subX, subY = uint(1-b2u(d.chroma444)), uint(1-b2u(d.chroma444 || d.chroma422))
		}
		d.rec.PCM(comp, x>>subX, y>>subY, 1<<log2>>subX, 1<<log2>>subY, func() uint32 { return r.u(depth) })
	}
	d.rec.Transform(x, y, log2)
	d.rec.EndCU(x, y, log2, true)
}

func b2u(b bool) int {
	if b {
		return 1
	}
	return 0
}

// chromaSamples makes the block of a chroma component that belongs to the luma
// samples at x, y; in 4:2:2 its two blocks, one below the other. flags tells which
// have levels.
func (d *decoder) chromaSamples(comp, x, y int, log2, mode, flags uint8, scale int) {
	blocks := 1
	switch {
	case d.chroma422:
		x, blocks = x>>1, 2
	case !d.chroma444:
		x, y = x>>1, y>>1
	}
	for i := range blocks {
		d.rec.Predict(comp, x, y, log2, mode)
		coded := flags>>i&1 != 0
		if coded {
			d.residual(log2, uint8(comp), mode)
			d.rec.EndResidual(x, y)
		}
		if d.pps.crossComponent {
			d.rec.AddCross(comp, x, y, log2, scale, coded)
		}
		y += 1 << log2
	}
}

// putLevels hands the levels of a sub-block on. sig marks the steps of the scan that
// have one; greater1 and escapes hold a bit for each level from bit 15 down, and
// signs from bit count-1 down; hidden says that the sign of the last one is not coded.
func (d *decoder) putLevels(sub uint8, inSub *[64]uint8, sig uint64, count uint, greater1, escapes, signs uint64, hidden bool) {
	level := &d.rec.level
	g, s := greater1<<48, signs<<((64-count)&63)
	odd := int32(0)
	// Without branches: the flags are too even for these to be predicted.
	for i := range level[:count&31] {
		sign := int32(int64(s) >> 63)
		v := 1 + int32(g>>63)
		odd ^= v
		level[i] = v ^ sign - sign
		g, s = g<<1, s<<1
	}
	for ; escapes != 0; escapes &= escapes - 1 {
		i := uint(15-bits.TrailingZeros16(uint16(escapes))) & 15
		sign := level[i] >> 31
		v := d.level[i]
		odd ^= level[i] ^ v // the lowest bit does not depend on the sign
		level[i] = v ^ sign - sign
	}
	if hidden && odd&1 != 0 { // 9.3.4.3 signHidden: sumAbsLevel is odd
		last := (count - 1) & 15
		level[last] = -level[last]
	}
	d.rec.Levels(sub, inSub, sig, level)
}
