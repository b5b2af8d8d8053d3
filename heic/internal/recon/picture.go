package recon

import "context"

// Picture is a picture that is being made. Its memory is kept from one [Picture.Start]
// to the next. It is not safe for concurrent use.
type Picture struct {
	seq    Sequence
	sink   Sink
	ctx    context.Context
	err    error
	planes [3]plane
	comps  int // 1 or 3
	log2   uint8
	side   int // of a CTB
	cols   int // CTBs
	rows   int
	slots  int  // rows of CTBs that are kept
	vector bool // vector code is used
	worker bool // the picture is that of another one, which finishes its rows

	blocks   []block // by 8x8 luma samples, of the rows kept
	blockRow int     // blocks in a row
	ctbs     []ctb   // of one row more than is kept

	slice   Slice
	sliceNo int32
	at      ctbPlace
	around  Neighbours

	quant
	residual
	references
	cu struct {
		bypass bool // cu_transquant_bypass_flag
	}
	saoOut [maxCtb]uint16
}

const maxCtb = 64

// plane holds the samples of one component.
type plane struct {
	pix        []uint16
	stride     int
	w, h       int   // of the picture
	subX, subY uint8 // log2 of SubWidthC and SubHeightC
	ctbW, ctbH int   // of a CTB
	log2H      uint8 // of ctbH
	depth      int
	top        int // 1<<depth - 1
	// The last lines of the rows of CTBs, by the parity of the row, as prediction
	// needs them: not filtered.
	bottom [2][]uint16
}

// block is what the deblocking filter needs to know of 8x8 luma samples.
type block struct {
	qp    int8
	flags uint8
}

const (
	edgeLeft  = 1 << iota // a transform block starts at the left edge, and it is to be filtered
	edgeAbove             // the same of the upper edge
	keep                  // the loop filters leave the samples as they are
)

// ctb is what is kept of a coding tree block for the loop filters.
type ctb struct {
	sliceNo  int32
	tile     int32
	beta, tc int8
	across   bool // slice_loop_filter_across_slices_enabled_flag
	deblock  bool
	anyKeep  bool
	sao      [3]SAO
}

type ctbPlace struct{ x, y int }

// Start begins a picture. Every field of seq must be in its range.
func (p *Picture) Start(ctx context.Context, seq Sequence, sink Sink) {
	p.seq, p.sink, p.ctx, p.err = seq, sink, ctx, nil
	p.vector = hasVector
	p.log2, p.side = seq.Log2Ctb, 1<<seq.Log2Ctb
	p.cols = (seq.Width + p.side - 1) >> p.log2
	p.rows = (seq.Height + p.side - 1) >> p.log2
	p.worker = false
	p.slots = min(max(1, seq.TileRowCtbs, seq.RowsAtOnce)+1, p.rows)
	p.comps = 3
	if seq.ChromaFormat == 0 {
		p.comps = 1
	}
	for c := range p.comps {
		p.planes[c].start(&seq, c, p.cols, p.slots)
	}
	p.blockRow = p.cols * p.side / 8
	p.blocks = sized(p.blocks, p.blockRow*p.slots*p.side/8)
	p.ctbs = sized(p.ctbs, p.cols*(p.slots+1))
	p.sliceNo = 0
	p.quant.start(&seq)
}

func (l *plane) start(seq *Sequence, c, cols, slots int) {
	l.subX, l.subY = 0, 0
	if c > 0 && seq.ChromaFormat != 3 {
		l.subX = 1
		if seq.ChromaFormat == 1 {
			l.subY = 1
		}
	}
	l.depth = seq.BitDepth[min(c, 1)]
	l.top = 1<<l.depth - 1
	side := 1 << seq.Log2Ctb
	l.w, l.h = seq.Width>>l.subX, seq.Height>>l.subY
	l.ctbW, l.ctbH, l.log2H = side>>l.subX, side>>l.subY, seq.Log2Ctb-l.subY
	l.stride = cols * l.ctbW
	l.pix = sized(l.pix, l.stride*l.ctbH*slots)
	for i := range l.bottom {
		l.bottom[i] = sized(l.bottom[i], l.stride)
	}
}

// sized returns s with n elements, of any value.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// Release lets go of what belongs to the caller.
func (p *Picture) Release() { p.sink, p.ctx, p.seq.Scaling = nil, nil, nil }

// Err is that of the context, looked at once for each row of coding tree blocks.
func (p *Picture) Err() error { return p.err }

// slot returns the place among the rows kept of a row of CTBs. Without tiles beside
// each other two are kept, and a division costs more than the look at that.
func (p *Picture) slot(row int) int {
	if p.slots == 2 {
		return row & 1
	}
	return row % p.slots
}

// lineAt returns the index in pix of line y, which must be among those kept.
func (p *Picture) lineAt(l *plane, y int) int {
	return (p.slot(y>>(l.log2H&7))<<(l.log2H&7) + y&(l.ctbH-1)) * l.stride
}

// row returns the samples of line y, which must be among those kept.
func (p *Picture) row(c, y int) []uint16 {
	l := &p.planes[c]
	at := p.lineAt(l, y)
	return l.pix[at : at+l.stride : at+l.stride]
}

// ctbAt returns what is known of a coding tree block.
func (p *Picture) ctbAt(x, y int) *ctb { return &p.ctbs[y%(p.slots+1)*p.cols+x] }

// blockAt returns the index in blocks of the 8x8 luma samples at x, y.
func (p *Picture) blockAt(x, y int) int {
	log2 := p.log2 & 7
	return (p.slot(y>>log2)<<log2+y&(p.side-1))>>3*p.blockRow + x>>3
}

// StartSlice begins a slice segment. What a dependent one says is what the slice
// said before.
func (p *Picture) StartSlice(s Slice, dependent bool) {
	p.slice = s
	if !dependent {
		p.sliceNo++
	}
	p.quant.startSlice(&s)
	p.setSliceQP(&s)
}

// StartCTU begins the coding tree unit at x, y, counted in units. fresh says that
// quantization starts from the QP of the slice: it is the first unit of a slice, of
// a tile, or of a row of a wavefront.
func (p *Picture) StartCTU(x, y, tile int, around Neighbours, fresh bool) {
	p.at, p.around = ctbPlace{x, y}, around
	c := p.ctbAt(x, y)
	*c = ctb{
		sliceNo: p.sliceNo, tile: int32(tile),
		beta: int8(p.slice.BetaOffset), tc: int8(p.slice.TcOffset),
		across: p.slice.AcrossSlices, deblock: p.slice.Deblock,
	}
	if fresh {
		p.lastQP = p.slice.QP
	}
	n := p.side >> 3
	i := p.blockAt(x<<p.log2, y<<p.log2)
	for range n {
		clear(p.blocks[i : i+n])
		i += p.blockRow
	}
}

// SetSAO states the offsets of one component of the coding tree unit.
func (p *Picture) SetSAO(comp int, s SAO) { p.ctbAt(p.at.x, p.at.y).sao[comp] = s }

// MergeSAO takes the offsets from the unit to the left, or above: of the components
// that the slice has any for.
func (p *Picture) MergeSAO(left, luma, chroma bool) {
	from := p.ctbAt(p.at.x, max(p.at.y-1, 0))
	if left {
		from = p.ctbAt(max(p.at.x-1, 0), p.at.y)
	}
	to := p.ctbAt(p.at.x, p.at.y)
	if luma {
		to.sao[0] = from.sao[0]
	}
	if chroma {
		to.sao[1], to.sao[2] = from.sao[1], from.sao[2]
	}
}

// EndCTU ends the coding tree unit. Whatever rows are done go to the sink.
func (p *Picture) EndCTU() {
	x, y := p.at.x, p.at.y
	for c := range p.comps {
		l := &p.planes[c]
		if last := (y+1)*l.ctbH - 1; last < l.h {
			from, to := x*l.ctbW, min((x+1)*l.ctbW, l.stride)
			copy(l.bottom[y&1][from:to], p.row(c, last)[from:to])
		}
	}
	if p.seq.TileRowCtbs == 0 && x == p.cols-1 && !p.worker {
		p.finish(y)
	}
}

// Join makes p a worker at a picture that another one has begun: p makes rows of coding
// tree units of its slice, beside other workers. Each row must stay two units behind the one
// above it, no more than Sequence.RowsAtOnce may be made at a time, and
// [Picture.FinishRow] is due behind each.
func (p *Picture) Join(of *Picture) {
	p.seq, p.sink, p.ctx, p.err = of.seq, nil, of.ctx, nil
	p.planes, p.comps = of.planes, of.comps
	p.log2, p.side, p.cols, p.rows, p.slots = of.log2, of.side, of.cols, of.rows, of.slots
	p.blocks, p.blockRow, p.ctbs = of.blocks, of.blockRow, of.ctbs
	p.slice, p.sliceNo, p.quant = of.slice, of.sliceNo, of.quant
	p.vector, p.worker = of.vector, true
}

// Leave ends what [Picture.Join] began: p keeps nothing of the picture.
func (p *Picture) Leave() {
	p.Release()
	p.planes, p.blocks, p.ctbs = [3]plane{}, nil, nil
}

// FinishRow says that a row that workers have made is complete. Rows are finished in
// their order, one at a time.
func (p *Picture) FinishRow(y int) error {
	p.finish(y)
	return p.err
}

// EndTileRow says that all coding tree units of the rows first..end-1 are there.
// It is for pictures whose tiles stand beside each other.
func (p *Picture) EndTileRow(first, end int) {
	for y := first; y < end; y++ {
		p.finish(y)
	}
}

// finish filters row y of the coding tree blocks, and hands out the lines that are
// done then: all but the last eight, which the row below changes and looks at.
func (p *Picture) finish(y int) {
	if p.err == nil {
		p.err = p.ctx.Err()
	}
	if p.err != nil {
		return
	}
	p.deblockRow(y)
	from, to := max(0, y*p.side-8), (y+1)*p.side-8
	if y == p.rows-1 {
		to = p.seq.Height
	}
	p.emit(from, to)
}
