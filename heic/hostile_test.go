package heic_test

import (
	"bytes"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
)

// hostileFiles are containers that claim much and hold little. Built here, never
// stored.
func hostileFiles() []good {
	var files []good
	add := func(name string, b []byte) { files = append(files, good{name, b}) }

	huge := single()
	huge.props[1] = ispe(16383, 16383)
	add("ispe of 16383x16383", huge.bytes())
	add("grid of 65535x65535", gridOf(1, 1, 65535, 65535).bytes())
	add("box of 2^63 bytes", cat(single().bytes(), be(4, 1), []byte("moov"), be(8, 1<<63)))
	add("boxes of 8 bytes", cat(single().bytes(), bytes.Repeat(mkbox("free"), 1<<17)))

	add("65,535 items", items(65535, 0))
	add("2^32-1 items claimed", items(3, 1<<32-1))
	add("8,192 items in references of one another", webOfItems(8192, 7))

	add("256x256 grid of one tile", repeatedTile(255, 255))
	add("grid of 16,384 own tiles", gridOf(128, 128, 8192, 8192).bytes())
	add("grids of grids", chain("grid", 40, 1))
	add("overlays of overlays, each twice", chain("iovl", 9, 2))
	add("overlays of overlays, each 250 times", chain("iovl", 8, 250))
	add("identities of identities", chain("iden", 200, 1))
	add("identity of itself", chain("iden", 1, 1))
	add("overlay of 60,000 layers", wideOverlay(60000))

	add("iloc of empty extents", emptyExtents())
	add("iloc whose sums wrap", wrappingExtents())
	add("65,535 extents of the whole file", wholeFileExtents(65535))
	add("items built of items", builtOfItems(5))
	add("items built of items, doubling", builtOfItems(16))

	add("10,000 parameter sets", manySets(10000))
	add("hvcC of 65,535 sets claimed", single(mkbox("hvcC", unhex(tileConfig)[:22], []byte{1, 0x20, 0xff, 0xff})).bytes())
	many := single()
	for range 60000 {
		many.props = append(many.props, mkbox("free"))
	}
	add("60,000 properties", many.bytes())
	wide := single()
	wide.items[0].props = bytes.Repeat([]byte{0x81, 2}, 120)
	add("240 properties of one item", wide.bytes())
	return files
}

func items(n int, claim uint64) []byte {
	f := single()
	infe := mkfull("infe", 2, 0, be(2, 1), be(2, 0), []byte("hvc1"), []byte{0})
	b := f.bytes()
	old := mkfull("iinf", 0, 0, be(2, 1), infe)
	var all []byte
	for i := range n {
		all = append(all, mkfull("infe", 2, 0, be(2, uint64(i+1)), be(2, 0), []byte("hvc1"), []byte{0})...)
	}
	if claim == 0 {
		claim = uint64(n)
	}
	grown := mkfull("iinf", 1, 0, be(4, claim), all)
	out := bytes.Replace(b, old, grown, 1)
	return resizeMeta(out, len(grown)-len(old))
}

// resizeMeta mends the length of the meta box of a file made by single.
func resizeMeta(b []byte, by int) []byte {
	at := bytes.Index(b, []byte("meta")) - 4
	n := uint64(b[at])<<24 | uint64(b[at+1])<<16 | uint64(b[at+2])<<8 | uint64(b[at+3])
	copy(b[at:], be(4, n+uint64(by)))
	return b
}

func webOfItems(n, primary int) []byte {
	f := single()
	for i := 2; i <= n; i++ {
		f.items = append(f.items, heifItem{typ: "iden", props: []byte{2}, noLoc: true})
		f.ref("dimg", i, n+2-i)
		f.ref("auxl", i, 1)
	}
	f.primary = primary
	return f.bytes()
}

func repeatedTile(rows, cols int) []byte {
	f := gridOf(1, 1, uint64(cols*64), uint64(rows*64))
	f.items[1].data = gridData(byte(rows), byte(cols), uint64(cols*64), uint64(rows*64))
	ids := make([]int, rows*cols)
	for i := range ids {
		ids[i] = 1
	}
	f.refs = nil
	f.ref("dimg", 2, ids...)
	return f.bytes()
}

// chain derives n items, each from the next, each named times times.
func chain(typ string, n, times int) []byte {
	f := &heif{primary: 1, props: [][]byte{hvcC(), ispe(64, 64)}}
	for i := range n {
		next := i + 2
		if n == 1 {
			next = 1
		}
		it := heifItem{typ: typ, idat: true, props: []byte{2}, data: gridData(1, 1, 64, 64)}
		to := make([]int, times)
		for j := range to {
			to[j] = next
		}
		switch typ {
		case "iovl":
			it.data = cat([]byte{0, 0}, be(8, 0), be(2, 64), be(2, 64), make([]byte, 4*times))
		case "iden":
			it.idat, it.noLoc = false, true
		}
		f.items = append(f.items, it)
		f.ref("dimg", i+1, to...)
	}
	f.items = append(f.items, heifItem{typ: "hvc1", data: unhex(tileStream), props: []byte{0x81, 2}})
	return f.bytes()
}

func wideOverlay(layers int) []byte {
	f := overlayOf(10000, 10000)
	f.items[2].data = cat([]byte{0, 0}, be(8, 0), be(2, 10000), be(2, 10000), make([]byte, 4*layers))
	to := make([]int, layers)
	for i := range to {
		to[i] = 1 + i&1
	}
	f.refs = nil
	f.ref("dimg", 3, to...)
	return f.bytes()
}

// iloc replaces the item locations of the smallest file.
func iloc(b []byte, head []byte, entries []byte) []byte {
	at := bytes.Index(b, []byte("iloc")) - 4
	grown := mkfull("iloc", 1, 0, head, entries)
	out := cat(b[:at], grown, b[at+32:])
	return resizeMeta(out, len(grown)-32)
}

func emptyExtents() []byte {
	entry := cat(be(2, 1), be(2, 0), be(2, 0), be(2, 65535))
	return iloc(single().bytes(), cat([]byte{0, 0}, be(2, 10000)), bytes.Repeat(entry, 10000))
}

func wrappingExtents() []byte {
	entry := cat(be(2, 1), be(2, 0), be(2, 0), be(8, 1<<63), be(2, 1), be(8, 1<<63+100), be(8, 40))
	return iloc(single().bytes(), cat([]byte{0x88, 0x80}, be(2, 1)), entry)
}

func wholeFileExtents(n int) []byte {
	entry := cat(be(2, 1), be(2, 0), be(2, 0), be(2, uint64(n)), bytes.Repeat(cat(be(4, 0), be(4, 300)), n))
	return iloc(single().bytes(), cat([]byte{0x44, 0}, be(2, 1)), entry)
}

// builtOfItems chains items that are each the one before, twice.
func builtOfItems(n int) []byte {
	f := single()
	size := len(f.items[0].data)
	for i := 2; i <= n; i++ {
		size *= 2
		f.items = append(f.items, heifItem{typ: "hvc1", props: []byte{0x81, 2}, built: size, extents: 2})
		f.ref("iloc", i, i-1)
	}
	f.primary = n
	return f.bytes()
}

func manySets(n int) []byte {
	conf := unhex(tileConfig)
	sets := []byte{0x22}
	sets = append(sets, be(2, uint64(n))...)
	for i := range n {
		sets = append(sets, cat(be(2, 4), []byte{0x44, 1, byte(i >> 8), byte(i)})...)
	}
	conf[22]++
	f := single()
	f.props[0] = mkbox("hvcC", conf, sets)
	return f.bytes()
}

// deepMovie nests boxes to 400 KB, behind a good still.
func deepMovie() []byte {
	f := single()
	f.tail = mkbox("stbl")
	var heads []byte
	for n := 50000; n > 0; n-- {
		heads = append(heads, cat(be(4, uint64(8*n+8)), []byte("trak"))...)
	}
	f.tail = mkbox("moov", heads, mkbox("stbl"))
	return f.bytes()
}

// cost is the least processor time and the least bytes allocated of some runs, as many as it
// takes to be under the limits: other programs and the collector run beside us.
func cost(t *testing.T, b []byte) error {
	t.Helper()
	best, least := time.Hour, uint64(1<<62)
	var before, after runtime.MemStats
	var err error
	for run := 0; run < 20 && (run == 0 || best >= 50*time.Millisecond || least >= 8<<20); run++ {
		runtime.ReadMemStats(&before)
		start := cputime.Used()
		_, err = heic.Verify(b, heic.Limits{MaxPixels: 100_000_000})
		best = min(best, cputime.Used()-start)
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	t.Logf("%d bytes, %v, %d bytes allocated: %v", len(b), best, least, err)
	if testenv.Race {
		return err // it makes everything some eight times slower, and counts its own memory
	}
	require.Less(t, best, 50*time.Millisecond)
	require.Less(t, least, uint64(8<<20))
	return err
}

// Hostile containers are refused in under 50 ms of processor time and 8 MB, whatever they claim.
func TestHostileContainersAreCheap(t *testing.T) {
	testenv.OneGoroutine(t)
	for _, g := range hostileFiles() {
		t.Run(g.name, func(t *testing.T) {
			var f *verify.Fault
			require.ErrorAs(t, cost(t, g.b), &f)
		})
	}
}

// What stands beside a good picture costs no more than a hostile one.
func TestHostileCompanionsAreCheap(t *testing.T) {
	testenv.OneGoroutine(t)
	require.NoError(t, cost(t, webOfItems(8192, 1)))
	require.NoError(t, cost(t, deepMovie()))
}

// A claim of 16383x16383 in under 1 KB costs next to nothing.
func TestBombIsRefusedAtOnce(t *testing.T) {
	f := single()
	f.props[1] = ispe(16383, 16383)
	b := f.bytes()
	require.Less(t, len(b), 1024)
	_, err := heic.Verify(b, heic.Limits{})
	refused(t, err, verify.TooManyPixels)
	require.Less(t, testing.AllocsPerRun(10, func() { _, _ = heic.Verify(b, heic.Limits{}) }), 100.0)
}

// TestVerifyAllocates holds the number of allocations down: what a grid costs does not
// grow with its tiles.
func TestVerifyAllocates(t *testing.T) {
	if testenv.Race {
		t.Skip("the race detector empties pools at random")
	}
	for _, side := range []byte{2, 6} {
		file := gridOf(side, side, 64*uint64(side), 64*uint64(side)).bytes()
		allocated := testing.AllocsPerRun(20, func() {
			_, err := heic.Verify(file, heic.Limits{})
			require.NoError(t, err)
		})
		require.LessOrEqual(t, allocated, 50.0, "%d tiles", int(side)*int(side))
	}
}
