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

// benchFiles are what the benchmarks run over, made once.
var benchFiles = sync.OnceValue(func() map[string][]byte {
	encode := func(img image.Image, quality int) []byte {
		var buf bytes.Buffer
		if err := jpeg.Encode(&buf, img, &jpeg.Options{Quality: quality}); err != nil {
			return nil
		}
		return buf.Bytes()
	}
	big := landscape(4000, 3000, 6)
	files := map[string][]byte{
		"baseline_1mp":      encode(landscape(1200, 900, 6), 90),
		"baseline_12mp":     encode(big, 90),
		"baseline_12mp_q75": encode(big, 75),
		"small_5kb":         encode(landscape(176, 144, 3), 75),
	}
	tran := func(name, from string, args ...string) {
		cmd := exec.Command("jpegtran", args...)
		cmd.Stdin = bytes.NewReader(files[from])
		if out, err := cmd.Output(); err == nil {
			files[name] = out
		}
	}
	tran("optimized_12mp", "baseline_12mp", "-optimize")
	tran("progressive_12mp", "baseline_12mp", "-progressive")
	tran("progressive_1mp", "baseline_1mp", "-progressive")
	tran("restart_12mp", "baseline_12mp", "-restart", "1")
	return files
})

var benchKinds = []string{
	"baseline_1mp", "baseline_12mp", "baseline_12mp_q75", "optimized_12mp", "restart_12mp",
	"progressive_1mp", "progressive_12mp", "small_5kb",
}

func BenchmarkVerify(b *testing.B) {
	for _, kind := range benchKinds {
		b.Run(kind, func(b *testing.B) {
			data := benchFile(b, kind)
			for b.Loop() {
				if _, err := Verify(data, lim); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecode is what BenchmarkVerify is compared with.
func BenchmarkDecode(b *testing.B) {
	for _, kind := range benchKinds {
		b.Run(kind, func(b *testing.B) {
			data := benchFile(b, kind)
			for b.Loop() {
				if _, err := jpeg.Decode(bytes.NewReader(data)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchFile(b *testing.B, kind string) []byte {
	data := benchFiles()[kind]
	if data == nil {
		b.Skip("jpegtran is not there")
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	b.ResetTimer()
	return data
}

func TestBenchFilesAreGood(t *testing.T) {
	if testing.Short() {
		t.Skip("makes large pictures")
	}
	for name, data := range benchFiles() {
		_, err := Verify(data, lim)
		require.NoError(t, err, name)
	}
}
