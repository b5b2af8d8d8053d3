package heic_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
)

// refused checks that err is a refusal of a reason, and returns it.
func refused(t *testing.T, err error, want verify.Reason) *heic.Error {
	t.Helper()
	var f *heic.Error
	require.ErrorAs(t, err, &f)
	require.Equal(t, want, f.Reason, "%v", err)
	return f
}

func TestGoodFilesAreAccepted(t *testing.T) {
	for _, g := range goodFiles(t) {
		t.Run(g.name, func(t *testing.T) {
			info, err := heic.Verify(g.b, heic.Limits{})
			require.NoError(t, err)
			require.Positive(t, info.Width)
			require.Positive(t, info.Height)
			require.NotZero(t, info.Orientation)
			require.Equal(t, 1, info.Frames)
			require.NotEmpty(t, info.Chroma)
			require.GreaterOrEqual(t, info.BitDepth, 8)
			require.NotEmpty(t, info.Items)
			looked, err := heic.Inspect(g.b)
			require.NoError(t, err)
			looked.Warnings = info.Warnings // those on streams are Verify's alone
			require.Equal(t, info, looked)
		})
	}
}

func TestInfoTellsWhatTheFileHolds(t *testing.T) {
	info, err := heic.Verify(withThumbnail().bytes(), heic.Limits{})
	require.NoError(t, err)
	n := int64(len(tileStream) / 2)
	require.Equal(t, heic.Info{
		Width: 128, Height: 64, Orientation: 1, Clap: image.Rect(0, 0, 128, 64), Frames: 1, BitDepth: 8, Chroma: "4:2:0",
		Facts:  heic.Facts{EXIF: true, BitDepth: 8},
		Brands: []string{"heic", "mif1"},
		Items: []heic.Item{
			{ID: 1, Type: "hvc1", Role: heic.RoleInput, Size: n, Width: 64, Height: 64},
			{ID: 2, Type: "hvc1", Role: heic.RoleInput, Size: n, Width: 64, Height: 64},
			{ID: 3, Type: "grid", Role: heic.RolePrimary, Size: 8, Width: 128, Height: 64},
			{ID: 4, Type: "hvc1", Role: heic.RoleThumbnail, Size: n, Width: 64, Height: 64},
			{ID: 5, Type: "Exif", Role: heic.RoleMetadata, Size: 14},
		},
	}, info)
}

// whole are the prefixes of good files that are good files themselves: what is cut
// off is a box, with up to three of its first bytes left, that nothing in front of
// it refers to. No reader can tell that it was ever there.
var whole = map[string][]int{
	"camel.heic": {337506, 337507, 337508, 337509}, // an mdat of 8 bytes, a camera's mark: zeros begin it
	"sequence":   {387, 388, 389, 683, 684, 685},   // behind the still, and without moov
}

// Every prefix of a good file is refused as truncated, but for those of whole. Of
// large files, those near the ends of boxes, the last 4 KB, and some between.
func TestEveryPrefixIsRefused(t *testing.T) {
	testenv.OneGoroutine(t)
	for _, g := range goodFiles(t) {
		for n := range g.b {
			if len(g.b) > 1<<14 && n > 1<<12 && n < len(g.b)-1<<12 && n%997 != 0 && !nearBoxEnd(g.b, n) {
				continue
			}
			_, err := heic.Verify(g.b[:n], heic.Limits{})
			if slices.Contains(whole[g.name], n) {
				require.NoError(t, err, "%s: first %d bytes: not an exception", g.name, n)
				continue
			}
			require.Error(t, err, "%s: first %d bytes of %d", g.name, n, len(g.b))
			var f *heic.Error
			require.ErrorAs(t, err, &f)
			require.Equal(t, verify.Truncated, f.Reason, "%s: first %d bytes: %v", g.name, n, err)
		}
	}
}

// nearBoxEnd tells whether a box at file level ends near offset n.
func nearBoxEnd(b []byte, n int) bool {
	for at := 0; at+8 <= len(b) && at-32 <= n; {
		if at > n-32 {
			return true
		}
		size := int(binary.BigEndian.Uint32(b[at:]))
		if size < 8 {
			return false
		}
		at += size
	}
	return false
}

func TestTrailingBytesAreForgiven(t *testing.T) {
	b := single().bytes()
	for _, tail := range []string{"\x00", "\x00\x00\x00\x00\x00\x00\x00\x00\x00", "\xff\xd9", "<script>", "trailing garbage", string(b)} {
		info, err := heic.Verify(append(bytes.Clone(b), tail...), heic.Limits{})
		require.NoError(t, err, "%q", tail)
		require.Len(t, info.Warnings, 1)
		require.Equal(t, verify.TrailingData, info.Warnings[0].Reason)
		require.Equal(t, int64(len(b)), info.Warnings[0].Offset)
	}
	// A whole box that nobody knows is no oddity, one cut off is a lost tail.
	whole := append(bytes.Clone(b), mkbox("mpvd", make([]byte, 100))...)
	info, err := heic.Verify(whole, heic.Limits{})
	require.NoError(t, err)
	require.Empty(t, info.Warnings)
	for n := len(b) + 4; n < len(whole); n++ {
		_, err := heic.Verify(whole[:n], heic.Limits{})
		refused(t, err, verify.Truncated)
	}
}

func TestPixelLimitIsInclusive(t *testing.T) {
	for _, g := range []good{{"single", single().bytes()}, {"grid", gridOf(2, 3, 190, 128).bytes()}} {
		info, err := heic.Inspect(g.b)
		require.NoError(t, err)
		n := int64(info.Width) * int64(info.Height)
		for _, lim := range []int64{n, n + 1} {
			_, err = heic.Verify(g.b, heic.Limits{MaxPixels: lim})
			require.NoError(t, err, g.name)
		}
		_, err = heic.Verify(g.b, heic.Limits{MaxPixels: n - 1})
		f := refused(t, err, verify.TooManyPixels)
		require.Equal(t, []int64{n - 1, n}, []int64{f.Limit, f.Got})
	}
	require.EqualValues(t, 220_000_000, heic.DefaultMaxPixels)
	_, err := heic.Verify(gridOf(1, 1, 20_000, 11_001).bytes(), heic.Limits{})
	refused(t, err, verify.TooManyPixels)
}

// Turning a picture by each chain of irot and imir gives the EXIF value that
// turns it the same way (23008-12:2022, 6.5.10, 6.5.12).
func TestOrientation(t *testing.T) {
	for want, props := range [][][]byte{
		1: {}, 2: {imir(1)}, 3: {irot(2)}, 4: {imir(0)},
		5: {irot(1), imir(0)}, 6: {irot(3)}, 7: {irot(3), imir(0)}, 8: {irot(1)},
	} {
		if want == 0 {
			continue
		}
		for name, f := range map[string]*heif{"single": single(props...), "grid": gridOf(1, 2, 128, 64, props...), "identity": identityOf(props...)} {
			info, err := heic.Verify(f.bytes(), heic.Limits{})
			require.NoError(t, err, name)
			require.Equal(t, want, info.Orientation, "%s %d", name, want)
		}
	}
	// Two turns and two mirrors in a row cancel out.
	info, err := heic.Verify(single(irot(1), imir(1), imir(1), irot(3)).bytes(), heic.Limits{})
	require.NoError(t, err)
	require.Equal(t, 1, info.Orientation)
	// The order is that of ipma, not of ipco: mirror, then turn.
	f := single(irot(1), imir(0))
	f.items[0].props = []byte{0x81, 2, 0x84, 0x83}
	info, err = heic.Verify(f.bytes(), heic.Limits{})
	require.NoError(t, err)
	require.Equal(t, 7, info.Orientation)
}

func TestClap(t *testing.T) {
	for _, c := range []struct {
		name  string
		props [][]byte
		want  image.Rectangle
	}{
		{"centred", [][]byte{clap(50, 1, 40, 1, 0, 1, 0, 1)}, image.Rect(7, 12, 57, 52)},
		{"odd", [][]byte{clap(51, 1, 41, 1, 0, 1, 0, 1)}, image.Rect(6, 11, 57, 52)},
		{"top left", [][]byte{clap(10, 1, 20, 1, 1<<32-27, 1, 1<<32-22, 1)}, image.Rect(0, 0, 10, 20)},
		{"halves", [][]byte{clap(20, 2, 20, 1, 1<<32-54, 2, 1<<32-22, 1)}, image.Rect(0, 0, 10, 20)},
		{"past the edge", [][]byte{clap(64, 1, 64, 1, 10, 1, 0, 1)}, image.Rect(10, 0, 64, 64)},
		// Turned by 90 degrees, left is what was the top.
		{"after irot", [][]byte{irot(1), clap(10, 1, 64, 1, 1<<32-27, 1, 0, 1)}, image.Rect(0, 0, 64, 10)},
		{"two", [][]byte{clap(50, 1, 40, 1, 0, 1, 0, 1), clap(10, 1, 10, 1, 0, 1, 0, 1)}, image.Rect(27, 27, 37, 37)},
	} {
		info, err := heic.Verify(single(c.props...).bytes(), heic.Limits{})
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, info.Clap, c.name)
	}
	for _, bad := range [][]byte{
		clap(50, 0, 40, 1, 0, 1, 0, 1), clap(0, 1, 40, 1, 0, 1, 0, 1), clap(5, 1, 5, 1, 1000, 1, 0, 1),
		clap(50, 1, 40, 1, 0, 1, 0), clap(5, 1, 5, 1, 0x7fffffff, 1, 0x80000000, 1),
	} {
		_, err := heic.Verify(single(bad).bytes(), heic.Limits{})
		refused(t, err, verify.Malformed)
	}
}

func TestBadThumbnailIsAWarning(t *testing.T) {
	f := withThumbnail()
	f.items[3].data = []byte{0, 0, 0, 99, 0x28, 1}
	info, err := heic.Verify(f.bytes(), heic.Limits{})
	require.NoError(t, err)
	require.Len(t, info.Warnings, 1)
	require.Equal(t, verify.BadAuxiliary, info.Warnings[0].Reason)
}

// Zeros where the rest of an upload should be are a lost tail, whoever needs them.
func TestUnwrittenTailIsTruncated(t *testing.T) {
	f := withThumbnail()
	clear(f.items[3].data[20:])
	_, err := heic.Verify(f.bytes(), heic.Limits{})
	refused(t, err, verify.Truncated)
}

func TestBadMetadataIsAWarning(t *testing.T) {
	f := withThumbnail()
	f.items[4].data = cat(be(4, 0), []byte("JFIF\x00\x00\x00\x08\x00\x00"))
	info, err := heic.Verify(f.bytes(), heic.Limits{})
	require.NoError(t, err)
	require.Len(t, info.Warnings, 1)
	require.Equal(t, verify.BadMetadata, info.Warnings[0].Reason)
	// XMP is text: zero bytes in it are an oddity, at its end a lost tail.
	f.items[4] = heifItem{typ: "mime", data: []byte("<x:xmpmeta>\x00</x:xmpmeta>"), mime: "application/rdf+xml"}
	info, err = heic.Verify(f.bytes(), heic.Limits{})
	require.NoError(t, err)
	require.Equal(t, verify.BadMetadata, info.Warnings[0].Reason)
	// Apple's writer ends it in a NUL, or fills its room with zeros.
	for _, n := range []int{1, 100} {
		f.items[4].data = append([]byte("<x:xmpmeta></x:xmpmeta>\n"), make([]byte, n)...)
		info, err = heic.Verify(f.bytes(), heic.Limits{})
		require.NoError(t, err)
		require.Empty(t, info.Warnings)
	}
	f.items[4].data = append([]byte("<x:xmpmeta></x:xmp"), make([]byte, 100)...)
	_, err = heic.Verify(f.bytes(), heic.Limits{})
	refused(t, err, verify.Truncated)
}

// withSet returns the smallest good file with the NAL unit of one parameter set changed.
func withSet(change func(kind byte, unit []byte) []byte) []byte {
	b := unhex(tileConfig)
	out, n := bytes.Clone(b[:23]), 0
	for at := 23; at < len(b); {
		kind, size := b[at], int(b[at+3])<<8|int(b[at+4])
		if unit := change(kind&0x3f, b[at+5:at+5+size]); unit != nil {
			out = append(append(out, kind, 0, 1), be(2, uint64(len(unit)))...)
			out = append(out, unit...)
			n++
		}
		at += 5 + size
	}
	out[22] = byte(n)
	f := single()
	f.props[0] = mkbox("hvcC", out)
	return f.bytes()
}

// What libheif shows though a rule is broken: with a warning.
func TestOdditiesOfWriters(t *testing.T) {
	sized := func(w, h uint64) []byte {
		f := single()
		f.props[1] = ispe(w, h)
		return f.bytes()
	}
	behind := func(tail ...byte) []byte {
		f := single()
		f.items[0].data = append(unhex(tileStream), tail...)
		return f.bytes()
	}
	for _, c := range []struct {
		name string
		b    []byte
		warn verify.Reason // "" for a refusal
	}{
		{"no VPS", withSet(func(kind byte, u []byte) []byte {
			if kind == 32 {
				return nil
			}
			return u
		}), verify.BadMetadata},
		{"unit of no byte behind the slice", behind(0, 0, 0, 0), verify.FillBytes},
		{"three of them", behind(make([]byte, 12)...), verify.FillBytes},
		{"half of one", behind(0, 0), ""},
		{"ispe of 7 rows more", sized(64, 71), verify.SizeDisagrees},
		{"ispe of 7 rows less", sized(64, 57), verify.SizeDisagrees},
		{"ispe of 7 columns more", sized(71, 64), verify.SizeDisagrees},
		{"ispe of 8 rows more", sized(64, 72), ""},
		{"ispe of 8 columns less", sized(56, 64), ""},
	} {
		info, err := heic.Verify(c.b, heic.Limits{})
		if c.warn == "" {
			require.Error(t, err, c.name)
			continue
		}
		require.NoError(t, err, c.name)
		require.Len(t, info.Warnings, 1, c.name)
		require.Equal(t, c.warn, info.Warnings[0].Reason, c.name)
		require.Equal(t, []int{64, 64}, []int{info.Width, info.Height}, c.name)
	}
	f := single()
	f.items[0].data = append(make([]byte, 4), unhex(tileStream)...)
	_, err := heic.Verify(f.bytes(), heic.Limits{})
	refused(t, err, verify.Malformed)
}

// The base layer of a stereo picture: its SPS and PPS have multilayer extensions.
func TestMultilayerBaseLayer(t *testing.T) {
	// The last byte of each holds the flag of no extension and the stop bit.
	extended := withSet(func(kind byte, u []byte) []byte {
		switch kind {
		case 33:
			return extendSet(u, "01000000"+"0") // sps_multilayer_extension: one flag
		case 34:
			return extendSet(u, "01000000"+"0"+"0"+"1"+"0") // no offsets, no colour mapping
		}
		return u
	})
	info, err := heic.Verify(extended, heic.Limits{})
	require.NoError(t, err)
	require.Empty(t, info.Warnings)
	for _, bits := range []string{"00100000", "00010000", "00000001"} {
		_, err := heic.Verify(withSet(func(kind byte, u []byte) []byte {
			if kind == 33 {
				return extendSet(u, bits)
			}
			return u
		}), heic.Limits{})
		refused(t, err, verify.Unsupported)
	}
}

// extendSet sets the extension flag at the end of a parameter set, and puts bits behind
// it and the stop bit behind those.
func extendSet(u []byte, bits string) []byte {
	text := ""
	for _, v := range u {
		text += fmt.Sprintf("%08b", v)
	}
	text = strings.TrimRight(text, "0")          // up to the stop bit
	text = text[:len(text)-2] + "1" + bits + "1" // the flag before it was 0
	text += strings.Repeat("0", (8-len(text)%8)%8)
	out := make([]byte, len(text)/8)
	for i := range out {
		v, err := strconv.ParseUint(text[8*i:8*i+8], 2, 8)
		if err != nil {
			panic(err)
		}
		out[i] = byte(v)
	}
	return out
}

func TestAlphaIsPartOfThePicture(t *testing.T) {
	f := single()
	f.props = append(f.props, mkfull("auxC", 0, 0, []byte("urn:mpeg:hevc:2015:auxid:1\x00")))
	f.items = append(f.items, heifItem{typ: "hvc1", data: unhex(tileStream), props: []byte{0x81, 2, 0x83}})
	f.ref("auxl", 2, 1)
	info, err := heic.Verify(f.bytes(), heic.Limits{})
	require.NoError(t, err)
	require.Equal(t, heic.RoleAlpha, info.Items[1].Role)
	f.items[1].data = f.items[1].data[:20]
	_, err = heic.Verify(f.bytes(), heic.Limits{})
	refused(t, err, verify.Malformed)
}

func TestImageSequenceWithoutAStillIsUnsupported(t *testing.T) {
	b := cat(mkbox("ftyp", []byte("hevc\x00\x00\x00\x00msf1hevc")), mkbox("moov", mkbox("trak")))
	_, err := heic.Verify(b, heic.Limits{})
	refused(t, err, verify.Unsupported)
}

func TestErrorIsTheSharedFault(t *testing.T) {
	_, err := heic.Verify([]byte("not a picture"), heic.Limits{})
	var f *verify.Fault
	require.True(t, errors.As(err, &f))
	require.NotContains(t, fmt.Sprint(err), "not a picture")
}
