package limits

import (
	"fmt"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
)

// Bombs claim sizes far over the limit of 220 million pixels.
func Bombs() []cases.Case {
	var all []cases.Case
	for _, f := range build.Formats {
		s := &cases.Suite{Format: f}
		for _, size := range [][2]int{{16383, 16383}, {16384, 16384}, {16000, 13751}} {
			s.Bad(fmt.Sprintf("bomb_%dx%d", size[0], size[1]), build.Bomb(f, size[0], size[1]), "more than 220,000,000 pixels claimed in under 1 KB")
		}
		all = append(all, s.Cases...)
	}
	s := &cases.Suite{Format: detect.PNG}
	s.Bad("bomb_2147483647x2147483647", build.Bomb(detect.PNG, 1<<31-1, 1<<31-1), "the largest claim PNG can make: 2^62 pixels")
	s.Bad("bomb_1x2147483647", build.Bomb(detect.PNG, 1, 1<<31-1), "a picture one pixel wide")
	all = append(all, s.Cases...)
	s = &cases.Suite{Format: detect.BMP}
	s.Bad("bomb_2147483647x2147483647", build.Bomb(detect.BMP, 1<<31-1, 1<<31-1), "the largest claim BMP can make")
	all = append(all, s.Cases...)
	s = &cases.Suite{Format: detect.JPEG}
	s.Bad("bomb_65535x65535", build.Bomb(detect.JPEG, 65535, 65535), "the largest claim JPEG can make")
	return append(all, s.Cases...)
}
