package inflate

// A run is a sequence of longest matches with one distance: the same few bits again and again,
// for data whose period is the distance. Flat pictures consist of runs, and so do bombs, where a
// megabyte of bits may stand for a gigabyte. The bits are counted without decoding them. Once
// the buffer is full of the run, one span of whole periods is lent to the caller again and
// again.
type run struct {
	token   uint64 // the bits of one match
	size    uint   // how many bits token has
	period  int
	pending int  // bytes counted but not yet in the buffer
	filled  int  // bytes of the run at the end of the buffer
	step    step // checksum of the span that is lent again; its n is 0 if there is none
}

const (
	// The caller may stop asking, so we count no further ahead than this.
	maxPending = 1 << 20
	// The shortest span worth lending again.
	minAgain = 16 << 10
)

// startRun checks whether the match just decoded, of the greatest length and the distance dist,
// comes again in next.
func (d *Decoder) startRun(next uint64, dist uint) bool {
	e := d.codes.lit[next&litMask]
	if e&(isLength|special) != isLength|special || e.value(next) != maxMatch {
		return false
	}
	size := uint(e & dropBits)
	e = d.codes.dist[next>>size&distMask]
	if e == longDistance || e>>baseShift == noDistance>>baseShift || e.value(next>>size) != dist {
		return false
	}
	size += uint(e & dropBits)
	// Some of these bits may be past the end of the input. countRun checks them again.
	d.run = run{token: next & (1<<size - 1), size: size, period: int(dist)}
	d.state = inRun
	return true
}

// countRun counts the matches of the run that come next, up to maxPending bytes.
func (d *Decoder) countRun() {
	r := &d.run
	mask := uint64(1)<<r.size - 1
	for r.pending < maxPending && !d.overrun() {
		d.refill()
		if d.bits&mask != r.token {
			return
		}
		for d.count >= r.size && d.bits&mask == r.token {
			if d.take(r.size); d.overrun() {
				return
			}
			r.pending += maxMatch
		}
	}
}

// repeat writes the pending bytes of the run to the buffer, as far as they fit.
func (d *Decoder) repeat() {
	r := &d.run
	if r.pending == 0 {
		d.countRun()
		if r.pending == 0 {
			d.state = inCodes
			return
		}
	}
	r.step = step{}
	n := min(r.pending, spanEnd-d.out)
	r.pending -= n
	r.filled += n
	// Each copy doubles the bytes to copy, since they repeat too.
	for from := d.out - r.period; n > 0; {
		k := copy(d.buffer[d.out:d.out+n], d.buffer[from:d.out])
		d.out += k
		n -= k
	}
}

// again returns the next span of the run if such a span is already at the end of the buffer, or
// nil.
func (d *Decoder) again() []byte {
	r := &d.run
	n := r.filled - r.filled%r.period
	if n < minAgain {
		return nil
	}
	if r.pending < n {
		d.countRun()
	}
	if r.pending < n {
		return nil
	}
	r.pending -= n
	span := d.buffer[d.out-n : d.out : d.out]
	if r.step.n == 0 {
		r.step = measure(span)
	}
	d.adler = d.adler.add(r.step)
	return span
}
