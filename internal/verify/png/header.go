package png

import (
	"math"

	"github.com/imgvet/imgvet/internal/cursor"
	"github.com/imgvet/imgvet/internal/verify"
)

// Colour types (PNG 3rd ed., table 8).
const (
	grayscale      = 0
	truecolour     = 2
	indexedColour  = 3
	grayscaleAlpha = 4
	truecolorAlpha = 6
)

// header is the contents of IHDR.
type header struct {
	width, height int64
	depth         uint8 // bits per sample, or per palette index
	colour        uint8
	interlaced    bool
}

// libpng refuses wider and higher pictures unless the program raises its limit
// (PNG_USER_WIDTH_MAX). Browsers and ImageMagick do not raise it beyond this.
const maxSide = 1_000_000

const ihdrLen = 13

// parseHeader reads and checks IHDR (11.2.1). It checks the pixel limit before anything costly.
func parseHeader(c chunk, lim verify.Limits) (header, error) {
	if len(c.data) != ihdrLen {
		return header{}, verify.Faultf(verify.Malformed, c.at, "IHDR of %d bytes", len(c.data))
	}
	r := cursor.New(c.data, c.dataAt())
	h := header{width: int64(r.Uint32BE("width")), height: int64(r.Uint32BE("height"))}
	h.depth, h.colour = r.Uint8("bit depth"), r.Uint8("colour type")
	compression, filter, interlace := r.Uint8("compression method"), r.Uint8("filter method"), r.Uint8("interlace method")

	if h.width > math.MaxInt32 || h.height > math.MaxInt32 {
		return h, verify.Faultf(verify.Malformed, c.dataAt(), "IHDR: width or height over 2^31-1")
	}
	if err := verify.CheckSize(h.width, h.height, lim, c.dataAt()); err != nil {
		return h, err
	}
	if side := max(h.width, h.height); side > maxSide {
		f := verify.Faultf(verify.Unsupported, c.dataAt(), "IHDR: side of %d pixels", side)
		f.Limit, f.Got = maxSide, side
		return h, f
	}
	if !legalDepth(h.colour, h.depth) {
		return h, verify.Faultf(verify.Malformed, c.dataAt()+8, "IHDR: colour type %d with %d bits", h.colour, h.depth)
	}
	if compression != 0 || filter != 0 || interlace > 1 {
		return h, verify.Faultf(verify.Malformed, c.dataAt()+10,
			"IHDR: compression %d, filter %d, interlace %d", compression, filter, interlace)
	}
	h.interlaced = interlace == 1
	return h, nil
}

// legalDepth reports whether table 8 allows this depth with this colour type.
func legalDepth(colour, depth uint8) bool {
	switch colour {
	case grayscale:
		return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16
	case indexedColour:
		return depth == 1 || depth == 2 || depth == 4 || depth == 8
	case truecolour, grayscaleAlpha, truecolorAlpha:
		return depth == 8 || depth == 16
	}
	return false
}

// samples returns the number of samples in a pixel.
func (h header) samples() int64 {
	switch h.colour {
	case truecolour:
		return 3
	case grayscaleAlpha:
		return 2
	case truecolorAlpha:
		return 4
	}
	return 1
}
