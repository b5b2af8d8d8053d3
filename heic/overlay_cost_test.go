package heic_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/internal/testenv"
)

// alphaType is the auxC of an alpha plane.
func alphaType() []byte {
	return mkfull("auxC", 0, 0, []byte("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\x00"))
}

// overlayData lays so many layers on red, each a sample beside the one before.
func overlayData(w, h uint64, layers int) []byte {
	data := cat([]byte{0, 0}, be(8, 0xffff_0000_0000_ffff), be(2, w), be(2, h))
	for i := range layers {
		data = append(data, cat(be(2, uint64(i%64)), be(2, uint64(i/64%64)))...)
	}
	return data
}

// sharedPlane is an overlay of different layers that name one alpha plane, a grid of side x side
// tiles.
func sharedPlane(layers int, side byte) []byte {
	n := uint64(side) * 64
	f := single()
	f.props = append(f.props, ispe(n, n), alphaType(), ispe(128, 128))
	f.items = append(f.items,
		heifItem{typ: "grid", data: gridData(side, side, n, n), idat: true, props: []byte{3, 4}},
		heifItem{typ: "iovl", data: overlayData(128, 128, layers), idat: true, props: []byte{5}})
	f.primary = 3
	var ids []int
	for range layers {
		f.items = append(f.items, heifItem{typ: "hvc1", data: unhex(tileStream), props: []byte{0x81, 2}})
		ids = append(ids, len(f.items))
	}
	f.ref("dimg", 2, slices.Repeat([]int{1}, int(side)*int(side))...)
	f.ref("dimg", 3, ids...)
	f.ref("auxl", 2, ids...)
	return f.bytes()
}

// overlayPlane is an overlay of one layer, named so many times, whose alpha plane is an overlay
// of side x side samples.
func overlayPlane(layers int, side uint64) []byte {
	f := single()
	f.props = append(f.props, ispe(side, side), alphaType(), ispe(128, 128))
	f.items = append(f.items,
		heifItem{typ: "iovl", data: overlayData(side, side, 1), idat: true, props: []byte{3, 4}},
		heifItem{typ: "iovl", data: overlayData(128, 128, layers), idat: true, props: []byte{5}},
		heifItem{typ: "hvc1", data: unhex(tileStream), props: []byte{0x81, 2}})
	f.primary = 3
	f.ref("dimg", 2, 4)
	f.ref("dimg", 3, slices.Repeat([]int{1}, layers)...)
	f.ref("auxl", 2, 1)
	return f.bytes()
}

// colouredLayer is an overlay of one layer with an alpha plane, a grid of side x side tiles in
// the colours of BT.709, which are no YCbCr of package image.
func colouredLayer(side byte) []byte {
	n := uint64(side) * 64
	f := single()
	f.props = append(f.props, ispe(n, n), alphaType(), mkbox("colr", []byte("nclx"), be(6, 1<<32|1<<16|1), []byte{0x80}))
	f.items = append(f.items,
		heifItem{typ: "grid", data: gridData(side, side, n, n), idat: true, props: []byte{3, 5}},
		heifItem{typ: "iovl", data: overlayData(n, n, 1), idat: true, props: []byte{3}},
		heifItem{typ: "hvc1", data: unhex(tileStream), props: []byte{0x81, 2, 4}})
	f.primary = 3
	f.ref("dimg", 2, slices.Repeat([]int{1}, int(side)*int(side))...)
	f.ref("dimg", 3, 2)
	f.ref("auxl", 4, 2)
	return f.bytes()
}

// An alpha plane is counted once, so it must be made once, and what it costs to blend is the
// pixels that show.
func TestCostOfAlphaPlanesIsBounded(t *testing.T) {
	testenv.OneGoroutine(t)
	for _, c := range []struct {
		name   string
		b      []byte
		pixels int
	}{
		{"a plane of 1,000 layers", sharedPlane(1000, 60), 3840*3840 + 1000*64*64},
		{"an overlay is the plane of a layer named 500 times", overlayPlane(500, 3000), 3000*3000 + 500*64*64},
		{"a layer with colours of its own", colouredLayer(30), 3 * 1920 * 1920},
	} {
		before := cputime.Used()
		_, err := heic.Decode(t.Context(), c.b, heic.Limits{})
		require.NoError(t, err, c.name)
		spent := (cputime.Used() - before).Seconds()
		require.Less(t, spent, 0.3+2e-7*float64(c.pixels), c.name)
	}
}

// counting is a context that is done once it was asked so many times.
type counting struct {
	context.Context
	asked, limit int
}

func (c *counting) Err() error {
	if c.asked++; c.asked > c.limit {
		return context.Canceled
	}
	return nil
}

// A picture can have all pixels that the limit allows: converting it and drawing it as a layer
// look at the context for each few rows, and end the call wherever it is done.
func TestDrawingLooksAtTheContext(t *testing.T) {
	const rows = 20 * 64
	asked := func(b []byte) int {
		ctx := &counting{t.Context(), 0, math.MaxInt}
		_, err := heic.Decode(ctx, b, heic.Limits{})
		require.NoError(t, err)
		return ctx.asked
	}
	plain, layers := asked(repeated(20, 20)), asked(colouredLayer(20))
	require.Greater(t, layers, plain+rows, "each row of the canvas, and strips of the layer")
	grid := single(mkbox("colr", []byte("nclx"), be(6, 1<<32|1<<16|1), []byte{0x80}))
	require.Greater(t, asked(grid.bytes()), asked(single().bytes())+60, "each row that is converted")
	for n := 1; n < layers; n += layers/50 + 1 {
		ctx := &counting{t.Context(), 0, n}
		img, err := heic.Decode(ctx, colouredLayer(20), heic.Limits{})
		require.ErrorIs(t, err, context.Canceled, "asked %d times", n)
		require.Nil(t, img)
	}
}
