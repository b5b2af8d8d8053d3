package webp_test

import (
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/pixels/webp"
	"github.com/imgvet/imgvet/internal/testenv"
)

// plain makes a lossless file of one colour: a few bits, however many pixels.
func plain(w, h int) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{0x2f}, uint32(w-1)|uint32(h-1)<<14)
	// No transform, colour cache or tiles; five codes of one symbol, 0 in one bit each:
	// 1 for a simple code, 0 for one symbol, 0 for a symbol of a bit, and that.
	bits := uint32(0)
	for i := range 5 {
		bits |= 1 << (3 + 4*i)
	}
	b = binary.LittleEndian.AppendUint32(b, bits)
	b = append(b, 0, 0)
	file := []byte("RIFF\x00\x00\x00\x00WEBPVP8L")
	file = binary.LittleEndian.AppendUint32(file, uint32(len(b)))
	file = append(append(file, b...), make([]byte, len(b)&1)...)
	binary.LittleEndian.PutUint32(file[4:], uint32(len(file)-8))
	return file
}

func allocated(t *testing.T, b []byte, scale int) (uint64, image.Point) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	img, err := webp.Decode(t.Context(), b, scale)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	return after.TotalAlloc - before.TotalAlloc, img.Bounds().Size()
}

// TestReducedLosslessTakesLittleMemory: 4 MiB for what copies may reach back to, and rows.
func TestReducedLosslessTakesLittleMemory(t *testing.T) {
	testenv.OneGoroutine(t)
	w, h := 16320, 12240
	if !testenv.Long() {
		h = 2000
	}
	n, size := allocated(t, plain(w, h), 31)
	require.Equal(t, image.Pt((w+30)/31, (h+30)/31), size)
	t.Logf("%d bytes for %dx%d", n, w, h)
	require.Less(t, n, uint64(4<<20+4*size.X*size.Y+16*size.X+16*w+512<<10))
}

// TestReducedLossyTakesItsPlanes: 1.5 bytes a pixel, and opacity none.
func TestReducedLossyTakesItsPlanes(t *testing.T) {
	testenv.OneGoroutine(t)
	cwebp, err := exec.LookPath("cwebp")
	if err != nil {
		t.Skip("SKIPPED: no cwebp (Debian: webp)")
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.png"), filepath.Join(dir, "out.webp")
	img := image.NewNRGBA(image.Rect(0, 0, 3000, 2000))
	draw.Draw(img, img.Rect, image.NewUniform(color.NRGBA{200, 100, 50, 90}), image.Point{}, draw.Src)
	f, err := os.Create(in)
	require.NoError(t, err)
	require.NoError(t, (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(f, img))
	require.NoError(t, f.Close())
	said, err := exec.Command(cwebp, "-quiet", "-m", "0", in, "-o", out).CombinedOutput()
	require.NoError(t, err, "%s", said)
	b, err := os.ReadFile(out)
	require.NoError(t, err)
	n, size := allocated(t, b, 7)
	pixels := 3000 * 2000
	t.Logf("%d bytes, %.2f a pixel", n, float64(n)/float64(pixels))
	require.Less(t, n, uint64(pixels*3/2+pixels/10+4<<20+4*size.X*size.Y+1<<20))
}
