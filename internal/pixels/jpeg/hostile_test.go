package jpeg_test

import (
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/internal/pixels/jpeg"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/jpeg/stream"
)

func TestEveryPrefixIsTruncated(t *testing.T) {
	testenv.OneGoroutine(t)
	for _, f := range goodFiles(t) {
		if len(f.data) > 8<<10 {
			continue
		}
		step := max(1, len(f.data)/60)
		for n := 0; n < len(f.data); n += step {
			for _, scale := range []int{1, 8} {
				_, err := jpeg.Decode(context.Background(), f.data[:n], scale)
				if err == nil {
					continue // behind EOI
				}
				var fault *verify.Fault
				require.ErrorAs(t, err, &fault, "%s: %d bytes", f.name, n)
				require.LessOrEqual(t, fault.Offset, int64(n), "%s: %d bytes", f.name, n)
			}
		}
	}
}

func TestMutants(t *testing.T) {
	files := append(goodFiles(t), builtFiles()...)
	rng := rand.New(rand.NewPCG(7, 7))
	n := testenv.Count(3000, 300)
	for range n {
		f := files[rng.IntN(len(files))]
		if len(f.data) < 40<<10 {
			holds(t, fuzz.Corrupt(rng.Uint64(), f.data))
		}
	}
}

// Twelve bits a sample are reduced to eight: the same picture with four more bits.
func TestTwelveBits(t *testing.T) {
	var eight, twelve bitWriter
	for i := range 4 {
		eight.flat(6, i%2 == 1)
		twelve.flat(10, i%2 == 1)
	}
	head := append(quantSeg(8), tablesSeg()...)
	made := func(precision byte, data []byte) []byte {
		return join(head, frameSeg(stream.SOF1, precision, 16, 16, 0x11), scanSeg(1), data)
	}
	for _, scale := range []int{1, 2, 4, 8} {
		want, _ := planesOf(t, decode(t, "8 bits", made(8, eight.end()), scale))
		got, _ := planesOf(t, decode(t, "12 bits", made(12, twelve.end()), scale))
		_, largest := difference(want[0], got[0])
		require.LessOrEqual(t, largest, 1)
	}
}

func TestBadScale(t *testing.T) {
	data := goodFiles(t)[0].data
	for _, scale := range []int{-1, 0, 3, 16} {
		_, err := jpeg.Decode(context.Background(), data, scale)
		require.ErrorContains(t, err, "scale")
	}
}

func TestContext(t *testing.T) {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	for _, f := range goodFiles(t)[:8] {
		_, err := jpeg.Decode(done, f.data, 1)
		require.ErrorIs(t, err, context.Canceled)
	}
	// While it decodes: blocks of two bits, of as many pixels as allowed.
	var w bitWriter
	const blocks = 1024 * 1024
	w.flat(6, false)
	for range blocks - 1 {
		w.flat(0, false)
	}
	data := join(quantSeg(8), tablesSeg(), frameSeg(stream.SOF0, 8, 8192, 8192, 0x11), scanSeg(1), w.end())
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	_, err := jpeg.Decode(ctx, data, 1)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = jpeg.Decode(context.Background(), data, 1)
	require.NoError(t, err)
}

// looks counts how often it is asked whether it is done.
type looks struct {
	context.Context
	n int
}

func (c *looks) Err() error { c.n++; return nil }

// Repeating the samples of uneven sampling takes longer than decoding flat blocks.
func TestContextWhileRepeating(t *testing.T) {
	const side = 2048
	var w bitWriter
	for range 5 * ((side + 23) / 24) * (side / 8) {
		w.put(0, 5)
	}
	data := join(quantSeg(8), tablesSeg(), frameSeg(stream.SOF0, 8, side, side, 0x31, 0x11, 0x11), scanSeg(1, 2, 3), w.end())
	ctx := &looks{Context: context.Background()}
	_, err := jpeg.Decode(ctx, data, 1)
	require.NoError(t, err)
	require.Greater(t, ctx.n, 2*side*side/16/2048, "looks for two planes of chroma")
}

// TestMemory checks the bytes per pixel in doc.go.
func TestMemory(t *testing.T) {
	if testenv.Race {
		t.Skip("SKIPPED: there is nothing in it for the race detector, which makes it slow")
	}
	allocated := func(data []byte, scale int) float64 {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, _ = jpeg.Decode(context.Background(), data, scale)
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	side := testenv.Count(4096, 2048)
	for _, c := range []struct {
		name       string
		marker     byte
		sampling   []byte
		most       [4]float64 // bytes a pixel, at 1/1, 1/2, 1/4 and 1/8
		components []byte
	}{
		{"4:2:0", stream.SOF0, []byte{0x22, 0x11, 0x11}, [4]float64{1.5, 0.375, 0.094, 0.024}, []byte{1, 2, 3}},
		{"4:2:0 progressive", stream.SOF2, []byte{0x22, 0x11, 0x11}, [4]float64{4.7, 1.32, 0.47, 0.26}, []byte{1, 2, 3}},
		{"four components", stream.SOF0, []byte{0x11, 0x11, 0x11, 0x11}, [4]float64{8, 2, 0.5, 0.125}, []byte{1, 2, 3, 4}},
		{"four components, progressive", stream.SOF2, []byte{0x11, 0x11, 0x11, 0x11}, [4]float64{16.5, 4.5, 1.5, 0.75}, []byte{1, 2, 3, 4}},
	} {
		var w bitWriter
		n := 0
		for _, hv := range c.sampling {
			n += int(hv>>4) * int(hv&15)
		}
		scan := scanSeg(c.components...)
		if c.marker == stream.SOF2 {
			scan[len(scan)-2] = 0
		}
		for range n * (side / 8 / int(c.sampling[0]>>4)) * (side / 8 / int(c.sampling[0]&15)) {
			if w.put(0, 4); c.marker == stream.SOF0 {
				w.put(0, 1)
			}
		}
		data := join(quantSeg(8), tablesSeg(), frameSeg(c.marker, 8, side, side, c.sampling...), scan, w.end())
		for i, scale := range []int{1, 2, 4, 8} {
			decode(t, c.name, data, scale)
			got := (allocated(data, scale) - 300<<10) / float64(side) / float64(side)
			t.Logf("%-30s 1/%d: %.3f bytes a pixel", c.name, scale, got)
			require.Less(t, got, c.most[i]+0.01, "%s at 1/%d", c.name, scale)
		}
	}
	// Cut behind its header, a file asks for no more.
	huge := join(quantSeg(8), tablesSeg(), frameSeg(stream.SOF0, 8, 65500, 65500, 0x11))
	require.Less(t, allocated(huge, 1), 400e3)
}

func TestConcurrentUse(t *testing.T) {
	files := goodFiles(t)[:12]
	done := make(chan error)
	for range 4 {
		go func() {
			var err error
			for _, f := range files {
				img, e := jpeg.Decode(context.Background(), f.data, 2)
				if e != nil || img.Bounds() == (image.Rectangle{}) {
					err = fmt.Errorf("%s: %w", f.name, e)
				}
			}
			done <- err
		}()
	}
	for range 4 {
		require.NoError(t, <-done)
	}
}
