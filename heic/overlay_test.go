package heic_test

import (
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/verify"
)

// translucentLayer is an overlay of 80x120 pixels on red: an opaque tile at 0, 0, and one at
// 8, 40 with an alpha plane, which is the tile's own luma, with more properties if asked.
func translucentLayer(props ...[]byte) *heif {
	f := overlayOf(80, 120)
	copy(f.items[2].data[18:], cat(be(2, 8), be(2, 40)))
	f.props = append(f.props, mkfull("auxC", 0, 0, []byte("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\x00")))
	f.props = append(f.props, props...)
	links := []byte{0x81, 2, 0x84}
	for i := range props {
		links = append(links, 0x80|byte(5+i))
	}
	f.items = append(f.items, heifItem{typ: "hvc1", data: unhex(tileStream), props: links})
	f.ref("auxl", 4, 2)
	return f
}

// blended is what libheif's blending makes of two colours.
func blended(over, under color.NRGBA, alpha uint8) color.NRGBA {
	mix := func(a, b uint8) uint8 { return uint8((int(a)*int(alpha) + int(b)*(255-int(alpha))) / 255) }
	return color.NRGBA{R: mix(over.R, under.R), G: mix(over.G, under.G), B: mix(over.B, under.B), A: 255}
}

func TestLayersAreBlended(t *testing.T) {
	base := decode(t, single().bytes()).(*image.YCbCr)
	at := func(x, y int) color.NRGBA { return color.NRGBAModel.Convert(base.At(x, y)).(color.NRGBA) }
	samples, err := heic.Samples(t.Context(), single().bytes())
	require.NoError(t, err)
	for _, c := range []struct {
		name  string
		props [][]byte
		alpha func(x, y int) uint8
	}{
		{"alpha of the layer's size", nil, func(x, y int) uint8 { return samples.Y[samples.YOffset(x, y)] }},
		{"alpha of half the size", [][]byte{clap(32, 1, 32, 1, 0, 1, 0, 1)}, func(x, y int) uint8 { return samples.Y[samples.YOffset(16+x/2, 16+y/2)] }},
		{"alpha turned", [][]byte{irot(2)}, func(x, y int) uint8 { return samples.Y[samples.YOffset(63-x, 63-y)] }},
	} {
		got := decode(t, translucentLayer(c.props...).bytes()).(*image.NRGBA)
		seen := map[uint8]bool{}
		for y := range 64 {
			for x := range 64 {
				under := color.NRGBA{R: 255, A: 255}
				if y+40 < 64 && x+8 < 64 {
					under = at(x+8, y+40)
				}
				seen[c.alpha(x, y)] = true
				require.Equal(t, blended(at(x, y), under, c.alpha(x, y)), got.NRGBAAt(x+8, y+40), "%s: %d, %d", c.name, x, y)
			}
		}
		require.Greater(t, len(seen), 10, "%s: an alpha plane that tells places apart", c.name)
	}
}

// TestTranslucentLayersAreBlended: the colours of a layer that is itself translucent do not mix
// with those of the row above.
func TestTranslucentLayersAreBlended(t *testing.T) {
	f := translucentLayer()
	f.props = append(f.props, ispe(64, 64))
	inner := cat([]byte{0, 0}, be(8, 0x0000_0000_ffff_8080), be(2, 64), be(2, 64), be(2, 0), be(2, 0xffe0)) // half blue
	f.items = append(f.items, heifItem{typ: "iovl", data: inner, idat: true, props: []byte{5}})
	f.items[1] = heifItem{typ: "hvc1", data: unhex(tileStream), props: []byte{0x81, 2}}
	f.refs = nil
	f.ref("dimg", 5, 2)
	f.ref("dimg", 3, 1, 5)
	f.ref("auxl", 4, 5)
	samples, err := heic.Samples(t.Context(), single().bytes())
	require.NoError(t, err)
	got := decode(t, f.bytes()).(*image.NRGBA)
	for y := 32; y < 64; y++ {
		for x := range 64 {
			want := blended(color.NRGBA{B: 255}, color.NRGBA{R: 255, A: 255}, samples.Y[samples.YOffset(x, y)])
			require.Equal(t, want, got.NRGBAAt(x+8, y+40), "%d, %d", x, y)
		}
	}
}

// TestLayersAreBlendedAsLibheifDoes compares with heif-convert.
func TestLayersAreBlendedAsLibheifDoes(t *testing.T) {
	convert := tool(t, "heif-convert")
	f := translucentLayer()
	for _, i := range []int{0, 1, 3} {
		f.items[i].hidden = true
	}
	b := f.bytes()
	want, got := heifConvert(t, convert, "overlay with alpha", b), decode(t, b)
	require.NotNil(t, want)
	require.Equal(t, want.Bounds().Size(), got.Bounds().Size())
	require.Less(t, meanDifference(want, got), 1.0)
	opaque := translucentLayer()
	opaque.refs = opaque.refs[:1]
	require.Greater(t, meanDifference(want, decode(t, opaque.bytes())), 5.0, "without its alpha plane the file looks otherwise")
}

// TestLayersShowInPart: a layer that stands out of the canvas on any side is drawn where it
// would be without the canvas's edge.
func TestLayersShowInPart(t *testing.T) {
	whole := translucentLayer()
	place := func(x, y int16) {
		copy(whole.items[2].data[18:], cat(be(2, uint64(uint16(x))), be(2, uint64(uint16(y)))))
	}
	layer := func(x, y int16) *image.NRGBA {
		place(x, y)
		return decode(t, whole.bytes()).(*image.NRGBA)
	}
	full := layer(8, 50) // wholly on the fill colour from y = 64 on
	for _, at := range []image.Point{{-1, 70}, {-7, 90}, {-30, 64}, {30, 65}, {41, 99}, {79, 119}, {-63, 119}} {
		got := layer(int16(at.X), int16(at.Y))
		for y := 64; y < 120; y++ {
			for x := range 80 {
				want, from := color.NRGBA{R: 255, A: 255}, image.Pt(x, y).Sub(at).Add(image.Pt(8, 50))
				if image.Pt(x, y).In(image.Rectangle{Min: at, Max: at.Add(image.Pt(64, 64))}) {
					if from.Y < 64 {
						continue // over the other tile there
					}
					want = full.NRGBAAt(from.X, from.Y)
				}
				require.Equal(t, want, got.NRGBAAt(x, y), "layer at %v: %d, %d", at, x, y)
			}
		}
	}
	for _, at := range []image.Point{{-1, -1}, {-63, -63}, {-64, 0}, {80, 0}, {0, 120}, {-30000, 30000}} {
		require.Equal(t, color.NRGBA{R: 255, A: 255}, layer(int16(at.X), int16(at.Y)).NRGBAAt(70, 70), "%v", at)
	}
}

// TestAlphaOfALayerIsVerified: what viewers blend with must be sound, though the shown picture
// itself has no alpha plane.
func TestAlphaOfALayerIsVerified(t *testing.T) {
	f := translucentLayer()
	data := f.items[3].data
	f.items[3].data = append(data[:len(data)-9:len(data)-9], make([]byte, 9)...)
	_, err := heic.Verify(f.bytes(), heic.Limits{})
	require.Error(t, err)

	f = translucentLayer()
	f.items[3].props = []byte{2, 4}
	_, err = heic.Verify(f.bytes(), heic.Limits{})
	refused(t, err, verify.Malformed)

	f = translucentLayer()
	f.refs = f.refs[:1]
	f.items[3].props = []byte{2, 4}
	info, err := heic.Verify(f.bytes(), heic.Limits{})
	require.NoError(t, err, "the plane of nothing shown")
	require.NotEmpty(t, info.Warnings)

	f = translucentLayer()
	f.ref("auxl", 4, 4) // its own
	f.items[3].typ = "iden"
	f.items[3].noLoc = true
	f.items[3].props = []byte{2, 4}
	f.ref("dimg", 4, 2)
	_, err = heic.Verify(f.bytes(), heic.Limits{})
	require.NoError(t, err, "the layer is its own alpha plane")
	decode(t, f.bytes())

	f.refs = f.refs[:len(f.refs)-1]
	f.ref("dimg", 4, 3) // the overlay is a layer's alpha plane
	_, err = heic.Verify(f.bytes(), heic.Limits{})
	refused(t, err, verify.Malformed)
}
