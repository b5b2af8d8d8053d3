package jpeg

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
)

// photo is a file of image/jpeg, whose Huffman tables are those of T.81 annex K.
func photo(t testing.TB) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 70, 45))
	for i := range m.Pix {
		m.Pix[i] = byte(i*i/97 + i/3)
	}
	for y := range 45 {
		m.Set(y, y, color.White)
	}
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, &jpeg.Options{Quality: 80}))
	return b.Bytes()
}

// segmentOf returns the offsets of the first segment of marker m and of its end.
func segmentOf(t testing.TB, b []byte, m byte) (from, to int) {
	t.Helper()
	from = bytes.Index(b, []byte{0xff, m})
	require.Positive(t, from)
	return from, from + 2 + int(b[from+2])<<8 + int(b[from+3])
}

// insert returns b with p inserted at offset at.
func insert(b []byte, at int, p ...byte) []byte {
	return bytes.Join([][]byte{b[:at], p, b[at:]}, nil)
}

// Frames of Motion JPEG have no Huffman tables.
func TestNoHuffmanTables(t *testing.T) {
	b := photo(t)
	from, to := segmentOf(t, b, mDHT)
	bare := bytes.Join([][]byte{b[:from], b[to:]}, nil)
	info, err := Verify(bare, lim)
	require.NoError(t, err)
	require.Len(t, info.Warnings, 1)
	require.Equal(t, verify.DefaultTables, info.Warnings[0].Reason)

	// A frame whose data uses other tables is not one of them.
	other := bytes.Replace(bare, []byte{0xff, mSOF0}, []byte{0xff, mSOF2}, 1)
	_, err = Verify(other, lim)
	require.Equal(t, verify.Malformed, reason(t, err), "progressive")
	sos, _ := segmentOf(t, bare, mSOS)
	other = bytes.Clone(bare)
	other[sos+6] = 0x22 // tables 2, of which annex K has none
	_, err = Verify(other, lim)
	require.Equal(t, verify.Malformed, reason(t, err), "tables 2")
}

// A table that a wrong length hides is lost: those of annex K may be different.
func TestNoTableIsSkipped(t *testing.T) {
	b := photo(t)
	from, to := segmentOf(t, b, mDHT)
	for _, end := range []int{from + 30, to, to - 1, to + 4} {
		n := end - from
		hidden := insert(b, from, 0xff, mCOM, byte((n+2)>>8), byte(n+2))
		_, err := Verify(hidden, lim)
		require.Equal(t, verify.Malformed, reason(t, err), "a COM of %d bytes over the DHT", n)
	}
	// A thumbnail's own tables do not count.
	bare := bytes.Join([][]byte{b[:from], b[to:]}, nil)
	thumb := append(append([]byte("Exif\x00\x00"), 0xff, mSOI), b[from:to]...)
	_, err := Verify(insert(bare, 2, seg(0xe1, thumb...)...), lim)
	require.NoError(t, err)
}

// Bytes after the last MCU of a segment, in every kind of scan.
func TestSurplusBytes(t *testing.T) {
	files := map[string][]byte{"image/jpeg": photo(t)}
	for _, f := range madeFiles(t) {
		if f.name[0] == 'v' && len(f.data) < 12<<10 {
			files[f.name] = f.data
		}
	}
	for name, b := range files {
		for _, c := range []struct {
			what string
			p    []byte
			ok   bool
		}{
			{"a byte of ones", []byte{0xff, 0}, true},
			{"three bytes of ones", []byte{0xff, 0, 0xff, 0, 0xff, 0}, true},
			{"a byte", []byte{0x5a}, true},
			{"two bytes", []byte{0x5a, 0xa5}, true},
			{"three bytes", []byte{0x5a, 0xa5, 0x5a}, false},
			{"64 zeros", make([]byte, 64), true},
			{"64 zeros and a one", append(make([]byte, 64), 1), false},
		} {
			at := scanEnds(b)
			for _, i := range []int{0, len(at) / 2, len(at) - 1} {
				data := insert(b, at[i], c.p...)
				info, err := Verify(data, lim)
				if strings.Contains(name, "arithmetic") && (err != nil || !c.ok) {
					continue // its encoder leaves out final zeros, so that the bytes are data
				}
				if !c.ok {
					require.Equal(t, verify.Malformed, reason(t, err), "%s: %s in place %d", name, c.what, i)
					continue
				}
				if err != nil && len(c.p) == 64 && strings.Contains(err.Error(), "surplus") {
					continue // zeros behind padding that was not of ones
				}
				require.NoError(t, err, "%s: %s in place %d", name, c.what, i)
				if !strings.Contains(name, "arithmetic") {
					require.NotEmpty(t, info.Warnings, name)
				}
			}
		}
	}
}

// scanEnds returns the offsets of the ends of the entropy-coded segments of b.
func scanEnds(b []byte) (at []int) {
	inScan := false
	for i := 2; i+1 < len(b); i++ {
		if b[i] != 0xff || b[i+1] == 0 || b[i+1] == 0xff {
			continue
		}
		if inScan {
			at = append(at, i)
		}
		m := b[i+1]
		if m >= mRST0 && m < mSOI {
			continue
		}
		inScan = m == mSOS
		if m != mEOI && i+3 < len(b) {
			i += 1 + int(b[i+2])<<8 + int(b[i+3])
		}
	}
	return at
}

func TestComponentNumbersTwice(t *testing.T) {
	b := photo(t)
	sof, _ := segmentOf(t, b, mSOF0)
	sos, _ := segmentOf(t, b, mSOS)
	same := func(frame, scan string) []byte {
		c := bytes.Clone(b)
		for i := range 3 {
			c[sof+10+3*i], c[sos+5+2*i] = frame[i], scan[i]
		}
		return c
	}
	for _, c := range []struct {
		frame, scan string
		want        verify.Reason
		warned      bool
	}{
		{"123", "123", "", false},
		{"112", "112", "", true},
		{"111", "111", "", true},
		{"\x00\x00\x01", "\x00\x00\x01", "", true},
		{"123", "112", verify.Malformed, false},
		{"112", "122", verify.Malformed, true},
		{"112", "113", verify.Malformed, true},
	} {
		info, err := Verify(same(c.frame, c.scan), lim)
		require.Equal(t, c.want, reason(t, err), "%q, scan %q: %v", c.frame, c.scan, err)
		require.Equal(t, c.warned, len(info.Warnings) > 0, "%q", c.frame)
	}
}

// Under Lenient an EOI may be missing, but not a bit of the last scan.
func TestMissingEOI(t *testing.T) {
	testenv.OneGoroutine(t)
	lenient := lim
	lenient.Lenient = true
	for _, f := range append(goodFiles(t), file{"image/jpeg", photo(t)}) {
		whole, err := Verify(f.data, lenient)
		require.NoError(t, err, f.name)
		end := bytes.LastIndex(f.data, []byte{0xff, mEOI})
		if end < 0 || hasReason(whole, verify.TrailingData) || hasReason(whole, verify.IncompleteScans) || bytes.Contains(f.data, []byte("MPF\x00")) {
			continue
		}
		_, err = Verify(f.data[:end], lim)
		require.Equal(t, verify.Truncated, reason(t, err), f.name)
		for _, n := range []int{end, end + 1} {
			info, err := Verify(f.data[:n], lenient)
			if bytes.Contains(f.data, []byte{0xff, mSOF9}) || bytes.Contains(f.data, []byte{0xff, 0xca}) {
				require.Equal(t, verify.Truncated, reason(t, err), "%s: arithmetic-coded", f.name)
				continue
			}
			require.NoError(t, err, "%s without its last %d bytes", f.name, len(f.data)-n)
			require.True(t, hasReason(info, verify.MissingEnd), f.name)
		}
		for cut := end - 1; cut > max(0, end-40); cut-- {
			if info, err := Verify(f.data[:cut], lenient); err == nil {
				// What was cut off is surplus: the picture is the same.
				require.True(t, hasReason(info, verify.MissingEnd), f.name)
				require.True(t, hasReason(whole, verify.FillBytes), "%s cut to %d of %d bytes", f.name, cut, end)
			}
			zeros := append(bytes.Clone(f.data[:cut]), make([]byte, len(f.data)-cut)...)
			if len(f.data)-cut > 2 {
				_, err := Verify(zeros, lenient)
				require.Error(t, err, "%s: zeros from %d of %d on", f.name, cut, end)
			}
		}
	}
}

func hasReason(info verify.Info, r verify.Reason) bool {
	for _, w := range info.Warnings {
		if w.Reason == r {
			return true
		}
	}
	return false
}

// A progressive file that was cut between scans and closed with an EOI shows the whole picture,
// blurred. One that was not closed has lost its tail, even under Lenient.
func TestIncompleteScans(t *testing.T) {
	lenient := lim
	lenient.Lenient = true
	n := 0
	for _, f := range goodFiles(t) {
		info, err := Verify(f.data, lim)
		require.NoError(t, err, f.name)
		if !bytes.Contains(f.data, []byte{0xff, mSOF2}) || len(info.Warnings) > 0 {
			continue
		}
		var all []int // where a scan header begins
		for i := bytes.Index(f.data, []byte{0xff, mSOS}); i < len(f.data); {
			all = append(all, i)
			next := bytes.Index(f.data[i+2:], []byte{0xff, mSOS})
			if next < 0 {
				break
			}
			i += 2 + next
		}
		for _, at := range all[1:] {
			cut := f.data[:at:at]
			_, err := Verify(cut, lenient)
			require.Equal(t, verify.Truncated, reason(t, err), f.name)
			info, err := Verify(append(cut, 0xff, mEOI), lim)
			if err != nil { // not all components are begun, or the marker was data
				continue
			}
			n++
			require.True(t, hasReason(info, verify.IncompleteScans), "%s cut at %d", f.name, at)
		}
	}
	require.Greater(t, n, 10)
}
