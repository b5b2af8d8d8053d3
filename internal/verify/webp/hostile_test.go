package webp

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
)

const (
	// judgeTime is for 1 MiB. On a quiet machine nothing here takes half of it.
	judgeTime = 300 * time.Millisecond
	// judgeHeap is for all that is allocated: 4 bytes for each of 6 million tiles,
	// and as much again as they grow, twice.
	judgeHeap = 144 << 20
)

// judge verifies b, whatever comes out, and demands that it takes little: of
// time of the processor, and of memory.
func judge(t *testing.T, b []byte, lim verify.Limits) (verify.Info, error) {
	t.Helper()
	var (
		info verify.Info
		err  error
		heap runtime.MemStats
	)
	runtime.GC()
	runtime.ReadMemStats(&heap)
	before := heap.TotalAlloc
	best := time.Hour
	for i := 0; i < 10 && best > judgeTime/2; i++ {
		start := cputime.Used()
		info, err = Verify(b, lim)
		best = min(best, cputime.Used()-start)
		if i == 0 {
			runtime.ReadMemStats(&heap)
			if !testenv.Race { // which empties pools at random
				require.Less(t, heap.TotalAlloc-before, uint64(judgeHeap))
			}
		}
	}
	t.Logf("%d bytes: %v, %v", len(b), best, err)
	require.Less(t, best, testenv.Scale(judgeTime))
	return info, err
}

func requireReason(t *testing.T, want verify.Reason, err error) {
	t.Helper()
	fault := new(verify.Fault)
	require.ErrorAs(t, err, &fault)
	require.Equal(t, want, fault.Reason, "%v", err)
}

// repeat puts as many frames into an animation as fit 1 MiB.
func repeat(width, height int, frame []byte) []byte {
	head := riffOf(vp8xOf(flagAnimation, width, height), animOf)
	n := (1<<20 - len(head)) / len(frame)
	chunks := [][]byte{vp8xOf(flagAnimation, width, height), animOf}
	for range n {
		chunks = append(chunks, frame)
	}
	return riffOf(chunks...)
}

func TestOneColourIsFree(t *testing.T) {
	b := riffOf(oneColour(16384, 16384))
	require.Less(t, len(b), 40)
	_, err := judge(t, b, limits)
	requireReason(t, verify.TooManyPixels, err)
	_, err = judge(t, b, verify.Limits{MaxPixels: 1 << 40})
	require.NoError(t, err)
	info, err := judge(t, riffOf(oneColour(10000, 10000)), limits)
	require.NoError(t, err)
	require.Equal(t, 10000, info.Width)
}

func TestManyFrames(t *testing.T) {
	testenv.OneGoroutine(t)
	// 85 frames of 100 million pixels are as many as may be.
	_, err := judge(t, repeat(10000, 10000, anmfOf(0, 0, 10000, 10000, oneColour(10000, 10000))), limits)
	requireReason(t, verify.TooMuchWork, err)
	info, err := judge(t, repeat(1, 1, anmfOf(0, 0, 1, 1, oneColour(1, 1))), limits)
	require.NoError(t, err)
	require.Greater(t, info.Frames, 15_000)
}

func TestManySmallLossyFrames(t *testing.T) {
	testenv.OneGoroutine(t)
	for _, f := range goodFiles(t) {
		if f.name == "cwebp-lossy-1x1.webp" {
			info, err := judge(t, repeat(1, 1, anmfOf(0, 0, 1, 1, f.data[riffHeaderSize:])), limits)
			require.NoError(t, err)
			require.Greater(t, info.Frames, 10_000)
			return
		}
	}
	t.Fatal("no picture of 1x1")
}

// tilesOf writes the head of a picture of 1024x1024 pixels in tiles of 4x4, with
// 65536 groups, each of which is used once.
func tilesOf(w *bitWriter) {
	w.picture(1024, 1024)
	w.bits(0, 2) // no transform, no cache
	w.bits(1, 1)
	w.bits(0, 3) // tiles of 4x4
	w.bits(0, 1) // no cache
	w.flat()
	w.flat()
	for range 3 {
		w.single(0)
	}
	for i := range uint64(65536) {
		w.bits(i, 16)
	}
}

func TestManyGroups(t *testing.T) {
	testenv.OneGoroutine(t)
	var w bitWriter
	tilesOf(&w)
	for range 65536 * 5 {
		w.single(0)
	}
	_, err := judge(t, riffOf(chunkOf("VP8L", w.bytes())), limits)
	require.NoError(t, err)

	// Codes that take 53 bits and stand for 256 symbols: few that are cut, and so many that
	// a decoder would have to keep more than 2^24 symbols.
	for size, reason := range map[int]verify.Reason{512 << 10: verify.Truncated, 1 << 20: verify.TooMuchWork} {
		w = bitWriter{}
		tilesOf(&w)
		for len(w.b) < size {
			for range 4 {
				w.flat()
			}
			w.pair(0, 1)
		}
		_, err = judge(t, riffOf(chunkOf("VP8L", w.bytes())), limits)
		requireReason(t, reason, err)
	}
}

// Groups that the picture does not use are read all the same.
func TestUnusedGroups(t *testing.T) {
	testenv.OneGoroutine(t)
	var w bitWriter
	w.picture(1024, 1024)
	w.bits(0, 2)
	w.bits(1, 1)
	w.bits(0, 3)
	w.bits(0, 1)
	for _, s := range []uint64{255, 255, 0, 0, 0} { // group 65535
		w.single(s)
	}
	for len(w.b) < 1<<20 {
		for range 4 {
			w.flat()
		}
		w.pair(0, 1)
	}
	_, err := judge(t, riffOf(chunkOf("VP8L", w.bytes())), limits)
	requireReason(t, verify.Truncated, err)
}

// The entropy image takes few bits if it is copied from itself, and then tells
// of two groups, whose pixels take none: 25 million runs in 100 million pixels.
func TestTilesOfNothing(t *testing.T) {
	testenv.OneGoroutine(t)
	frame := func(side int) []byte {
		var w bitWriter
		w.picture(side, side)
		w.bits(0, 2)
		w.bits(1, 1)
		w.bits(0, 3) // tiles of 4x4
		w.bits(0, 1)
		// Green: 0, 1, and the prefix of lengths 3073..4096.
		w.bits(0, 1)
		w.bits(12-4, 4)
		for i := range 12 {
			// Lengths 1 and 2, and runs of zeros, take two bits each.
			w.bits([]uint64{0, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0}[i], 3)
		}
		w.bits(0, 1)
		code := map[int]uint64{0: 0b00, 1: 0b10, 2: 0b01, 18: 0b11} // reversed
		w.bits(code[2], 2)
		w.bits(code[2], 2)
		w.bits(code[18], 2)
		w.bits(138-11, 7)
		w.bits(code[18], 2)
		w.bits(138-11, 7)
		w.bits(code[0], 2)
		w.bits(code[1], 2)
		for range 3 {
			w.single(0)
		}
		w.single(1) // distance code 2: one pixel back
		w.bits(0b01, 2)
		w.bits(0b11, 2)
		for n := side/4*side/4 - 2; n > 0; n -= 4096 {
			if n >= 4096 {
				w.bits(0, 1)
				w.bits(1023, 10)
				continue
			}
			for ; n > 0; n-- {
				w.bits(0b01, 2)
			}
		}
		for range 2 * 5 {
			w.single(0)
		}
		return chunkOf("VP8L", w.bytes())
	}
	_, err := judge(t, riffOf(frame(10000)), limits)
	requireReason(t, verify.TooMuchWork, err)
	// As many bytes as pay for the tiles, but not for the runs.
	paid := chunkOf("VP8L", frame(10000)[chunkHeaderSize:], make([]byte, 400_000))
	_, err = judge(t, riffOf(paid), limits)
	requireReason(t, verify.TooMuchWork, err)
	paid = chunkOf("VP8L", frame(5000)[chunkHeaderSize:], make([]byte, 100_000))
	_, err = judge(t, riffOf(paid), limits)
	require.NoError(t, err)
	_, err = judge(t, repeat(5000, 5000, anmfOf(0, 0, 5000, 5000, paid)), limits)
	requireReason(t, verify.TooMuchWork, err)
}

// One bit for each pixel, in runs of 4.
func TestShortRuns(t *testing.T) {
	var w bitWriter
	w.picture(4096, 2048)
	w.bits(0, 2)
	w.bits(1, 1)
	w.bits(0, 3) // tiles of 4x4
	w.bits(0, 1)
	w.pair(0, 1)
	for range 4 {
		w.single(0)
	}
	for i := range uint64(1024 * 512) {
		w.bits(i, 1)
	}
	for range 2 {
		w.pair(0, 1)
		for range 4 {
			w.single(0)
		}
	}
	for range 4096 * 2048 / 32 {
		w.bits(0xa5c3_19f0, 32)
	}
	_, err := judge(t, riffOf(chunkOf("VP8L", w.bytes())), limits)
	require.NoError(t, err)
}

func TestNoAllocations(t *testing.T) {
	if testenv.Race {
		t.Skip("the race detector empties pools at random")
	}
	for _, f := range goodFiles(t) {
		n := testing.AllocsPerRun(10, func() {
			if _, err := Verify(f.data, limits); err != nil {
				t.Fatal(err)
			}
		})
		require.Zero(t, int(n), f.name)
	}
}
