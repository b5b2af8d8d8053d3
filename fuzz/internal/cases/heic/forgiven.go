package heic

import (
	"slices"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/heif"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
)

// Forgiven are on both sides of the line between what real encoders, cameras and proxies
// write and what only damage looks like.
func Forgiven() []cases.Case {
	s := &cases.Suite{Format: detect.HEIC}
	c := heif.Seed("tile.heic")
	behind := func(tail ...byte) []byte {
		longer := c
		longer.Data = append(slices.Clone(c.Data), tail...)
		return longer.Still().Bytes()
	}
	s.Warned("nal_length_0_behind", behind(0, 0, 0, 0), "libheif passes over a unit of no byte")
	s.Bad("nal_length_cut_behind", behind(0, 0), "14496-15 4.3.2: lengths fill the item")
	return s.Cases
}
