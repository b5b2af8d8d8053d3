package procs_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/procs"
)

func TestSpareIsWhatNobodyUses(t *testing.T) {
	n := runtime.GOMAXPROCS(3)
	defer runtime.GOMAXPROCS(n)
	procs.Use()
	require.True(t, procs.Spare())
	require.True(t, procs.Spare())
	require.False(t, procs.Spare())
	procs.Use() // a verification that waits for nobody
	procs.Done()
	require.False(t, procs.Spare())
	procs.Done()
	require.True(t, procs.Spare())
	for range 3 {
		procs.Done()
	}
}

func TestSpareAtOnce(t *testing.T) {
	n := runtime.GOMAXPROCS(4)
	defer runtime.GOMAXPROCS(n)
	var group sync.WaitGroup
	var held, most atomic.Int64
	for range 16 {
		group.Go(func() {
			for range 2000 {
				if !procs.Spare() {
					continue
				}
				now := held.Add(1)
				for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
				}
				held.Add(-1)
				procs.Done()
			}
		})
	}
	group.Wait()
	require.LessOrEqual(t, most.Load(), int64(4))
	require.True(t, procs.Spare(), "all have been given back")
	procs.Done()
}
