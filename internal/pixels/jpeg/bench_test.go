package jpeg_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	gojpeg "image/jpeg"
	"math/rand/v2"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/pixels/jpeg"
)

// photo draws a picture whose statistics are near those of a photograph: light that
// falls off, hard edges and grain. It is the same on every machine.
func photo(width, height int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	rng := rand.New(rand.NewPCG(1, 2))
	// Noise of many scales, whose strength falls with its frequency.
	var noise [7][]int
	for i := range noise {
		noise[i] = make([]int, 3*((width>>(2+i))+2)*((height>>(2+i))+2))
		for j := range noise[i] {
			noise[i][j] = rng.IntN(8 << i)
		}
	}
	for y := range height {
		for x := range width {
			var v [3]int
			for i, n := range noise {
				s := 2 + i
				stride := (width >> s) + 2
				fx, fy := x&(1<<s-1), y&(1<<s-1)
				for c := range v {
					at := 3*((y>>s)*stride+x>>s) + c
					top := n[at]<<s + (n[at+3]-n[at])*fx
					low := n[at+3*stride]<<s + (n[at+3*stride+3]-n[at+3*stride])*fx
					v[c] += (top<<s + (low-top)*fy) >> (2 * s)
				}
			}
			grain := rng.IntN(33) - 16
			for c := range v {
				v[c] = min(max(v[c]/4+grain, 0), 255)
			}
			img.SetRGBA(x, y, color.RGBA{uint8(v[0]), uint8((v[0] + v[1]) / 2), uint8((v[0] + v[2]) / 2), 255})
		}
	}
	return img
}

var (
	benchOnce sync.Once
	benchData []byte
)

// BenchmarkDecode compares with image/jpeg at 12 megapixels.
func BenchmarkDecode(b *testing.B) {
	benchOnce.Do(func() {
		var buf bytes.Buffer
		require.NoError(b, gojpeg.Encode(&buf, photo(4000, 3000), &gojpeg.Options{Quality: 90}))
		benchData = buf.Bytes()
	})
	kinds := []struct {
		name string
		args []string
	}{{"baseline", nil}, {"progressive", []string{"-progressive"}}, {"arithmetic", []string{"-arithmetic"}}}
	for _, kind := range kinds {
		data := benchData
		if kind.args != nil {
			if _, err := exec.LookPath("jpegtran"); err != nil {
				b.Skip("jpegtran is not there")
			}
			data = run(b, benchData, "jpegtran", kind.args...)
		}
		bench := func(name string, decode func() error) {
			b.Run(kind.name+"/"+name, func(b *testing.B) {
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					require.NoError(b, decode())
				}
			})
		}
		if kind.name != "arithmetic" {
			bench("image_jpeg", func() error {
				_, err := gojpeg.Decode(bytes.NewReader(data))
				return err
			})
		}
		for _, scale := range []int{1, 2, 4, 8} {
			bench(fmt.Sprintf("1_%d", scale), func() error {
				_, err := jpeg.Decode(context.Background(), data, scale)
				return err
			})
		}
	}
}
