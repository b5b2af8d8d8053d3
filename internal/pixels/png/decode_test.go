package png_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"go/build"
	"hash/crc32"
	"image"
	"image/color"
	stdpng "image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/pixels/png"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
	verifypng "github.com/imgvet/imgvet/internal/verify/png"
)

// kind is a way to store pixels.
type kind struct {
	colour, depth byte
	interlace     byte
	key           bool // with tRNS
}

func kinds() (all []kind) {
	for colour, depths := range map[byte][]byte{0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}} {
		for _, depth := range depths {
			for interlace := range byte(2) {
				all = append(all, kind{colour, depth, interlace, false})
				if colour < 4 {
					all = append(all, kind{colour, depth, interlace, true})
				}
			}
		}
	}
	return all
}

func chunk(b []byte, name string, data []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
	b = append(append(b, name...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[len(b)-len(data)-4:]))
}

// file encodes a picture of noise with every filter type.
func (k kind) file(t testing.TB, w, h int) []byte {
	rng := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	samples := map[byte]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[k.colour]
	bits := samples * int(k.depth)
	var raw []byte
	passes := [][4]int{{0, 0, 1, 1}}
	if k.interlace == 1 {
		passes = [][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}
	}
	for _, p := range passes {
		n := (w - p[0] + p[2] - 1) / p[2]
		if n <= 0 {
			continue
		}
		for y := p[1]; y < h; y += p[3] {
			raw = append(raw, byte(rng.IntN(5)))
			for range (n*bits + 7) / 8 {
				a, b := byte(rng.IntN(256)), byte(rng.IntN(256))
				raw = append(raw, a&b)
			}
		}
	}
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	_, err := zw.Write(raw)
	require.NoError(t, err)
	require.NoError(t, zw.Close())
	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = append(binary.BigEndian.AppendUint32(head, uint32(h)), k.depth, k.colour, 0, 0, k.interlace)
	b := chunk([]byte("\x89PNG\r\n\x1a\n"), "IHDR", head)
	if k.colour == 3 {
		colours := make([]byte, 3*min(200, 1<<k.depth))
		for i := range colours {
			colours[i] = byte(rng.IntN(256))
		}
		b = chunk(b, "PLTE", colours)
	}
	if k.key {
		b = chunk(b, "tRNS", map[byte][]byte{0: {0, 1}, 2: {0, 0, 0, 0, 0, 0}, 3: {0, 128}}[k.colour])
	}
	b = chunk(b, "IDAT", z.Bytes())
	return chunk(b, "IEND", nil)
}

// What image/png decodes, Decode returns with the same type and the same pixels.
func TestLikeImagePNG(t *testing.T) {
	testenv.OneGoroutine(t)
	for _, k := range kinds() {
		for _, size := range [][2]int{{1, 1}, {3, 2}, {17, 9}, {64, 33}} {
			same(t, k.file(t, size[0], size[1]))
		}
	}
	n := 0
	for _, root := range []string{filepath.Join(build.Default.GOROOT, "src", "image"), "../../../testdata/good/png"} {
		require.NoError(t, filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".png") {
				return err
			}
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			if _, err := verifypng.Verify(b, verify.Limits{MaxPixels: 1 << 24}); err == nil {
				same(t, b)
				n++
			}
			return nil
		}))
	}
	require.Greater(t, n, 60)
}

func same(t testing.TB, b []byte) {
	t.Helper()
	want, err := stdpng.Decode(bytes.NewReader(b))
	require.NoError(t, err)
	got, err := png.Decode(context.Background(), b, 1)
	require.NoError(t, err)
	require.IsType(t, want, got)
	require.Equal(t, want.Bounds(), got.Bounds())
	r := want.Bounds()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if want.At(x, y) != got.At(x, y) {
				t.Fatalf("%T at %d,%d: %v, not %v", want, x, y, got.At(x, y), want.At(x, y))
			}
		}
	}
}

// Reduced, each pixel is the mean of its square.
func TestReduced(t *testing.T) {
	for _, k := range kinds() {
		reduced(t, k, 37, 21, 2, 3, 5, 8, 20, 37, 64, png.MaxScale)
		reduced(t, k, 700, 3, 16, 17, 300, 512) // more pixels of a row in a square than are added at a time
	}
}

func reduced(t *testing.T, k kind, w, h int, scales ...int) {
	b := k.file(t, w, h)
	full, err := png.Decode(context.Background(), b, 1)
	require.NoError(t, err)
	for _, scale := range scales {
		got, err := png.Decode(context.Background(), b, scale)
		require.NoError(t, err)
		require.Equal(t, image.Rect(0, 0, (w+scale-1)/scale, (h+scale-1)/scale), got.Bounds())
		for y := range got.Bounds().Dy() {
			for x := range got.Bounds().Dx() {
				want := mean(full, image.Rect(x*scale, y*scale, (x+1)*scale, (y+1)*scale).Intersect(full.Bounds()))
				is := color.RGBAModel.Convert(got.At(x, y)).(color.RGBA)
				for i, d := range []int{int(is.R), int(is.G), int(is.B), int(is.A)} {
					if d -= int(want[i]); d < -1 || d > 1 {
						t.Fatalf("%+v scale %d at %d,%d: %v, not %v", k, scale, x, y, is, want)
					}
				}
			}
		}
	}
}

func mean(m image.Image, r image.Rectangle) (v [4]uint64) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			cr, cg, cb, ca := m.At(x, y).RGBA()
			for i, c := range []uint32{cr, cg, cb, ca} {
				v[i] += uint64(c)
			}
		}
	}
	for i := range v {
		v[i] = v[i] / uint64(r.Dx()*r.Dy()) >> 8
	}
	return v
}

func TestBadArguments(t *testing.T) {
	b := kind{2, 8, 0, false}.file(t, 9, 9)
	for _, scale := range []int{-1, 0, png.MaxScale + 1} {
		_, err := png.Decode(context.Background(), b, scale)
		require.Error(t, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := png.Decode(ctx, b, 1)
	require.ErrorIs(t, err, context.Canceled)
	for n := range b {
		_, err := png.Decode(context.Background(), b[:n], 1)
		var fault *verify.Fault
		if err != nil {
			require.ErrorAs(t, err, &fault, "cut to %d", n)
		}
	}
}

// Reduced, a picture takes little more than the result: 12 megapixels of noise, at a
// quarter, within 8 MB.
func TestReducedMemory(t *testing.T) {
	testenv.OneGoroutine(t)
	b := kind{2, 8, 0, false}.file(t, 4000, 3000)
	least := uint64(math.MaxUint64)
	for range 2 { // a collection in between empties the pools
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := png.Decode(context.Background(), b, 7)
		require.NoError(t, err)
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	require.Less(t, least, uint64(8<<20))
}

func BenchmarkDecode(b *testing.B) {
	var out bytes.Buffer
	m := image.NewRGBA(image.Rect(0, 0, 4000, 3000))
	for i := range m.Pix {
		x, y := i/4%4000, i/16000
		m.Pix[i] = byte((x*x+y*y*(1+i%4))/5000) + byte(x*7919*y)>>6
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	require.NoError(b, stdpng.Encode(&out, m))
	data := out.Bytes()
	b.Run("image/png", func(b *testing.B) {
		for b.Loop() {
			_, err := stdpng.Decode(bytes.NewReader(data))
			require.NoError(b, err)
		}
	})
	for name, scale := range map[string]int{"full": 1, "reduced": 7} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := png.Decode(context.Background(), data, scale)
				require.NoError(b, err)
			}
		})
	}
}
