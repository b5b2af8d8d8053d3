package webp_test

import (
	"encoding/binary"
	"image"
	"image/draw"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/pixels/box/boxtest"
	"github.com/imgvet/imgvet/internal/pixels/webp"
)

// animation puts the picture of a simple file at x, y of a canvas. The frame says that it
// is of size w, h.
func animation(still []byte, canvas image.Point, x, y, w, h int) []byte {
	u24 := func(v int) []byte { return []byte{byte(v), byte(v >> 8), byte(v >> 16)} }
	var frame []byte
	for _, v := range []int{x / 2, y / 2, w - 1, h - 1, 100} {
		frame = append(frame, u24(v)...)
	}
	frame = append(append(frame, 0), still[12:]...)
	vp8x := append([]byte{0x12, 0, 0, 0}, append(u24(canvas.X-1), u24(canvas.Y-1)...)...)
	out := []byte("RIFF\x00\x00\x00\x00WEBP")
	for _, c := range []struct {
		id   string
		data []byte
	}{{"VP8X", vp8x}, {"ANIM", make([]byte, 6)}, {"ANMF", frame}} {
		out = append(out, c.id...)
		out = binary.LittleEndian.AppendUint32(out, uint32(len(c.data)))
		out = append(out, c.data...)
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

// TestFrame: the first frame is drawn where it stands, in its picture's own size, as
// libwebp does whatever the frame says of that.
func TestFrame(t *testing.T) {
	for _, name := range []string{"cwebp-lossless-200-colours.webp", "cwebp-lossy-q75.webp"} {
		still := read(t, name)
		small, err := webp.Decode(t.Context(), still, 1)
		require.NoError(t, err)
		size := small.Bounds().Size()
		canvas := size.Add(image.Pt(30, 20))
		want := image.NewNRGBA(image.Rectangle{Max: canvas})
		draw.Draw(want, small.Bounds().Add(image.Pt(8, 6)), small, image.Point{}, draw.Src)
		for _, lie := range []int{0, 1, -1} {
			b := animation(still, canvas, 8, 6, size.X+lie, size.Y+lie)
			got, err := webp.Decode(t.Context(), b, 1)
			require.NoError(t, err, name)
			require.Equal(t, want, got, name)
			got, err = webp.Decode(t.Context(), b, 7)
			require.NoError(t, err, name)
			require.Equal(t, boxtest.Means(want, 7), got, name)
		}
		_, err = webp.Decode(t.Context(), animation(still, canvas, 32, 6, size.X, size.Y), 1)
		require.Error(t, err, "outside of the canvas")
	}
}
