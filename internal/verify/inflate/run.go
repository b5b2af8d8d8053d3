package inflate

// A run is one longest match after the other, all with the same distance: the
// same few bits again and again, for data that repeats with the distance as its
// period. Flat pictures are made of it, and bombs, where a megabyte of bits may
// stand for a gigabyte. The bits are counted without decoding them, and once the
// buffer is full of the run, one span of whole periods is lent again and again.
type run struct {
	token   uint64 // the bits of one match
	size    uint   // how many they are
	period  int
	pending int  // bytes counted and not yet in the buffer
	filled  int  // bytes of the run at the end of the buffer
	step    step // checksum of the span that is lent again, n is 0 if there is none
}

const (
	// The caller may stop asking, so that no more is counted ahead than this.
	maxPending = 1 << 20
	// A span that is worth to be lent again.
	minAgain = 16 << 10
)

// startRun looks whether a match of the greatest length and the distance dist,
// which was just decoded, comes again in next.
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
	// Not all of these bits need to be there. countRun looks at them again.
	d.run = run{token: next & (1<<size - 1), size: size, period: int(dist)}
	d.state = inRun
	return true
}

// countRun takes what comes next of the run, up to maxPending.
func (d *Decoder) countRun() {
	r := &d.run
	mask := uint64(1)<<r.size - 1
	for r.pending < maxPending && !d.overrun() {
		d.refill()
		if d.bits&mask != r.token {
			return
		}
		for d.count >= r.size && d.bits&mask == r.token {
			d.take(r.size)
			r.pending += maxMatch
		}
	}
}

// repeat writes what is pending of the run, as far as the buffer goes.
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
	// What is copied doubles with each copy, since it is periodic too.
	for from := d.out - r.period; n > 0; {
		k := copy(d.buffer[d.out:d.out+n], d.buffer[from:d.out])
		d.out += k
		n -= k
	}
}

// again returns the span that the run goes on with, if it is one that already
// stands at the end of the buffer.
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
