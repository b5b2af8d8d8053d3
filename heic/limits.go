package heic

import "github.com/imgvet/imgvet/internal/verify"

// DefaultMaxPixels is the pixel limit where [Limits] states none.
const DefaultMaxPixels = 220_000_000

// Limits bound what is accepted. The zero value holds the defaults.
type Limits struct {
	// MaxPixels is the most pixels, width*height, that the picture, or any
	// coded picture it is made of, may have; inclusive. 0 means DefaultMaxPixels.
	MaxPixels int64
	// Parallel is how many coded pictures (the tiles of a grid) Verify may read, and
	// Decode make, at a time, each in a goroutine of its own that ends before the
	// call returns; 0 means 1. Of a picture that is coded as a wavefront and is no
	// tile, Decode makes so many rows of coding tree units at a time, up to 8.
	//
	// Below 0 Verify reads at most -Parallel pictures at a time, and all but the first
	// only on processors (of GOMAXPROCS) that no other verification uses; Decode makes one.
	// Verdict and pixels are the same for every value.
	Parallel int
}

// maxParallel bounds the goroutines of one call.
const maxParallel = 64

func (l Limits) parallel() int { return min(max(l.Parallel, 1), maxParallel) }

// lookahead returns how many coded pictures Verify reads at a time, and whether all but the
// first need a spare processor.
func (l Limits) lookahead() (n int, spare bool) {
	if l.Parallel < 0 {
		return min(max(-l.Parallel, 1), maxParallel), true // the least int stays below 0
	}
	return l.parallel(), false
}

func (l Limits) maxPixels() int64 {
	if l.MaxPixels <= 0 {
		return DefaultMaxPixels
	}
	return min(l.MaxPixels, 1<<50)
}

func (l Limits) verify() verify.Limits { return verify.Limits{MaxPixels: l.maxPixels()} }

// coded is the limit on pictures that the shown one is made of: they may
// stand out of it, by the samples that a conformance window cuts away or by the
// rest of a tile.
func (l Limits) coded() verify.Limits {
	n := l.maxPixels()
	return verify.Limits{MaxPixels: n + n/8 + codedSlack}
}

// layersPerPixel bounds what an overlay costs: the pixels of all layers and
// tiles together may be so many times the pixel limit.
const layersPerPixel = 3

// codedSlack is how many pixels a coded picture may have beyond the limit: one
// tile of 1024x1024, the largest that encoders cut a picture into.
const codedSlack = 1 << 20
