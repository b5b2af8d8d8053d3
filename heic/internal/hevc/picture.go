package hevc

import (
	"bytes"
	"context"
	"iter"
	"sync"

	"github.com/imgvet/imgvet/internal/verify"
)

// Unit is a NAL unit: its two-byte header and its payload, emulation prevention
// bytes still in, without a start code or a length.
type Unit struct {
	Data   []byte
	Offset int // of Data[0] in the file
}

// ParameterSets are those of a decoder configuration record (hvcC), checked. They
// refer to the bytes they were parsed from, and are safe for concurrent use.
type ParameterSets struct {
	vps map[uint8][]byte
	sps map[uint8]seqSet
	pps map[uint8]picSet
}

type seqSet struct {
	raw []byte
	*SPS
}

type picSet struct {
	raw []byte
	*pps
	at int
}

// Picture is what is known of a picture that was verified.
type Picture struct {
	SPS         // what the picture was coded with
	Padding int // zero bytes that stand behind NAL units and belong to none
}

// ParseParameterSets reads the video, sequence and picture parameter sets among
// units. SEI messages and units of other layers are passed over, anything else
// is refused. Two sets of one kind may share an identifier only if they are
// equal byte for byte.
func ParseParameterSets(units iter.Seq[Unit]) (*ParameterSets, error) {
	p := &ParameterSets{vps: map[uint8][]byte{}, sps: map[uint8]seqSet{}, pps: map[uint8]picSet{}}
	for u := range units {
		if err := p.add(u); err != nil {
			return nil, err
		}
	}
	if len(p.sps) == 0 || len(p.pps) == 0 {
		return nil, verify.Faultf(verify.Malformed, -1, "no SPS or no PPS")
	}
	return p, nil
}

func (p *ParameterSets) add(u Unit) error {
	h, err := parseNALHeader(u.Data, u.Offset)
	if err != nil {
		return err
	}
	if h.layer != 0 || h.unitType == nalPrefix || h.unitType == nalSuffix {
		return nil
	}
	if p.holds(h.unitType, u.Data) {
		return nil
	}
	if _, err := checkEmulation(u.Data, u.Offset); err != nil {
		return err
	}
	var taken bool
	switch h.unitType {
	case nalVPS:
		id, err := parseVPS(u.Data, u.Offset)
		if err != nil {
			return err
		}
		_, taken = p.vps[id]
		p.vps[id] = u.Data
	case nalSPS:
		s, err := ParseSPS(u.Data, u.Offset)
		if err != nil {
			return err
		}
		_, taken = p.sps[s.id]
		p.sps[s.id] = seqSet{u.Data, &s}
	case nalPPS:
		s, err := parsePPS(u.Data, u.Offset)
		if err != nil {
			return err
		}
		_, taken = p.pps[s.id]
		p.pps[s.id] = picSet{u.Data, s, u.Offset}
	default:
		return verify.Faultf(verify.Malformed, u.Offset, "NAL unit of type %d among parameter sets", h.unitType)
	}
	if taken {
		return verify.Faultf(verify.Malformed, u.Offset, "two different parameter sets with one identifier")
	}
	return nil
}

// holds tells whether nal, of the given type, equals a set of p.
func (p *ParameterSets) holds(unitType uint8, nal []byte) bool {
	switch unitType {
	case nalVPS:
		for _, v := range p.vps {
			if bytes.Equal(v, nal) {
				return true
			}
		}
	case nalSPS:
		for _, s := range p.sps {
			if bytes.Equal(s.raw, nal) {
				return true
			}
		}
	case nalPPS:
		for _, s := range p.pps {
			if bytes.Equal(s.raw, nal) {
				return true
			}
		}
	}
	return false
}

// Sequences yields the sequence parameter sets, for a look at their sizes.
func (p *ParameterSets) Sequences() iter.Seq[SPS] {
	return func(yield func(SPS) bool) {
		for _, s := range p.sps {
			if !yield(*s.SPS) {
				return
			}
		}
	}
}

// Picture verifies that units are one whole intra picture: every coding tree unit
// is there once, in order, and its arithmetic code ends where it must. The picture
// may have as many pixels as lim allows. Parameter sets among units must equal
// those of p; other units that hold no slice are passed over. Units are not kept.
//
// Picture is filled as far as known when a Fault is returned. The context is looked at once for
// each row of coding tree units, and every 64 KiB; its error is returned as it is.
func (p *ParameterSets) Picture(ctx context.Context, units iter.Seq[Unit], lim verify.Limits) (Picture, error) {
	d := decoders.Get().(*decoder)
	d.ctx = ctx
	return p.picture(d, units, lim)
}

func (p *ParameterSets) picture(d *decoder, units iter.Seq[Unit], lim verify.Limits) (Picture, error) {
	d.walk.sets, d.walk.lim, d.walk.end = p, lim, -1
	defer func() {
		d.release()
		decoders.Put(d)
	}()
	if d.walk.visit == nil {
		d.walk.visit = d.take
	}
	units(d.walk.visit)
	pic := d.walk.pic
	switch {
	case d.walk.err != nil:
		return pic, d.walk.err
	case d.sps == nil:
		return pic, verify.Faultf(verify.Truncated, d.walk.end, "no slice segment")
	case !d.done:
		return pic, verify.Faultf(verify.Truncated, d.walk.end, "coding tree units from %d, %d on are missing", d.at.x, d.at.y)
	}
	return pic, nil
}

// unitWalk is the state of the walk over the units of a picture. It is a part of the decoder,
// and its function is made once for each of them, so that a tile costs no memory.
type unitWalk struct {
	sets  *ParameterSets
	lim   verify.Limits
	pic   Picture
	end   int // of the last unit
	err   error
	visit func(Unit) bool
}

// take verifies the next unit, and reports whether the walk goes on.
func (d *decoder) take(u Unit) bool {
	w := &d.walk
	w.end = u.Offset + len(u.Data)
	padding, err := d.nalUnit(w.sets, u, w.lim)
	if d.sps != nil {
		w.pic.SPS = *d.sps
	}
	if err != nil {
		w.err = err
		return false
	}
	w.pic.Padding += padding
	return true
}

// decoders holds scratch memory. Nothing in a decoder outlives Picture.
var decoders = sync.Pool{New: func() any { return new(decoder) }}

// release lets go of the caller's bytes.
func (d *decoder) release() {
	d.ctx, d.sps, d.pps, d.unit, d.err, d.rec = nil, nil, nil, nil, nil, nil
	d.engine.nal = nil
	d.hdr = sliceHeader{}
	d.walk = unitWalk{visit: d.walk.visit}
}

// nalUnit verifies one NAL unit of a picture.
func (d *decoder) nalUnit(sets *ParameterSets, u Unit, lim verify.Limits) (padding int, err error) {
	h, err := parseNALHeader(u.Data, u.Offset)
	if err != nil {
		return 0, err
	}
	const firstNonVCL = 32
	switch {
	case h.layer != 0: // F.7.4.2.2 and others: ignored by decoders of the base layer
		return 0, nil
	case h.unitType >= nalVPS && h.unitType <= nalPPS:
		if !sets.holds(h.unitType, u.Data) {
			return 0, verify.Faultf(verify.Unsupported, u.Offset, "parameter set that the configuration record has not")
		}
		return 0, nil
	case h.unitType == nalPrefix || h.unitType == nalSuffix:
		return 0, checkSEI(u)
	case h.unitType >= firstNonVCL:
		return 0, nil
	}
	if err := checkUnitType(h.unitType, u.Offset); err != nil {
		return 0, err
	}
	if h.temporalID != 0 { // 7.4.2.2
		return 0, verify.Faultf(verify.Malformed, u.Offset+1, "intra random access picture of a sub-layer")
	}
	padding, err = checkEmulation(u.Data, u.Offset)
	if err != nil {
		return 0, err
	}
	d.unit, d.base = u.Data[:len(u.Data)-padding], u.Offset
	if err := d.sliceHeader(sets, h.unitType, lim); err != nil {
		return 0, err
	}
	return padding, d.sliceData()
}

// sliceHeader reads a slice segment header, and checks that the segment is the
// one that is due.
func (d *decoder) sliceHeader(sets *ParameterSets, unitType uint8, lim verify.Limits) error {
	r := newBitReader(d.unit, d.base)
	h := &d.hdr
	started, unitTypeBefore, ppsBefore := d.sps != nil, d.unitType, h.ppsID
	h.parseHead(&r, unitType)
	switch {
	case r.err != nil:
		return r.err
	case !started && !h.first:
		return verify.Faultf(verify.Truncated, d.base, "the first slice segment is missing")
	case started && h.first:
		return verify.Faultf(verify.Malformed, d.base, "a second picture")
	case started && (unitType != unitTypeBefore || h.ppsID != ppsBefore):
		return verify.Faultf(verify.Malformed, d.base, "slice segments differ in NAL unit type or PPS")
	case started && d.done:
		return verify.Faultf(verify.Malformed, d.base, "slice segment behind the last coding tree unit")
	case !started:
		if err := d.activate(sets, lim); err != nil {
			return err
		}
		d.unitType = unitType
	}
	h.parseRest(&r, unitType, d.sps, d.pps)
	if r.err != nil {
		return r.err
	}
	if due := d.at.y*d.sps.ctbCols + d.at.x; h.address != due {
		// 7.4.2.4.5: slice segments stand in the order of tile scan.
		return verify.Faultf(verify.Malformed, d.base, "slice segment at CTB %d, where %d is due", h.address, due)
	}
	return nil
}

// activate makes the PPS of the slice header and its SPS those of the picture.
func (d *decoder) activate(sets *ParameterSets, lim verify.Limits) error {
	p, ok := sets.pps[d.hdr.ppsID]
	if !ok {
		return verify.Faultf(verify.Malformed, d.base, "slice refers to PPS %d, which is missing", d.hdr.ppsID)
	}
	seq, ok := sets.sps[p.spsID]
	if !ok {
		return verify.Faultf(verify.Malformed, p.at, "PPS refers to SPS %d, which is missing", p.spsID)
	}
	s := seq.SPS
	d.sps = s
	// The conformance window may hide what fills up the last blocks, but not
	// work: what it hides beyond that counts.
	width := max(s.Width, s.CodedWidth-maxCtb)
	height := max(s.Height, s.CodedHeight-maxCtb)
	if err := verify.CheckSize(int64(width), int64(height), lim, d.base); err != nil {
		return err
	}
	if err := p.check(s, p.at); err != nil {
		return err
	}
	if !d.setTiles(s, p.pps) {
		return verify.Faultf(verify.Malformed, p.at, "PPS: tiles do not fit the picture")
	}
	d.pps = p.pps
	d.log2QPDeltaCb = s.log2Ctb - p.cuQPDeltaDepth
	d.log2ChromaQPCb = s.log2Ctb - p.chromaQPDepth
	half := 3 * (s.BitDepthLuma - 8) // QpBdOffsetY / 2
	d.minQPDelta, d.maxQPDelta = -(26 + half), 25+half
	d.chroma = s.ChromaFormat != 0
	d.chroma422 = s.ChromaFormat == 2
	d.chroma444 = s.ChromaFormat == 3
	if d.sampling() {
		d.startSamples()
	}
	return nil
}

// maxCtb is the side of the largest coding tree block.
const maxCtb = 64

// sliceData parses slice_segment_data (7.3.8.1).
func (d *decoder) sliceData() error {
	e, entries := &d.engine, d.hdr.entries
	d.err = nil
	if !d.hdr.dependent {
		d.sliceStart = d.at
	}
	substream := int64(d.hdr.dataStart)
	if err := e.start(d.unit, d.hdr.dataStart, d.base); err != nil {
		return err
	}
	d.startContexts(d.hdr.dependent)
	if d.sampling() {
		d.startSlice()
	}
	if d.sampling() {
		if rows := d.rowsAtOnce(); rows != nil {
			return d.wavefrontRows(rows)
		}
	}
	atTileStart, atRowStart := d.newTile, d.newRow
	looked := e.pos
	for {
		last, err := d.unitOfSlice()
		if err != nil {
			return err
		}
		if (d.newRow || e.pos-looked > bytesPerLook) && d.ctx != nil {
			looked = e.pos
			if err := d.ctx.Err(); err != nil {
				return err
			}
		}
		if last {
			break
		}
		if d.done {
			return d.misplaced("slice data goes on behind the last coding tree unit")
		}
		if !d.newTile && !(d.newRow && d.pps.wavefront) {
			continue
		}
		// 7.4.7.1: a slice segment within a tile, or a row of a wavefront, that
		// starts behind its first CTB ends in it.
		if d.newTile && !atTileStart || d.pps.wavefront && !atRowStart {
			return d.misplaced("slice segment goes on into the next tile or row")
		}
		end, err := d.endSubstream()
		if err != nil {
			return err
		}
		if entries.left == 0 {
			return d.misplaced("too few entry points")
		}
		if substream += entries.next(); substream != int64(end) {
			return d.misplaced(wrongEntry)
		}
		if err := e.start(d.unit, end, d.base); err != nil {
			return err
		}
		d.startContexts(false)
	}
	if d.pps.dependentSlices {
		e.save(&d.dependent)
	}
	if entries.left != 0 {
		return d.misplaced("too many entry points")
	}
	end, err := e.finish(d.base)
	if err != nil {
		return err
	}
	return checkZeroWords(d.unit, end, d.base)
}

// bytesPerLook is how many bytes of a row are read between two looks at the context.
const bytesPerLook = 64 << 10

const wrongEntry = "entry point is not where the substream starts"

// unitOfSlice parses the coding tree unit at d.at, and goes to the next one. last is
// end_of_slice_segment_flag.
func (d *decoder) unitOfSlice() (last bool, err error) {
	e := &d.engine
	left := d.available(d.at.x-1, d.at.y, d.sliceStart)
	up := d.available(d.at.x, d.at.y-1, d.sliceStart)
	d.codingTreeUnit(left, up)
	if d.err != nil {
		return false, d.err
	}
	if e.overrun {
		return false, e.truncated(d.base)
	}
	// 9.3.1: a wavefront continues from behind the second CTB of the row above.
	if d.pps.wavefront && d.at.x == d.left+1 {
		e.save(&d.wavefront)
	}
	last = e.terminate()
	if d.sampling() {
		if err := d.endCTU(); err != nil {
			return false, err
		}
	}
	if tracing {
		d.trace()
	}
	d.next()
	return last, nil
}

// endSubstream ends the arithmetic code of a tile, or of a row of a wavefront, behind
// which the slice segment goes on. It returns where the next one starts.
func (d *decoder) endSubstream() (end int, err error) {
	if !d.engine.terminate() {
		return 0, d.misplaced("end_of_subset_one_bit is 0")
	}
	return d.engine.finish(d.base)
}

func (d *decoder) misplaced(what string) error {
	return verify.Faultf(verify.Malformed, d.base+d.engine.pos, "%s", what)
}

// startContexts sets the context variables for the first CTB of a slice segment,
// a tile, or a row of a wavefront (9.3.1).
func (d *decoder) startContexts(dependent bool) {
	switch {
	case d.newTile:
		d.engine.initContexts(d.hdr.qp)
	case d.newRow && d.pps.wavefront:
		if d.available(d.at.x+1, d.at.y-1, d.sliceStart) {
			d.engine.load(&d.wavefront)
		} else {
			d.engine.initContexts(d.hdr.qp)
		}
	case dependent:
		d.engine.load(&d.dependent)
	default:
		d.engine.initContexts(d.hdr.qp)
	}
}

// checkZeroWords checks that only cabac_zero_words (7.3.2.10) stand behind the
// slice segment data, which ends at end.
func checkZeroWords(nal []byte, end, base int) error {
	for at := end; at < len(nal); at++ {
		if nal[at] != 0 && !isEmulationPrevention(nal, at) {
			return verify.Faultf(verify.Malformed, base+at, "bytes behind the end of the slice data")
		}
	}
	return nil
}

// skipPayload returns the offset in nal behind n bytes of payload from at on.
func skipPayload(nal []byte, at, n, base int) (int, error) {
	for ; n > 0; n-- {
		if at < len(nal) && isEmulationPrevention(nal, at) {
			at++
		}
		if at >= len(nal) {
			return 0, verify.Faultf(verify.Truncated, base+len(nal), "PCM samples end early")
		}
		at++
	}
	return at, nil
}
