package procs_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/procs"
)

// processors makes n of them for the test.
func processors(t *testing.T, n int) {
	before := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

func TestSpareIsWhatNobodyUses(t *testing.T) {
	processors(t, 3)
	procs.Use()
	first, second := procs.Spare(t.Context()), procs.Spare(t.Context())
	require.NotNil(t, first)
	require.NotNil(t, second)
	require.Nil(t, procs.Spare(t.Context()))
	procs.Use() // a verification that waits for nobody
	procs.Done()
	require.Nil(t, procs.Spare(t.Context()))
	first()
	third := procs.Spare(t.Context())
	require.NotNil(t, third)
	third()
	second()
	procs.Done()
}

// places is a group of so many.
type places struct{ left atomic.Int64 }

func (p *places) Take() bool {
	if p.left.Add(-1) < 0 {
		p.left.Add(1)
		return false
	}
	return true
}

func (p *places) Give() { p.left.Add(1) }

func TestSpareAsksTheGroup(t *testing.T) {
	processors(t, 4)
	g := new(places)
	g.left.Store(1)
	ctx := procs.WithGroup(t.Context(), g)
	one := procs.Spare(ctx)
	require.NotNil(t, one)
	require.Nil(t, procs.Spare(ctx), "the group has no place")
	other := procs.Spare(t.Context())
	require.NotNil(t, other, "others go on")
	other()
	one()
	require.Equal(t, int64(1), g.left.Load())
	all := []func(){procs.Spare(t.Context()), procs.Spare(t.Context()), procs.Spare(t.Context()), procs.Spare(t.Context())}
	require.NotContains(t, all, nil, "what was refused was given back")
	require.Nil(t, procs.Spare(ctx))
	require.Equal(t, int64(1), g.left.Load())
	for _, done := range all {
		done()
	}
}

func TestSpareAtOnce(t *testing.T) {
	processors(t, 4)
	var group sync.WaitGroup
	var held, most atomic.Int64
	for range 16 {
		group.Go(func() {
			for range 2000 {
				done := procs.Spare(t.Context())
				if done == nil {
					continue
				}
				now := held.Add(1)
				for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
				}
				held.Add(-1)
				done()
			}
		})
	}
	group.Wait()
	require.LessOrEqual(t, most.Load(), int64(4))
	require.Positive(t, most.Load())
}
