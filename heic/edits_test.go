package heic_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/verify"
)

// replace returns b with the one place that holds old changed to new. Both are
// hex digits, or text in quotes, and equally long: offsets stay as they are.
func replace(t *testing.T, b []byte, edit string) []byte {
	t.Helper()
	var part [2][]byte
	from, to, ok := strings.Cut(edit, ">")
	require.True(t, ok)
	for i, s := range []string{from, to} {
		for _, w := range strings.Fields(s) {
			if q, isText := strings.CutPrefix(w, "'"); isText {
				part[i] = append(part[i], q...)
				continue
			}
			x, err := hex.DecodeString(w)
			require.NoError(t, err)
			part[i] = append(part[i], x...)
		}
	}
	require.Equal(t, len(part[0]), len(part[1]), "%s changes the length", edit)
	require.Equal(t, 1, bytes.Count(b, part[0]), "%s: old bytes", edit)
	return bytes.Replace(b, part[0], part[1], 1)
}

// One defect each, in a good file.
func TestDefects(t *testing.T) {
	one, tiles, layers := single().bytes(), gridOf(2, 3, 190, 128).bytes(), overlayOf(80, 120).bytes()
	for _, c := range []struct {
		name, edit string
		b          []byte
		want       verify.Reason
	}{
		// Boxes.
		{"ftyp is not first", "'ftyp > 'free", one, verify.Malformed},
		{"no HEIC brand", "'heic 00000000 'mif1heic > 'avif 00000000 'avisavif", one, verify.Unsupported},
		{"meta past the file", "0000012f 'meta > 7000012f 'meta", one, verify.Truncated},
		{"largesize past the file", "00000038 'mdat > 00000001 'mdat", one, verify.Truncated},
		{"box of 7 bytes", "00000021 'hdlr > 00000007 'hdlr", one, verify.Malformed},
		{"box larger than its parent", "00000021 'hdlr > 00001000 'hdlr", one, verify.Malformed},
		{"meta of another version", "'meta 00 > 'meta 01", one, verify.Unsupported},
		{"handler is not pict", "'pict > 'vide", one, verify.Unsupported},
		{"no handler", "'hdlr > 'free", one, verify.Malformed},
		{"no pitm", "'pitm > 'free", one, verify.Malformed},
		{"no iinf", "'iinf > 'free", one, verify.Malformed},
		{"no iprp", "'iprp > 'free", one, verify.Malformed},
		{"no ipco", "'ipco > 'free", one, verify.Malformed},
		{"no ipma", "'ipma > 'free", one, verify.Malformed},
		{"no iloc", "'iloc > 'free", one, verify.Malformed},
		{"two of a kind", "'pitm > 'iinf", one, verify.Malformed},
		// Items.
		{"primary item is not there", "'pitm 00000000 0001 > 'pitm 00000000 0002", one, verify.Malformed},
		{"item of another codec", "'hvc1 > 'av01", one, verify.Unsupported},
		{"item of version 0", "'infe 02 > 'infe 00", one, verify.Malformed},
		{"item name without an end", "'hvc1 00 > 'hvc1 04", one, verify.Malformed},
		{"encrypted item", "0001 0000 'hvc1 > 0001 0001 'hvc1", one, verify.Unsupported},
		{"more items than infe", "'iinf 00000000 0001 > 'iinf 00000000 0002", one, verify.Malformed},
		{"two items of one ID", "0002 0000 'hvc1 > 0001 0000 'hvc1", tiles, verify.Malformed},
		// Locations.
		{"iloc version 3", "'iloc 01 > 'iloc 03", one, verify.Unsupported},
		{"iloc field of 3 bytes", "'iloc 01000000 44 > 'iloc 01000000 34", one, verify.Malformed},
		{"more locations than bytes", "'iloc 01000000 4400 0001 > 'iloc 01000000 4400 0009", one, verify.Malformed},
		{"construction method 3", "4400 0001 0001 0000 > 4400 0001 0001 0003", one, verify.Unsupported},
		{"in another file", "4400 0001 0001 0000 0000 > 4400 0001 0001 0000 0001", one, verify.Unsupported},
		{"in an idat that is not there", "4400 0001 0001 0000 > 4400 0001 0001 0001", one, verify.Malformed},
		{"no extents", "4400 0001 0001 0000 0000 0001 > 4400 0001 0001 0000 0000 0000", one, verify.Malformed},
		{"extent longer than the file", "00000030 00000023 'iinf > 00000031 00000023 'iinf", one, verify.Truncated},
		// Properties.
		{"property that is not there", "0001 02 8102 > 0001 02 8109", one, verify.Malformed},
		{"no ispe", "'ispe > 'free", one, verify.Malformed},
		{"no hvcC", "'hvcC > 'free", one, verify.Unsupported},
		{"ispe of width 0", "'ispe 00000000 00000040 > 'ispe 00000000 00000000", one, verify.Malformed},
		{"ispe disagrees with the stream", "'ispe 00000000 00000040 > 'ispe 00000000 00000048", one, verify.Malformed},
		{"ispe over the limit", "'ispe 00000000 00000040 00000040 > 'ispe 00000000 00003fff 00003fff", one, verify.TooManyPixels},
		{"ispe whose product wraps", "'ispe 00000000 00000040 00000040 > 'ispe 00000000 ffffffff ffffffff", one, verify.TooManyPixels},
		{"hvcC version 2", "'hvcC 01 > 'hvcC 02", one, verify.Unsupported},
		{"lengths of 3 bytes", "f8f800000f > f8f800000e", one, verify.Malformed},
		{"more sets than bytes", "200001 0018 > 200040 0018", one, verify.Malformed},
		{"VPS under another name", "200001 0018 > 220001 0018", one, verify.Malformed},
		{"no PPS", "220001 0007 44 > 270001 0007 4e", one, verify.Malformed},
		// Stream.
		{"NAL unit longer than the item", "0000002c > 0000002d", one, verify.Malformed},
		{"NAL unit shorter than the item", "0000002c > 00000029", one, verify.Truncated},
		{"forbidden_zero_bit", "0000002c 28 > 0000002c a8", one, verify.Malformed},
		{"temporal ID 0", "0000002c 2801 > 0000002c 2800", one, verify.Malformed},
		{"inter slice type", "0000002c 28 > 0000002c 02", one, verify.Unsupported},
		{"no slice", "0000002c 28 > 0000002c 4e", one, verify.Truncated},
		{"another SPS in the stream", "0000002c 28 > 0000002c 42", one, verify.Unsupported},
		{"not the first slice", "0000002c 2801 af > 0000002c 2801 2f", one, verify.Truncated},
		{"base layer missing", "0000002c 2801 > 0000002c 2809", one, verify.Truncated},
		// Derived items.
		{"grid version 1", "0000 01 02 00be 0080 > 0100 01 02 00be 0080", tiles, verify.Unsupported},
		{"grid of more tiles", "0000 01 02 00be 0080 > 0000 02 02 00be 0080", tiles, verify.Malformed},
		{"grid of fewer tiles", "0000 01 02 00be 0080 > 0000 00 02 00be 0080", tiles, verify.Malformed},
		{"grid of another size", "0000 01 02 00be 0080 > 0000 01 02 00bf 0080", tiles, verify.Malformed},
		{"grid without a reference", "'dimg > 'thmb", tiles, verify.Malformed},
		{"grid of itself", "'dimg 0007 0006 0001 > 'dimg 0007 0006 0007", tiles, verify.Malformed},
		{"grid of nothing", "'dimg 0007 0006 0001 > 'dimg 0007 0006 0009", tiles, verify.Malformed},
		{"overlay version 1", "0000 ffff00000000ffff > 0100 ffff00000000ffff", layers, verify.Unsupported},
		{"overlay of another size", "0050 0078 > 0051 0078", layers, verify.Malformed},
		{"overlay of itself", "'dimg 0003 0002 0001 0002 > 'dimg 0003 0002 0001 0003", layers, verify.Malformed},
		{"overlay of more layers than places", "0000 ffff00000000ffff > 0001 ffff00000000ffff", layers, verify.Malformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := heic.Verify(replace(t, c.b, c.edit), heic.Limits{})
			refused(t, err, c.want)
		})
	}
}

// A grid must be covered by its tiles, without a row or column to spare.
func TestGridArithmetic(t *testing.T) {
	for _, c := range []struct {
		rows, cols byte
		w, h       uint64
		ok         bool
	}{
		{2, 2, 128, 128, true}, {2, 2, 65, 65, true}, {2, 2, 129, 128, false}, {2, 2, 128, 129, false},
		{2, 2, 64, 128, false}, {2, 2, 128, 64, false}, {1, 1, 1, 1, true}, {1, 16, 1024, 64, true},
	} {
		_, err := heic.Verify(gridOf(c.rows, c.cols, c.w, c.h).bytes(), heic.Limits{})
		if c.ok {
			require.NoError(t, err, "%+v", c)
		} else {
			refused(t, err, verify.Malformed)
		}
	}
}

func TestTilesOfTwoSizesAreRefused(t *testing.T) {
	f := gridOf(1, 2, 128, 64, ispe(32, 64))
	f.items[1].props = []byte{0x81, 4}
	f.items[2].props = []byte{3}
	_, err := heic.Verify(f.bytes(), heic.Limits{})
	refused(t, err, verify.Malformed)
}

// A coded picture that lost its tail is refused whatever the container says: cut,
// or filled up with zeros, as broken uploads leave it.
func TestStreamsMustBeWhole(t *testing.T) {
	whole := unhex(tileStream)
	for n := 5; n < len(whole); n++ {
		f := single()
		f.items[0].data = cat(be(4, uint64(n-4)), whole[4:n])
		_, err := heic.Verify(f.bytes(), heic.Limits{})
		require.Error(t, err, "first %d bytes", n)
		f.items[0].data = cat(whole[:n], make([]byte, len(whole)-n))
		_, err = heic.Verify(f.bytes(), heic.Limits{})
		require.Error(t, err, "zeros from %d on", n)
	}
}

// The second half of the file's coded data zeroed: goheif and libheif show such.
func TestZeroedTailIsRefused(t *testing.T) {
	for _, g := range goodFiles(t) {
		at := bytes.LastIndex(g.b, []byte("mdat")) + 4
		if len(g.b)-at < 64 {
			continue // camel.heic ends in a box that nothing refers to
		}
		b := bytes.Clone(g.b)
		clear(b[at+(len(b)-at)/2:])
		_, err := heic.Verify(b, heic.Limits{})
		require.Error(t, err, g.name)
		if g.name == "sequence" {
			continue // with moov gone, nothing tells of a sequence
		}
		clear(b[at+2:])
		_, err = heic.Verify(b, heic.Limits{})
		require.Error(t, err, g.name)
	}
}

func TestOneTileInTwoPlacesIsFine(t *testing.T) {
	f := gridOf(1, 2, 128, 64)
	f.refs = nil
	f.ref("dimg", 3, 1, 1)
	_, err := heic.Verify(f.bytes(), heic.Limits{})
	require.NoError(t, err)
}

// Two tiles that share some of their bytes are refused: nothing writes such.
func TestOverlappingTilesAreRefused(t *testing.T) {
	f := gridOf(1, 2, 128, 64)
	n := len(f.items[0].data)
	b := f.bytes()
	at := len(b) - 2*n
	edit := hex.EncodeToString(be(4, uint64(at+n))) + ">" + hex.EncodeToString(be(4, uint64(at+n-1)))
	_, err := heic.Verify(replace(t, b, edit), heic.Limits{})
	require.Error(t, err)
}

func TestUnknownPropertyIsRefusedOnlyIfEssential(t *testing.T) {
	f := single(mkbox("zzzz", be(4, 0)))
	_, err := heic.Verify(f.bytes(), heic.Limits{})
	refused(t, err, verify.Unsupported)
	f.items[0].props[2] &= 0x7f
	_, err = heic.Verify(f.bytes(), heic.Limits{})
	require.NoError(t, err)
}

func TestTwoSPSAreRefused(t *testing.T) {
	f := single()
	// A second SPS array: the same SPS with another level.
	conf := unhex(tileConfig)
	sps := unhex("42010103700000030090000003000003001ea020810596ea4929ae6e04040c080000030008000003000840")
	other := bytes.Clone(sps)
	other[13] ^= 1
	for _, s := range []struct {
		sps  []byte
		fine bool
	}{{sps, true}, {other, false}} {
		c := cat(conf, []byte{0x21}, be(2, 1), be(2, uint64(len(sps))), s.sps)
		c[22]++
		f.props[0] = mkbox("hvcC", c)
		_, err := heic.Verify(f.bytes(), heic.Limits{})
		if s.fine {
			require.NoError(t, err)
		} else {
			refused(t, err, verify.Malformed)
		}
	}
}

func TestParameterSetInTheStream(t *testing.T) {
	f := single()
	sps := unhex("42010103700000030090000003000003001ea020810596ea4929ae6e04040c080000030008000003000840")
	f.items[0].data = cat(be(4, uint64(len(sps))), sps, unhex(tileStream))
	_, err := heic.Verify(f.bytes(), heic.Limits{})
	require.NoError(t, err, "identical to hvcC's")
	f.items[0].data[20] ^= 1
	_, err = heic.Verify(f.bytes(), heic.Limits{})
	refused(t, err, verify.Unsupported)
}
