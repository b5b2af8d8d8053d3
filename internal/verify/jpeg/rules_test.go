package jpeg

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
)

// gray is a good file of 3x2 blocks: one bit of DC and one of EOB each.
func gray(change func(parts map[string][]byte)) []byte {
	parts := map[string][]byte{
		"dqt":  dqtSeg(),
		"sof":  sofSeg(mSOF0, 24, 16, 0x11),
		"dc":   oneBit(classDC, 0),
		"ac":   oneBit(classAC, 0),
		"sos":  sosSeg(0, 63, 0, 1),
		"data": zeroBits(12),
	}
	if change != nil {
		change(parts)
	}
	return build(parts["app"], parts["dqt"], parts["sof"], parts["dc"], parts["ac"], parts["dri"],
		parts["sos"], parts["data"], parts["after"])
}

// Each case is the good file with one edit.
func TestRules(t *testing.T) {
	set := func(name string, b []byte) []byte {
		return gray(func(p map[string][]byte) { p[name] = b })
	}
	for _, c := range []struct {
		name string
		data []byte
		want verify.Reason
		warn verify.Reason
	}{
		{"as it is", gray(nil), "", ""},
		{"no data", set("data", nil), verify.Malformed, ""},
		{"a byte less", set("data", zeroBits(8)), verify.Malformed, ""},
		{"a bit less", set("data", zeroBits(11)), verify.Malformed, ""},
		{"a byte more", set("data", append(zeroBits(12), 0)), "", verify.FillBytes},
		{"two bytes more", set("data", append(zeroBits(12), 0x12, 0x34)), "", verify.FillBytes},
		{"three bytes more", set("data", append(zeroBits(12), 0x12, 0x34, 0x56)), verify.Malformed, ""},
		{"a byte of ones more", set("data", append(zeroBits(12), 0xff, 0)), "", verify.FillBytes},
		{"many bytes of ones more", set("data", append(zeroBits(12), repeat(40_000, []byte{0xff, 0})...)), "", verify.FillBytes},
		{"many zeros more", set("data", append(zeroBits(12), make([]byte, 40_000)...)), "", verify.FillBytes},
		{"many zeros and a one", set("data", append(append(zeroBits(12), make([]byte, 40_000)...), 1)), verify.Malformed, ""},
		{"many zeros behind padding of zeros", set("data", make([]byte, 5)), verify.Malformed, verify.MissingPadding},
		{"two bytes behind padding of zeros", set("data", make([]byte, 4)), "", verify.MissingPadding},
		{"padding of zeros", set("data", []byte{0, 0}), "", verify.MissingPadding},
		{"unknown code", set("data", []byte{0x00, 0x8f}), verify.Malformed, ""},
		{"fill bytes before EOI", set("after", []byte{0xff, 0xff}), "", verify.FillBytes},
		{"fill bytes before a stuffed zero", set("data", []byte{0xff, 0xff, 0xff, 0x00}), verify.Malformed, verify.FillBytes},
		{"zeros before EOI", set("after", []byte{0}), "", verify.FillBytes},
		{"zero before a segment", set("sos", append([]byte{0, 0, 0}, sosSeg(0, 63, 0, 1)...)), "", verify.FillBytes},
		{"stuffed byte before a segment", set("sof", append([]byte{0xff, 0, 0xff, 0}, sofSeg(mSOF0, 24, 16, 0x11)...)), "", verify.FillBytes},
		{"text before a segment", set("dqt", append([]byte("made by hand"), dqtSeg()...)), "", verify.FillBytes},
		{"COM of length 0", set("app", []byte{0xff, mCOM, 0, 0}), "", verify.SizeDisagrees},
		{"APP0 of length 1", set("app", []byte{0xff, mAPP0, 0, 1}), "", verify.SizeDisagrees},
		{"DQT of length 1", set("dqt", []byte{0xff, mDQT, 0, 1}), verify.Malformed, ""},
		{"COM that ends too early", set("app", []byte{0xff, mCOM, 0, 3, 'a', 'b', 'c'}), "", verify.FillBytes},
		{"COM that ends too late", set("app", []byte{0xff, mCOM, 0, 8, 'a'}), verify.Malformed, verify.FillBytes}, // over the DQT's marker
		{"COM that ends in another", set("app", []byte{0xff, mCOM, 0, 6, 'a', 0xff, mCOM, 0, 3, 'b'}), "", verify.FillBytes},
		{"COM that runs off the file", set("app", []byte{0xff, mCOM, 0xff, 0xff}), verify.Truncated, ""},
		{"DNL before the frame", set("app", seg(mDNL, 0, 0)), "", verify.MisplacedChunk},
		{"DNL of no size", set("app", seg(mDNL)), "", verify.MisplacedChunk},
		{"restart marker in the end", set("after", []byte{0xff, mRST0}), "", verify.MisplacedChunk},
		{"second SOI", set("after", []byte{0xff, mSOI}), verify.Malformed, ""},
		{"second scan", set("after", append(sosSeg(0, 63, 0, 1), zeroBits(12)...)), verify.Malformed, ""},
		{"no quantization table", set("dqt", nil), verify.Malformed, ""},
		{"zero in it", set("dqt", seg(mDQT, make([]byte, 65)...)), "", verify.ReservedValue},
		{"no DC table", set("dc", nil), verify.Malformed, verify.DefaultTables}, // the data is not coded by it
		{"no AC table", set("ac", nil), verify.Malformed, verify.DefaultTables},
		{"AC table of all ones", set("ac", dhtSeg(classAC, 0, map[int][]byte{1: {0, 1}})), verify.Malformed, verify.ReservedValue},
		{"DC category 16", set("dc", dhtSeg(classDC, 0, map[int][]byte{2: {0, 16}})), verify.Malformed, verify.ReservedValue},
		{"EOB run", set("ac", oneBit(classAC, 0x10)), verify.Malformed, ""},
		{"zero width", set("sof", sofSeg(mSOF0, 0, 16, 0x11)), verify.Malformed, ""},
		{"zero height", set("sof", sofSeg(mSOF0, 24, 0, 0x11)), verify.Unsupported, ""},
		{"two components", set("sof", sofSeg(mSOF0, 24, 16, 0x11, 0x11)), verify.Unsupported, ""},
		{"component without a scan", set("sof", sofSeg(mSOF0, 24, 16, 0x11, 0x11, 0x11)), verify.Malformed, ""},
		{"sampling 0", set("sof", sofSeg(mSOF0, 24, 16, 0x10)), verify.Malformed, ""},
		{"sampling 5", set("sof", sofSeg(mSOF0, 24, 16, 0x51)), verify.Malformed, ""},
		{"gray of 2x2", set("sof", sofSeg(mSOF0, 24, 16, 0x22)), "", ""},
		{"lossless", set("sof", sofSeg(0xc3, 24, 16, 0x11)), verify.Unsupported, ""},
		{"12 bits", set("sof", seg(mSOF1, 12, 0, 16, 0, 24, 1, 1, 0x11, 0)), verify.Unsupported, ""},
		{"65500 wide", set("sof", sofSeg(mSOF0, 65500, 1, 0x11)), verify.Malformed, ""},
		{"65501 wide", set("sof", sofSeg(mSOF0, 65501, 1, 0x11)), verify.Unsupported, ""},
		{"band of zeros", set("sos", sosSeg(0, 0, 0, 1)), "", verify.ReservedValue},
		{"unknown component", set("sos", sosSeg(0, 63, 0, 2)), verify.Malformed, ""},
		{"DNL with the height", set("after", seg(mDNL, 0, 16)), "", ""},
		{"DNL with another", set("after", seg(mDNL, 0, 8)), "", verify.SizeDisagrees},
		{"Adobe transform 3", set("app", seg(mAPP14, []byte("Adobe\x00\x64\x00\x00\x00\x00\x03")...)), "", verify.ReservedValue},
		{"JFIF 2", set("app", seg(mAPP0, []byte("JFIF\x00\x02\x00\x00\x00\x01\x00\x01\x00\x00")...)), "", verify.ReservedValue},
		{"reserved marker", set("app", seg(0xf0)), verify.Malformed, ""},
		{"trailing data", append(gray(nil), 0), "", verify.TrailingData},
	} {
		info, err := Verify(c.data, lim)
		require.Equal(t, c.want, reason(t, err), "%s: %v", c.name, err)
		if c.warn == "" {
			require.Empty(t, info.Warnings, c.name)
		} else {
			require.NotEmpty(t, info.Warnings, c.name)
			require.Equal(t, c.warn, info.Warnings[0].Reason, c.name)
		}
	}
}

// T.81 E.1.4 counts MCUs of the scan. image/jpeg (Go 1.26) counts those of the
// frame's raster in a scan of one component.
func TestRestartsCountMCUsOfTheScan(t *testing.T) {
	// 24x16 pixels in 4:2:0: 3x2 blocks of luma, 2x1 of each chroma.
	head := [][]byte{
		dqtSeg(), sofSeg(mSOF0, 24, 16, 0x22, 0x11, 0x11),
		oneBit(classDC, 0), oneBit(classAC, 0), seg(mDRI, 0, 2),
	}
	two, rst := zeroBits(4), func(n byte) []byte { return []byte{0xff, mRST0 + n} }
	scans := [][]byte{
		sosSeg(0, 63, 0, 1), two, rst(0), two, rst(1), two,
		sosSeg(0, 63, 0, 2), two,
		sosSeg(0, 63, 0, 3), two,
	}
	_, err := Verify(build(append(head, scans...)...), lim)
	require.NoError(t, err)
	scans[4] = rst(2)
	_, err = Verify(build(append(head, scans...)...), lim)
	require.Equal(t, verify.Malformed, reason(t, err))
}

// Progressive scans, each list after a good DC scan of bits 7 to 1.
func TestProgression(t *testing.T) {
	// Six blocks of one bit each.
	ac := func(ss, se, ahAl byte) []byte { return append(sosSeg(ss, se, ahAl, 1), zeroBits(6)...) }
	dc := func(ahAl byte) []byte { return ac(0, 0, ahAl) }
	for _, c := range []struct {
		name  string
		want  verify.Reason
		scans [][]byte
	}{
		{"DC only", "", nil},
		{"all in one band", "", [][]byte{ac(1, 63, 0)}},
		{"two bands", "", [][]byte{ac(6, 63, 0), ac(1, 5, 0)}},
		{"refined", "", [][]byte{ac(1, 63, 2), dc(0x10), ac(1, 63, 0x21), ac(1, 63, 0x10)}},
		{"not refined to the end", "", [][]byte{ac(1, 63, 2), dc(0x10), ac(1, 63, 0x21)}},
		{"refined before its first scan", verify.Malformed, [][]byte{ac(1, 63, 0x10)}},
		{"a bit left out", verify.Malformed, [][]byte{ac(1, 63, 2), ac(1, 63, 0x10)}},
		{"two bits at once", verify.Malformed, [][]byte{ac(1, 63, 2), ac(1, 63, 0x20)}},
		{"twice", verify.Malformed, [][]byte{ac(1, 63, 0), ac(1, 63, 0)}},
		{"bands overlap", verify.Malformed, [][]byte{ac(1, 6, 0), ac(6, 63, 0)}},
		{"band upside down", verify.Malformed, [][]byte{ac(6, 5, 0)}},
		{"band to 64", verify.Malformed, [][]byte{ac(1, 64, 0)}},
		{"DC with AC", verify.Malformed, [][]byte{ac(0, 63, 0)}},
		{"bit 14", verify.Malformed, [][]byte{ac(1, 63, 14)}},
	} {
		data := build(append([][]byte{
			dqtSeg(), sofSeg(mSOF2, 24, 16, 0x11), oneBit(classDC, 0), oneBit(classAC, 0), dc(1),
		}, c.scans...)...)
		info, err := Verify(data, lim)
		require.Equal(t, c.want, reason(t, err), "%s: %v", c.name, err)
		if whole := c.name == "refined"; err != nil || whole {
			require.Empty(t, info.Warnings, c.name)
		} else {
			require.Len(t, info.Warnings, 1, c.name)
			require.Equal(t, verify.IncompleteScans, info.Warnings[0].Reason, c.name)
		}
	}
	_, err := Verify(build(dqtSeg(), sofSeg(mSOF2, 24, 16, 0x11), oneBit(classAC, 0), ac(1, 63, 0)), lim)
	require.Equal(t, verify.Malformed, reason(t, err), "AC without DC")
}

// Bytes behind EOI that a multi-picture index announces belong to the file.
func TestMultiPicture(t *testing.T) {
	first := func(size, offset uint32) []byte {
		tiff := []byte("MM\x00*\x00\x00\x00\x08\x00\x01\xb0\x02\x00\x07\x00\x00\x00\x20\x00\x00\x00\x1a\x00\x00\x00\x00")
		entries := make([]byte, 32)
		binary.BigEndian.PutUint32(entries[20:], size)
		binary.BigEndian.PutUint32(entries[24:], offset)
		app := append([]byte("MPF\x00"), append(tiff[:26], entries...)...)
		return gray(func(p map[string][]byte) { p["app"] = seg(mAPP2, app...) })
	}
	second := gray(nil)
	const base = 2 + 4 + 4 // SOI, segment header, "MPF\0"
	at := len(first(0, 0))
	whole := append(first(uint32(len(second)), uint32(at-base)), second...)
	later := append(append(first(uint32(len(second)), uint32(at+5-base)), 0, 0, 0, 0, 0), second...)
	for _, c := range []struct {
		name string
		data []byte
		warn []verify.Reason
	}{
		{"whole", whole, nil},
		{"aligned by zeros", later, nil},
		{"cut by a byte", whole[:len(whole)-1], []verify.Reason{verify.BadAuxiliary}},
		{"cut off", whole[:at], []verify.Reason{verify.BadAuxiliary}},
		{"not a picture", append(bytes.Clone(whole[:len(whole)-1]), 0xda), []verify.Reason{verify.BadAuxiliary}},
		{"bytes behind it", append(bytes.Clone(whole), 1), []verify.Reason{verify.TrailingData}},
		{"bytes before it", append(append(bytes.Clone(later[:at]), 1, 0, 0, 0, 0), second...), []verify.Reason{verify.TrailingData}},
		{"no index", append(gray(nil), second...), []verify.Reason{verify.TrailingData}},
	} {
		info, err := Verify(c.data, lim)
		require.NoError(t, err, c.name)
		var got []verify.Reason
		for _, w := range info.Warnings {
			got = append(got, w.Reason)
		}
		require.Equal(t, c.warn, got, c.name)
	}
}
