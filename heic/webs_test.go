package heic_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
)

// web makes files of items that are made of each other, at random.
type web struct {
	*heif
	*rand.Rand
	sizes [][2]uint64 // of the properties from firstSize on
}

const (
	alphaProp = 3
	firstTurn = 4 // irot, irot, imir, clap, clap
	colour709 = 9
	firstSize = 10
)

func newWeb(r *rand.Rand) *web {
	w := &web{&heif{}, r, [][2]uint64{{64, 64}, {128, 128}, {33, 31}, {200, 90}, {32, 32}}}
	w.props = [][]byte{
		hvcC(), ispe(64, 64), alphaType(),
		irot(1), irot(2), imir(0), clap(32, 1, 32, 1, 0, 1, 0, 1), clap(33, 1, 31, 1, 1, 2, 1, 2),
		mkbox("colr", []byte("nclx"), be(6, 1<<32|1<<16|1), []byte{0x80}),
	}
	for _, s := range w.sizes {
		w.props = append(w.props, ispe(s[0], s[1]))
	}
	items := 3 + r.IntN(9)
	for id := 1; id <= items; id++ {
		w.items = append(w.items, w.item(id, items))
	}
	w.primary = items - r.IntN(3)
	return w
}

// any names an item: mostly one before id, so that few webs are circles.
func (w *web) any(id, items int) int {
	if w.IntN(25) == 0 {
		return 1 + w.IntN(items)
	}
	return 1 + w.IntN(max(1, id-1))
}

func (w *web) item(id, items int) heifItem {
	it := heifItem{typ: "hvc1", data: unhex(tileStream), props: []byte{0x81, 2}}
	size := w.IntN(len(w.sizes))
	kind := w.IntN(5)
	switch {
	case id == 1 || kind < 2:
	case kind == 2:
		it = heifItem{typ: "iden", noLoc: true, props: []byte{firstSize + byte(size)}}
		w.ref("dimg", id, w.any(id, items))
	case kind == 3:
		rows, cols := byte(1+w.IntN(3)), byte(1+w.IntN(3))
		width, height := uint64(cols)*64-uint64(w.IntN(40)), uint64(rows)*64-uint64(w.IntN(40))
		w.props = append(w.props, ispe(width, height))
		it = heifItem{typ: "grid", data: gridData(rows, cols, width, height), idat: true, props: []byte{byte(len(w.props))}}
		to := slices.Repeat([]int{w.any(id, items)}, int(rows)*int(cols))
		to[0] = w.any(id, items)
		w.ref("dimg", id, to...)
	default:
		s := w.sizes[size]
		data := cat([]byte{0, 0}, be(8, w.Uint64()), be(2, s[0]), be(2, s[1]))
		var to []int
		for range 1 + w.IntN(4) {
			data = append(data, cat(be(2, uint64(uint16(w.IntN(300)-150))), be(2, uint64(uint16(w.IntN(300)-150))))...)
			to = append(to, w.any(id, items))
		}
		it = heifItem{typ: "iovl", data: data, idat: true, props: []byte{firstSize + byte(size)}}
		w.ref("dimg", id, to...)
	}
	if w.IntN(3) == 0 {
		it.props = append(it.props, alphaProp)
		w.ref("auxl", id, w.any(id, items), 1+w.IntN(items))
	}
	if w.IntN(3) == 0 {
		it.props = append(it.props, 0x80|byte(firstTurn+w.IntN(5)))
	}
	if w.IntN(4) == 0 {
		it.props = append(it.props, colour709)
	}
	return it
}

// Whatever items are made of, and whatever lends them opacity: what Verify accepts has pixels, the
// same for every Limits.Parallel, at every scale.
func TestWebsOfItemsHavePixels(t *testing.T) {
	accepted, overlays := 0, 0
	for seed := range uint64(2000) {
		w := newWeb(rand.New(rand.NewPCG(seed, 17)))
		b := w.bytes()
		if _, err := heic.Verify(b, heic.Limits{}); err != nil {
			continue
		}
		accepted++
		if w.items[w.primary-1].typ == "iovl" {
			overlays++
		}
		want, err := heic.Decode(t.Context(), b, heic.Limits{})
		require.NoError(t, err, seed)
		got, err := heic.Decode(t.Context(), b, heic.Limits{Parallel: 4})
		require.NoError(t, err, seed)
		require.Equal(t, want, got, seed)
		small, err := heic.DecodeReduced(t.Context(), b, heic.Limits{Parallel: 2}, 8)
		require.NoError(t, err, seed)
		size := want.Bounds().Size()
		require.Equal(t, (size.X+7)/8, small.Bounds().Dx(), seed)
		require.Equal(t, (size.Y+7)/8, small.Bounds().Dy(), seed)
	}
	require.Greater(t, accepted, 500)
	require.Greater(t, overlays, 100)
}
