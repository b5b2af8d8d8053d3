package heic_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/internal/testenv"
)

// repeatedLayers is an overlay that names one item for all of its layers.
func repeatedLayers(layers int, w, h uint64) []byte {
	f := single()
	f.props = append(f.props, ispe(w, h))
	data := cat([]byte{0, 0}, be(8, 0xffff_0000_0000_ffff), be(2, w), be(2, h))
	for i := range layers {
		data = append(data, cat(be(2, uint64(i%64)), be(2, uint64(i/64%64)))...)
	}
	f.items = append(f.items, heifItem{typ: "iovl", data: data, idat: true, props: []byte{3}})
	f.primary = 2
	f.ref("dimg", 2, slices.Repeat([]int{1}, layers)...)
	return f.bytes()
}

// repeatedGrids is a grid of grids, of which each names one item in all of its places.
func repeatedGrids(inner, outer byte) []byte {
	side, whole := uint64(inner)*64, uint64(inner)*uint64(outer)*64
	f := single()
	f.props = append(f.props, ispe(side, side), ispe(whole, whole))
	f.items = append(f.items,
		heifItem{typ: "grid", data: gridData(inner, inner, side, side), idat: true, props: []byte{3}},
		heifItem{typ: "grid", data: gridData(outer, outer, whole, whole), idat: true, props: []byte{4}})
	f.primary = 3
	f.ref("dimg", 2, slices.Repeat([]int{1}, int(inner)*int(inner))...)
	f.ref("dimg", 3, slices.Repeat([]int{2}, int(outer)*int(outer))...)
	return f.bytes()
}

// What asking for pixels costs is bounded by the pixels that are shown, and by those of
// layers, which verification counts: never by how often an item is named. Processor time
// is held below what an honest picture of so many pixels may take, with room for
// the race detector and a busy machine.
func TestCostOfPixelsIsBounded(t *testing.T) {
	testenv.OneGoroutine(t)
	files := append(goodFiles(t), hostileFiles()...)
	files = append(files,
		good{"a tile named 2,500 times", repeated(50, 50)},
		good{"a tile named 23,870 times", repeated(154, 155)},
		good{"a layer named 10,000 times", repeatedLayers(10000, 128, 128)},
		good{"grids of grids", repeatedGrids(8, 8)},
	)
	accepted := 0
	for _, f := range files {
		info, err := heic.Verify(f.b, heic.Limits{})
		if err != nil {
			continue
		}
		accepted++
		layers := 0
		for _, it := range info.Items {
			if it.Role == heic.RolePrimary && it.Type == "iovl" {
				layers = heic.DefaultMaxPixels / 2 // its layers count by themselves
			}
		}
		pixels := info.Width*info.Height + layers
		for _, scale := range []int{1, 8} {
			if !testenv.Long() && pixels > 4<<20 && (scale == 1 || pixels > 16<<20) {
				continue // seconds each
			}
			before := cputime.Used()
			_, err = heic.DecodeReduced(t.Context(), f.b, heic.Limits{}, scale)
			require.NoError(t, err, f.name)
			spent := (cputime.Used() - before).Seconds()
			// An honest picture of noise takes 0.1 µs a pixel, a smooth one 0.03.
			require.Less(t, spent, 0.5+1e-6*float64(pixels), "%s at 1/%d", f.name, scale)
		}
	}
	require.Greater(t, accepted, 40)
}
