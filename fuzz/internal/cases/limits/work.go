package limits

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/heif"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
)

// Work are small files that name one coded picture thousands of times, up to and over
// what each repeat may cost: it counts as a picture that is drawn.
func Work() []cases.Case {
	s := &cases.Suite{Format: detect.HEIC}
	c := heif.Seed("tile.heic")
	for _, h := range []int{13750, 13751} {
		const w = 16000 // 250 tiles
		name := fmt.Sprintf("pixels_%d_repeated", w*h)
		b := heif.Repeated(c, (h+63)/64, w/64, w, h).Bytes()
		const why = "a grid that names one tile 53,750 times: at most 220,000,000 pixels"
		if w*h <= 220_000_000 {
			s.Good(name, b, why)
		} else {
			s.Bad(name, b, why)
		}
	}
	// A layer is a grid of 16x16 tiles, whose pixels count when they are decoded and when
	// they are laid down: 2,097,152 of them. Three times the limit of pixels, and a tile
	// of 2^20 pixels, is 661,048,576.
	const why = "an overlay that names one grid of a million pixels: all layers have at most three times 220,000,000"
	s.Good("layers_repeated_315", heif.RepeatedLayers(c, 16, 315, 128, 96).Bytes(), why)
	s.Bad("layers_repeated_316", heif.RepeatedLayers(c, 16, 316, 128, 96).Bytes(), why)
	alpha := heif.WithAlpha(heif.RepeatedLayers(c, 16, 315, 128, 96), 500, heif.Seed("gray.heic"))
	s.Good("layers_repeated_alpha", alpha.Bytes(), why+"; each is blended by an alpha plane that is stretched over it")
	return s.Cases
}
