//go:build !purego

package inflate

import "github.com/imgvet/imgvet/internal/cpu"

// hasFastLoop tells whether this processor can run fastLoop.
var hasFastLoop = cpu.BMI()

// registers is what decodeSymbols takes and returns.
type registers struct {
	next         uint64
	count, out   uint
	pos, stop    int
	length, dist uint
	repeats      int // how often a longest match is to be followed by one before rare looks for a run
}

// decodeSymbols is the loop of (*Decoder).loop in assembly. It reads the tables and the stage of
// d, and writes to its buffer. It returns why it stopped.
//
//go:noescape
func decodeSymbols(d *Decoder, r *registers) int

// runAfter is the first value of repeats: to begin a run costs as much as some matches.
const runAfter = 16

// Why decodeSymbols returns.
const (
	loopDone    = iota // the position is stop, or the buffer is full
	loopRare           // the next symbol is for (*Decoder).rare; length is that of a match whose distance comes next, or 0
	loopFar            // the distance of the match just read is too far
	loopOverlap        // a long match of length and dist is to be copied; its bytes overlap those that it copies
)

// fastLoop does what loop does.
func (d *Decoder) fastLoop(stop int) {
	r := registers{next: d.bits, count: d.count, out: uint(d.out), pos: d.pos, stop: stop, repeats: runAfter}
	for ok := true; ok; {
		switch decodeSymbols(d, &r) {
		case loopDone:
			ok = false
		case loopRare:
			r.next, r.count, r.out, r.pos, ok = d.rare(r.next, r.count, r.out, r.pos, r.length)
			r.repeats = runAfter
		case loopFar:
			d.text, ok = tooFar, false
		case loopOverlap:
			copyMatch(&d.buffer, r.out, r.dist, r.length)
			r.out += r.length
		}
	}
	d.out, d.pos, d.bits, d.count = int(r.out), r.pos, r.next, r.count&63
}
