package heic_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/verify"
)

// deepReuse is an overlay of two layers: a chain of identities that is down deep, and one that is
// up deeper and ends in the first.
func deepReuse(down, up int) []byte {
	f := single()
	first := 2 // 2..down+1 derive each from the next, the last from the tile
	for i := range down {
		f.items = append(f.items, heifItem{typ: "iden", noLoc: true, props: []byte{2}})
		to := first + i + 1
		if i == down-1 {
			to = 1
		}
		f.ref("dimg", first+i, to)
	}
	second := first + down
	for i := range up {
		f.items = append(f.items, heifItem{typ: "iden", noLoc: true, props: []byte{2}})
		to := second + i + 1
		if i == up-1 {
			to = first
		}
		f.ref("dimg", second+i, to)
	}
	f.props = append(f.props, ispe(128, 128))
	f.items = append(f.items, heifItem{typ: "iovl", data: overlayData(128, 128, 2), idat: true, props: []byte{3}})
	f.primary = len(f.items)
	f.ref("dimg", f.primary, first, second)
	return f.bytes()
}

// deepPlane is an overlay of a layer with an alpha plane that is down identities deep, and of
// an overlay, up identities deep, of another layer with that plane.
func deepPlane(down, up int) []byte {
	f := single()
	f.props = append(f.props, ispe(128, 128), alphaType())
	add := func(it heifItem) int { f.items = append(f.items, it); return len(f.items) }
	iden := func(n, to int) int {
		for range n {
			id := add(heifItem{typ: "iden", noLoc: true, props: []byte{2}})
			f.ref("dimg", id, to)
			to = id
		}
		return to
	}
	tile := heifItem{typ: "hvc1", data: unhex(tileStream), props: []byte{0x81, 2}}
	plane := iden(down, add(tile))
	f.items[plane-1].props = append(f.items[plane-1].props, 4)
	shallow, deep := add(tile), add(tile)
	f.ref("auxl", plane, shallow, deep)
	inner := add(heifItem{typ: "iovl", data: overlayData(64, 64, 1), idat: true, props: []byte{2}})
	f.ref("dimg", inner, deep)
	f.primary = add(heifItem{typ: "iovl", data: overlayData(128, 128, 2), idat: true, props: []byte{3}})
	f.ref("dimg", f.primary, shallow, iden(up, inner))
	return f.bytes()
}

// manyExtents is a grid of 4x4 tiles, each of 4,096 extents, most of no byte.
func manyExtents() []byte {
	f := gridOf(4, 4, 256, 256)
	for i := range 16 {
		f.items[i].extents = 4095
	}
	return f.bytes()
}

// All that Verify accepts has pixels, however often and how deep it names its items.
func TestAllThatIsAcceptedHasPixels(t *testing.T) {
	for _, c := range []struct {
		name string
		b    []byte
		good bool
	}{
		{"an item as deep as may be at its second place", deepReuse(3, 4), true},
		{"an item one deeper", deepReuse(3, 5), false},
		{"a coded picture too deep at its second place", deepReuse(1, 8), false},
		{"a plane as deep as may be", deepPlane(3, 3), true},
		{"a plane one deeper", deepPlane(3, 4), false},
		{"a plane too deep at its second place", deepPlane(6, 3), false},
		{"65,520 extents", manyExtents(), true},
	} {
		_, err := heic.Verify(c.b, heic.Limits{})
		if !c.good {
			require.Error(t, err, c.name)
			refused(t, err, verify.TooMuchWork)
			continue
		}
		require.NoError(t, err, c.name)
		for _, scale := range []int{1, 2} {
			_, err = heic.DecodeReduced(t.Context(), c.b, heic.Limits{}, scale)
			require.NoError(t, err, c.name)
		}
	}
}

// Names of items that are not there take no memory.
func TestReferencesTakeNoMemory(t *testing.T) {
	for _, typ := range []string{"dimg", "auxl"} {
		f := translucentLayer()
		f.refs = nil
		refs := [][]byte{
			mkbox("dimg", be(4, 3), be(2, 2), be(4, 1), be(4, 2)),
			mkbox("auxl", be(4, 4), be(2, 1), be(4, 2)),
		}
		id := uint64(1000)
		for i := range 8 {
			from := 4 // the alpha plane
			if typ == "dimg" {
				from = 100 + i
			}
			p := cat(be(4, uint64(from)), be(2, 65535))
			for range 65535 {
				p = append(p, be(4, id)...)
				id++
			}
			refs = append(refs, mkbox(typ, p))
		}
		f.extra = [][]byte{mkfull("iref", 1, 0, refs...)}
		b := f.bytes()
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, err := heic.Decode(t.Context(), b, heic.Limits{})
		runtime.ReadMemStats(&after)
		require.NoError(t, err)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20), typ)
	}
}
