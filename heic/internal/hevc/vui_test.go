package hevc

import (
	"testing"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/stretchr/testify/require"
)

// vui writes vui_parameters (E.2.1) with a default display window and limits on
// motion vectors.
func vui(window [4]int, mvLength int) []byte {
	w := bitWriter{b: make([]byte, nalHeaderSize)}
	w.flags(false, false, true)               // video_signal_type_present_flag
	w.u(3, 5)                                 // video_format
	w.flags(true, true)                       // video_full_range_flag, colour_description_present_flag
	w.u(24, 1<<16|13<<8|9)                    // primaries, transfer, matrix
	w.flags(false, false, false, false, true) // default_display_window_flag
	for _, v := range window {
		w.ue(v)
	}
	w.flags(false, true, false, false, false) // bitstream_restriction_flag
	for _, v := range []int{0, 0, 0, mvLength, mvLength} {
		w.ue(v)
	}
	w.u(16, 0x8000)
	return w.b
}

// What no decoder reads is not accepted, though no still picture needs it: libde265
// refuses the picture over a window that lies outside.
func TestVUI(t *testing.T) {
	for _, c := range []struct {
		name   string
		window [4]int
		mv     int
		want   verify.Reason
	}{
		{"plain", [4]int{0, 0, 0, 0}, 15, ""},
		{"one chroma sample is left", [4]int{20, 11, 31, 0}, 0, ""},
		{"no column is left", [4]int{20, 12, 0, 0}, 0, verify.Malformed},
		{"no row is left", [4]int{0, 0, 30, 2}, 0, verify.Malformed},
		{"the largest that decoders read", [4]int{1<<21 - 2, 0, 0, 0}, 0, verify.Malformed},
		{"larger than decoders read", [4]int{0, 0, 1<<21 - 1, 0}, 0, verify.Unsupported},
		{"motion vectors of 16 bits", [4]int{0, 0, 0, 0}, 16, verify.Malformed},
	} {
		s := SPS{ChromaFormat: 1, Width: 64, Height: 64}
		r := newBitReader(vui(c.window, c.mv), 0)
		s.vuiParameters(&r, 0)
		if c.want != "" {
			requireFault(t, r.fault(), c.want)
			continue
		}
		require.NoError(t, r.fault(), c.name)
		require.True(t, s.FullRange)
		require.EqualValues(t, 9, s.Matrix)
	}
}
