package heic_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/verify"
)

// A preview whose stream is filled up to whole coding tree blocks is as Sony's cameras write
// it. One that is off by more, or larger than its stream, is broken; so is a shown picture
// that is off by a block.
func TestPreviewsFillBlocks(t *testing.T) {
	for _, c := range []struct {
		w, h  uint64
		sound bool
	}{{64, 64, true}, {48, 56, true}, {1, 1, true}, {64, 73, false}, {80, 64, false}} {
		f := single()
		f.props = append(f.props, ispe(c.w, c.h))
		f.items = append(f.items, heifItem{typ: "hvc1", data: unhex(tileStream), props: []byte{0x81, 3}})
		f.ref("thmb", 2, 1)
		info, err := heic.Verify(f.bytes(), heic.Limits{})
		require.NoError(t, err)
		if c.sound {
			require.Empty(t, info.Warnings, "%dx%d", c.w, c.h)
		} else {
			require.Len(t, info.Warnings, 1, "%dx%d", c.w, c.h)
			require.Equal(t, verify.BadAuxiliary, info.Warnings[0].Reason)
		}
	}
	jpeg := single()
	jpeg.props = append(jpeg.props, ispe(16, 16))
	jpeg.items = append(jpeg.items, heifItem{typ: "jpeg", data: []byte("\xff\xd8\xff\xd9"), props: []byte{3}})
	jpeg.ref("thmb", 2, 1)
	info, err := heic.Verify(jpeg.bytes(), heic.Limits{})
	require.NoError(t, err)
	require.Empty(t, info.Warnings, "a thumbnail of another coding")
	jpeg.items[1].data = append([]byte("\xff\xd8\xff"), make([]byte, 40)...)
	_, err = heic.Verify(jpeg.bytes(), heic.Limits{})
	refused(t, err, verify.Truncated)
	jpeg.items[1].noLoc = true
	info, err = heic.Verify(jpeg.bytes(), heic.Limits{})
	require.NoError(t, err)
	require.Len(t, info.Warnings, 1, "a thumbnail that is not there")
	require.Equal(t, verify.BadAuxiliary, info.Warnings[0].Reason)

	shown := single()
	shown.props[1] = ispe(48, 56)
	_, err = heic.Verify(shown.bytes(), heic.Limits{})
	refused(t, err, verify.Malformed)
}
