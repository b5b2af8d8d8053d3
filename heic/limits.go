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
	// call returns; 0 means 1. Verdict and pixels are the same for every value.
	Parallel int
}

// maxParallel bounds the goroutines of one call.
const maxParallel = 64

func (l Limits) parallel() int { return min(max(l.Parallel, 1), maxParallel) }

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

// Bounds on what a container may hold. Each is far above what cameras and
// encoders write (a 48 MP iPhone picture has some 200 items, 120 references and
// 60 properties) and keeps the worst file cheap. Past one a file is refused
// with reason too_much_work.
const (
	maxItems        = 8192  // infe entries
	maxProperties   = 16384 // boxes in ipco; ipma can name 32,767 (14496-12, 8.11.14)
	maxReferences   = 16384 // boxes in iref
	maxExtents      = 65536 // extents of all items together
	maxItemExtents  = 4096  // extents of one item
	maxTopBoxes     = 4096  // boxes at file level
	maxBrands       = 64    // compatible brands read; the rest is ignored
	maxBoxDepth     = 10    // boxes in boxes, in moov
	maxTracks       = 64    // tracks of an image sequence
	maxDerivation   = 8     // derived items on top of each other
	maxConstruction = 4     // item_offset construction on top of itself
	maxParamSets    = 64    // NAL units in one hvcC; encoders write 3 to 5
	maxAssociations = 64    // properties of one item
)

// layersPerPixel bounds what an overlay costs: the pixels of all layers and
// tiles together may be so many times the pixel limit.
const layersPerPixel = 3

// codedSlack is how many pixels a coded picture may have beyond the limit: one
// tile of 1024x1024, the largest that encoders cut a picture into.
const codedSlack = 1 << 20
