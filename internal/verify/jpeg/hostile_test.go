package jpeg

import (
	"bytes"
	"context"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
)

const mib = 1 << 20

// maxJudging is the CPU time in which any file of 1 MiB must be judged.
const maxJudging = 300 * time.Millisecond // the slowest takes half of it on a quiet machine

// hostileFiles are files of about 1 MiB, each as costly as its kind can be.
func hostileFiles() map[string][]byte {
	// Progressive scans of 10240x9600 pixels, 1280x1200 blocks. 00 is an EOB run
	// of 2048 blocks and more, 01 a coefficient, 10 an EOB run of 16384 and more.
	const blocks = 1280 * 1200
	head := [][]byte{
		dqtSeg(), sofSeg(mSOF2, 10240, 9600, 0x11), oneBit(classDC, 0),
		dhtSeg(classAC, 0, map[int][]byte{2: {0xb0, 0x01, 0xe0}}), sosSeg(0, 0, 0, 1), zeroBits(blocks),
	}
	// A coefficient in each chunk of the bitmap, and a run over the rest of it.
	var sparse bitWriter
	for range blocks / chunkBlocks {
		sparse.put(0b011, 3)
		sparse.put(0b00, 2)
		sparse.put(chunkBlocks-1-2048, 11)
	}
	// The longest runs, each followed by a correction bit for each coefficient.
	var refining bitWriter
	for at := 0; at < blocks; {
		run := min(blocks-at, 1<<15-1)
		refining.put(0b10, 2)
		refining.put(run-1<<14, 14)
		for i := at; i < at+run; i++ {
			if i%chunkBlocks == 0 {
				refining.put(0, 1)
			}
		}
		at += run
	}
	bands, refined := slices.Clone(head), slices.Clone(head)
	for k := byte(1); k < 64; k++ {
		bands = append(bands, sosSeg(k, k, 1, 1), sparse.end())
		if k < 32 {
			refined = append(refined, sosSeg(k, k, 1, 1), sparse.end(), sosSeg(k, k, 0x10, 1), refining.end())
		}
	}

	baseline := func(w, h int, dri []byte, data []byte) []byte {
		return build(dqtSeg(), sofSeg(mSOF0, w, h, 0x11), oneBit(classDC, 0), oneBit(classAC, 0), dri, sosSeg(0, 63, 0, 1), data)
	}
	rsts := make([]byte, 0, mib)
	for i := 0; len(rsts) < mib; i++ {
		rsts = append(rsts, 0x3f, 0xff, mRST0+byte(i&7))
	}
	arith := func(marker byte, fill byte) []byte {
		return build(dqtSeg(), sofSeg(marker, 9984, 9984, 0x11), sosSeg(0, 63, 0, 1), bytes.Repeat([]byte{fill}, mib))
	}
	dht := dhtSeg(classAC, 0, map[int][]byte{8: make([]byte, 200)})
	files := map[string][]byte{
		"blocks of two bits":       baseline(9984, 6700, nil, zeroBits(1248*838*2)),
		"restart after each block": baseline(9984, 2240, seg(mDRI, 0, 1), rsts),
		"restart markers alone":    baseline(9984, 9984, seg(mDRI, 0, 1), repeat(mib/2, []byte{0xff, mRST0})),
		"restart markers, no scan": build(repeat(mib/2, []byte{0xff, mRST0})),
		"stuffed bytes": build(dqtSeg(), sofSeg(mSOF0, 9984, 200, 0x11), oneBit(classDC, 15), oneBit(classAC, 15),
			sosSeg(0, 63, 0, 1), repeat(64*1248*25/4, []byte{0x7f, 0xff, 0})),
		"fill bytes in a scan":     baseline(9984, 9984, nil, repeat(mib/4, []byte{0xff, 0xff, 0xff, 0})),
		"one run of fill bytes":    build(bytes.Repeat([]byte{0xff}, mib)),
		"empty segments":           build(repeat(mib/4, seg(mCOM))),
		"Huffman tables":           build(repeat(mib/len(dht), dht)),
		"small Huffman tables":     build(repeat(mib/20, oneBit(classDC, 0))),
		"quantization tables":      build(repeat(mib/69, dqtSeg())),
		"illegal Huffman tables":   build(repeat(mib/21, dhtSeg(classAC, 0, map[int][]byte{1: {0, 1}}))),
		"scans":                    build(dqtSeg(), sofSeg(mSOF2, 8, 8, 0x11), oneBit(classDC, 0), repeat(mib/11, sosSeg(0, 0, 0, 1), []byte{0x7f})),
		"bands by EOB runs":        build(bands...),
		"refining scans":           build(refined...),
		"arithmetic zeros":         arith(mSOF9, 0),
		"arithmetic ones":          arith(mSOF9, 0x7f),
		"arithmetic noise":         arith(mSOF9, 0x9d),
		"arithmetic, no data":      build(dqtSeg(), sofSeg(mSOF9, 9984, 9984, 0x11), sosSeg(0, 63, 0, 1)),
		"arithmetic, three planes": build(dqtSeg(), sofSeg(mSOF9, 5768, 5768, 0x11, 0x11, 0x11), sosSeg(0, 63, 0, 1, 2, 3)),
		"zeros behind EOI":         append(gray(nil), make([]byte, mib)...),
	}
	return files
}

// bitWriter writes entropy-coded data.
type bitWriter struct {
	b    []byte
	acc  uint32
	bits int
}

func (w *bitWriter) put(v, n int) {
	w.acc = w.acc<<n | uint32(v)&(1<<n-1)
	for w.bits += n; w.bits >= 8; w.bits -= 8 {
		c := byte(w.acc >> (w.bits - 8))
		w.b = append(w.b, c)
		if c == 0xff {
			w.b = append(w.b, 0)
		}
	}
}

// end fills the last byte, and returns all of them.
func (w *bitWriter) end() []byte {
	if w.bits > 0 {
		w.put(0x7f, 8-w.bits)
	}
	return w.b
}

func TestHostileFilesAreJudgedFast(t *testing.T) {
	testenv.OneGoroutine(t)
	limit := testenv.Scale(maxJudging)
	for name, data := range hostileFiles() {
		require.Less(t, len(data), 2*mib, name)
		// The best of some runs: other processes must not fail the test.
		best := time.Hour
		var err error
		for range 50 {
			start := cputime.Used()
			_, err = Verify(data, lim)
			if best = min(best, cputime.Used()-start); best < limit {
				break
			}
		}
		t.Logf("%-26s %8d bytes %8v  %v", name, len(data), best.Round(10*time.Microsecond), err)
		require.Less(t, best, limit, name)
	}
}

// A header alone costs nothing: memory grows with what the data has paid for.
func TestMemory(t *testing.T) {
	testenv.OneGoroutine(t)
	allocated := func(data []byte) uint64 {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		d := newDecoder()
		d.reset(verify.Memory(context.Background(), data), lim)
		_ = d.file()
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	tiny := build(dqtSeg(), sofSeg(mSOF2, 9984, 9984, 0x11, 0x11, 0x11), oneBit(classDC, 0), oneBit(classAC, 0),
		sosSeg(0, 0, 0, 1, 2, 3), zeroBits(64), sosSeg(1, 63, 0, 1), zeroBits(64))
	require.Less(t, allocated(tiny), uint64(200<<10))
	for name, data := range hostileFiles() {
		// 8 bytes for each block that the DC scan has paid a bit for, and the
		// decoder itself.
		require.Less(t, allocated(data), uint64(len(data)*64+200<<10), name)
	}
}

func TestNoAllocations(t *testing.T) {
	if testenv.Race {
		t.Skip("the race detector empties pools at random")
	}
	for _, f := range goodFiles(t) {
		if info, _ := Verify(f.data, lim); len(info.Warnings) > 0 {
			continue // a warning allocates
		}
		n := testing.AllocsPerRun(10, func() {
			if _, err := Verify(f.data, lim); err != nil {
				t.Error(f.name, err)
			}
		})
		require.Zero(t, n, f.name)
	}
}
