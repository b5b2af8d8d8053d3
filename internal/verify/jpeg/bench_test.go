package jpeg

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// landscape draws a picture whose statistics are near those of a photograph:
// noise of many scales whose strength falls with its frequency, hard edges, and
// some grain. It is the same on every machine.
func landscape(width, height int, grain uint32) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			var sum [3]int32
			for octave := range 7 {
				shift := 9 - octave
				for c := range sum {
					sum[c] += valueNoise(x, y, shift, uint32(octave*3+c/2)) >> octave
				}
			}
			hill := int32(height/2) + valueNoise(x, 0, 8, 77)*int32(height)/1024
			if int32(y) > hill {
				sum[0], sum[1], sum[2] = sum[1]*2/3, sum[2]*3/4, sum[0]/2
			}
			g := int32(hash(uint32(x), uint32(y), 999)%(2*grain+1)) - int32(grain)
			img.SetRGBA(x, y, color.RGBA{clamp(sum[0]/2 + g), clamp(sum[1]/2 + g), clamp(sum[2]/2 + g), 255})
		}
	}
	return img
}

// valueNoise is bilinear noise of 0..255 on a lattice of 1<<shift pixels.
func valueNoise(x, y, shift int, seed uint32) int32 {
	step := 1 << shift
	gx, gy := uint32(x>>shift), uint32(y>>shift)
	fx, fy := int32(x&(step-1)), int32(y&(step-1))
	v := func(dx, dy uint32) int32 { return int32(hash(gx+dx, gy+dy, seed) & 255) }
	top := v(0, 0)<<shift + (v(1, 0)-v(0, 0))*fx
	bottom := v(0, 1)<<shift + (v(1, 1)-v(0, 1))*fx
	return (top + (bottom-top)>>shift*fy) >> shift
}

func hash(x, y, seed uint32) uint32 {
	h := x*0x9e3779b1 ^ y*0x85ebca77 ^ seed*0xc2b2ae3d
	h ^= h >> 15
	h *= 0x2c1b3c6d
	h ^= h >> 12
	h *= 0x297a2d39
	return h ^ h>>15
}

func clamp(v int32) uint8 { return uint8(min(max(v, 0), 255)) }

// benchKind says how a file of the benchmarks is made: a landscape, coded by
// image/jpeg, and by jpegtran again where tran says so.
type benchKind struct {
	name                   string
	width, height, quality int
	tran                   []string
}

var benchKinds = []benchKind{
	{"baseline_1mp", 1200, 900, 90, nil},
	{"baseline_12mp", 4000, 3000, 90, nil},
	{"baseline_12mp_q75", 4000, 3000, 75, nil},
	{"optimized_12mp", 4000, 3000, 90, []string{"-optimize"}},
	{"restart_12mp", 4000, 3000, 90, []string{"-restart", "1"}},
	{"progressive_1mp", 1200, 900, 90, []string{"-progressive"}},
	{"progressive_12mp", 4000, 3000, 90, []string{"-progressive"}},
	{"progressive_12mp_q75", 4000, 3000, 75, []string{"-progressive"}},
	{"small_5kb", 320, 240, 75, nil},
}

// landscapes keeps the pictures of the benchmarks by width.
var landscapes sync.Map

func (k benchKind) make(t testing.TB) []byte {
	t.Helper()
	img, ok := landscapes.Load(k.width)
	if !ok {
		img, _ = landscapes.LoadOrStore(k.width, landscape(k.width, k.height, 4))
	}
	var buf bytes.Buffer
	require.NoError(t, jpeg.Encode(&buf, img.(image.Image), &jpeg.Options{Quality: k.quality}))
	if k.tran == nil {
		return buf.Bytes()
	}
	cmd := exec.Command("jpegtran", k.tran...)
	cmd.Stdin = &buf
	data, err := cmd.Output()
	if err != nil {
		t.Skipf("jpegtran: %v", err)
	}
	return data
}

func BenchmarkVerify(b *testing.B) {
	benchmark(b, func(data []byte) error {
		_, err := Verify(data, lim)
		return err
	})
}

// BenchmarkDecode is the yardstick for BenchmarkVerify.
func BenchmarkDecode(b *testing.B) {
	benchmark(b, func(data []byte) error {
		_, err := jpeg.Decode(bytes.NewReader(data))
		return err
	})
}

func benchmark(b *testing.B, judge func([]byte) error) {
	for _, kind := range benchKinds {
		b.Run(kind.name, func(b *testing.B) {
			data := kind.make(b)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if err := judge(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkArithmetic has no yardstick: image/jpeg has no arithmetic coding.
func BenchmarkArithmetic(b *testing.B) {
	data := benchKind{"", 1200, 900, 90, []string{"-arithmetic"}}.make(b)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := Verify(data, lim); err != nil {
			b.Fatal(err)
		}
	}
}
