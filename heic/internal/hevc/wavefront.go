package hevc

import (
	"errors"
	"sync"

	"github.com/imgvet/imgvet/heic/internal/recon"
)

// maxWavefrontRows bounds the rows of a wavefront that are made at a time, and with them the
// rows of samples that are kept.
const maxWavefrontRows = 8

// wavefrontWorkers returns how many rows of the picture's coding tree units may be made at a
// time; 0 where that is not asked for, or rows depend on more than the row above.
func (d *decoder) wavefrontWorkers() int {
	s, p := d.sps, d.pps
	// A row is two units behind the one above: more than half of a row's units are never
	// under way. Dependent slice segments and offsets of chroma QPs carry on from one row
	// into the next.
	n := min(d.rec.parallel, maxWavefrontRows, s.ctbRows, (s.ctbCols+1)/2)
	if n < 2 || !p.wavefront || p.tiles || p.dependentSlices || p.chromaQPListLen > 0 {
		return 0
	}
	return n
}

// rowsAtOnce returns the rows of a slice segment that holds the whole picture, or the most of
// it, as encoders write wavefronts; nil if it is not one, or is to be read one unit after
// the other.
func (d *decoder) rowsAtOnce() []wavefrontRow {
	entries := d.hdr.entries
	if d.wavefrontWorkers() == 0 || d.at != (place{}) || int64(entries.left) != int64(d.sps.ctbRows-1) {
		return nil
	}
	rows := make([]wavefrontRow, d.sps.ctbRows)
	at := int64(d.hdr.dataStart)
	for i := range rows {
		if i > 0 {
			at += entries.next()
		}
		if at >= int64(len(d.unit)) {
			return nil // a fault: whoever reads one unit after the other finds the first one
		}
		rows[i].start = int(at)
		rows[i].units = make(chan struct{}, d.sps.ctbCols)
		rows[i].finished = make(chan struct{})
	}
	return rows
}

// wavefrontRow is a row of coding tree units that is read beside others.
type wavefrontRow struct {
	start    int           // of its substream, in the NAL unit
	d        *decoder      // of its worker, which goes on to another row only when the row below has taken what it needs
	units    chan struct{} // gets one for each unit that is made, and is closed when no more will come
	finished chan struct{} // closed when the row, and all above, are filtered and handed out, or never will be
	complete bool          // they are; set before that
	err      error
	panicked any
}

// errRowAbove is the fault of rows below one that has the fault.
var errRowAbove = errors.New("hevc: a row above has a fault")

// wavefrontRows reads the rows of a slice segment, each in one of a few goroutines, all of which
// have ended when it returns. The fault is that of the uppermost row that has one, which
// is what reading one unit after the other finds first.
func (d *decoder) wavefrontRows(rows []wavefrontRow) error {
	workers := make([]*decoder, d.wavefrontWorkers())
	for i := range workers {
		workers[i] = decoders.Get().(*decoder)
		workers[i].joins(d, rowSamples.Get().(*samples))
	}
	var group sync.WaitGroup
	for i, w := range workers {
		group.Go(func() {
			for y := i; y < len(rows); y += len(workers) {
				w.wavefrontRow(&d.rec.Picture, rows, y)
			}
		})
	}
	group.Wait()
	d.tiling = workers[(len(rows)-1)%len(workers)].tiling // where the slice segment has ended
	for _, w := range workers {
		w.rec.Leave()
		rowSamples.Put(w.rec)
		w.release()
		decoders.Put(w)
	}
	for i := range rows {
		switch r := &rows[i]; {
		case r.panicked != nil:
			panic(r.panicked)
		case r.err != nil:
			return r.err
		}
	}
	return nil
}

// rowSamples holds what workers need beside a decoder. They have no samples of their own.
var rowSamples = sync.Pool{New: func() any { return new(samples) }}

// joins makes d a worker at the slice segment of another decoder.
func (d *decoder) joins(of *decoder, s *samples) {
	d.sps, d.pps, d.hdr, d.unit, d.base, d.unitType = of.sps, of.pps, of.hdr, of.unit, of.base, of.unitType
	d.derived, d.tiling, d.sliceStart, d.err = of.derived, of.tiling, of.sliceStart, nil
	d.rec = s
	s.Join(&of.rec.Picture)
}

// wavefrontRow reads row y as a worker, and tells the row below of each unit. p is the
// picture that is made.
func (d *decoder) wavefrontRow(p *recon.Picture, rows []wavefrontRow, y int) {
	r := &rows[y]
	r.d = d
	defer func() {
		// A panic in a goroutine of its own would end the program, past any recover of
		// the caller's.
		r.panicked = recover()
		close(r.units)
		close(r.finished)
	}()
	if r.err = d.unitsOfRow(rows, y); r.err != nil {
		return
	}
	if y > 0 && !rows[y-1].wait() {
		r.err = errRowAbove
		return
	}
	if d.at.x == 0 { // else the slice segment ends within the row
		r.err = p.FinishRow(y)
	}
	r.complete = r.err == nil
}

// wait waits until the row, and all above, are handed out. It returns false if they
// will not be.
func (r *wavefrontRow) wait() bool {
	<-r.finished
	return r.complete
}

// unitsOfRow reads the coding tree units of row y.
func (d *decoder) unitsOfRow(rows []wavefrontRow, y int) error {
	r := &rows[y]
	d.at = place{0, 0, y}
	d.newTile, d.newRow, d.done = y == 0, true, false
	ready := 0 // units of the row above that are there
	for x := range d.sps.ctbCols {
		if y > 0 {
			above := &rows[y-1]
			for ready < min(x+2, d.sps.ctbCols) {
				if _, ok := <-above.units; !ok {
					return errRowAbove
				}
				ready++
			}
			d.takeFrom(above.d, x)
		}
		if x == 0 {
			if err := d.engine.start(d.unit, r.start, d.base); err != nil {
				return err
			}
			d.startContexts(false)
		}
		last, err := d.unitOfSlice()
		if err != nil {
			return err
		}
		r.units <- struct{}{} // never waits: there is room for all
		if last {
			return d.endOfRows(rows, y)
		}
	}
	if y == len(rows)-1 {
		return d.misplaced("slice data goes on behind the last coding tree unit")
	}
	end, err := d.endSubstream()
	if err == nil && end != rows[y+1].start {
		err = d.misplaced(wrongEntry)
	}
	return err
}

// takeFrom takes over what the unit at x needs of the row above.
func (d *decoder) takeFrom(above *decoder, x int) {
	if x == 0 && d.sps.ctbCols > 1 {
		d.wavefront = above.wavefront
	}
	side := 1 << d.sps.log2Ctb >> 3
	from, to := x*side, min((x+1)*side, len(d.depthAbove))
	copy(d.depthAbove[from:to], above.depthAbove[from:to])
}

// endOfRows ends the slice segment in row y.
func (d *decoder) endOfRows(rows []wavefrontRow, y int) error {
	if y < len(rows)-1 {
		return d.misplaced("too many entry points")
	}
	end, err := d.engine.finish(d.base)
	if err != nil {
		return err
	}
	return checkZeroWords(d.unit, end, d.base)
}
