package hevc

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic/internal/recon"
)

// wavefronts are generated streams of one slice whose rows can be made at a time.
func wavefronts(t *testing.T, n int) (items []codedItem) {
	t.Helper()
	for seed := uint64(0); len(items) < n; seed++ {
		s := newStream(seed)
		s.write()
		if len(s.units) == 1 && s.wavefront && !s.dependentSlices && s.chromaQPList == 0 && s.cols > 2 && s.rows > 1 {
			items = append(items, s.item())
		}
	}
	return items
}

// Samples do not depend on how many rows of a wavefront are made at a time.
func TestWavefrontRows(t *testing.T) {
	for i, it := range wavefronts(t, 40) {
		_, want := decodeItem(t, it)
		for _, n := range []int{2, 3, 8, 64} {
			_, got := decodeItemAtOnce(t, it, n)
			require.Equal(t, want, got, "stream %d, %d rows at a time", i, n)
		}
	}
	names, err := filepath.Glob("testdata/*.heic") // of x265
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		file, err := os.ReadFile(name)
		require.NoError(t, err)
		items, err := codedItems(file)
		require.NoError(t, err)
		for _, it := range items {
			_, want := decodeItem(t, it)
			_, got := decodeItemAtOnce(t, it, 4)
			require.Equal(t, want, got, name)
		}
	}
	requireNoGoroutines(t)
}

// Neither do faults.
func TestWavefrontFaults(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	faults := 0
	for i, it := range wavefronts(t, 12) {
		for range 40 {
			bad := codedItem{sets: it.sets, units: []Unit{{slices.Clone(it.units[0].Data), it.units[0].Offset}}}
			data := bad.units[0].Data
			switch r.IntN(3) {
			case 0:
				bad.units[0].Data = data[:3+r.IntN(len(data)-3)]
			default:
				data[2+r.IntN(len(data)-2)] ^= 1 << r.IntN(8)
			}
			want := faultOf(bad, 1)
			for _, n := range []int{2, 8} {
				require.Equal(t, want, faultOf(bad, n), "stream %d, %d rows at a time", i, n)
			}
			if want != nil {
				faults++
			}
		}
	}
	require.Greater(t, faults, 100)
	requireNoGoroutines(t)
}

func faultOf(it codedItem, parallel int) error {
	sets, err := ParseParameterSets(slices.Values(it.sets))
	if err != nil {
		return err
	}
	_, err = sets.Decode(context.Background(), slices.Values(it.units), anySize, parallel, func(s *SPS) recon.Sink { return newRecorder(*s) })
	return err
}

// stopper ends a context when it gets the first line.
type stopper struct{ cancel context.CancelFunc }

func (s stopper) Line(int, int, int, []uint16) { s.cancel() }

// breaker fails in a goroutine of a row.
type breaker struct{}

func (breaker) Line(int, int, int, []uint16) { panic("broken sink") }

// A context ends all rows, and a panic in one is the caller's; no goroutine stays.
func TestWavefrontEnds(t *testing.T) {
	for _, it := range wavefronts(t, 10) {
		sets, err := ParseParameterSets(slices.Values(it.sets))
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(context.Background())
		_, err = sets.Decode(ctx, slices.Values(it.units), anySize, 4, func(*SPS) recon.Sink { return stopper{cancel} })
		if !errors.Is(err, context.Canceled) {
			require.NoError(t, err, "the last row was the first that handed out lines")
		}
		cancel()
		_, err = sets.Decode(ctx, slices.Values(it.units), anySize, 4, func(*SPS) recon.Sink { return stopper{cancel} })
		require.ErrorIs(t, err, context.Canceled)
		require.PanicsWithValue(t, "broken sink", func() {
			_, _ = sets.Decode(context.Background(), slices.Values(it.units), anySize, 4, func(*SPS) recon.Sink { return breaker{} })
		})
	}
	requireNoGoroutines(t)
}

// requireNoGoroutines waits for those that are about to end.
func requireNoGoroutines(t *testing.T) {
	t.Helper()
	var stacks []byte
	for range 100 {
		stacks = make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		if !bytes.Contains(stacks, []byte("wavefrontRow(")) {
			return
		}
		time.Sleep(time.Millisecond)
	}
	require.Fail(t, "a goroutine is left", string(stacks))
}
