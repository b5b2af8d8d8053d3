package face_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/validate"
)

// A whole face check of a HEIC grid, from the first byte to the advice, holds no more
// than docs/heic.md says beyond the file: the picture is never there in full. The finder
// is new, and what it keeps for the next picture counts.
func TestGridMemory(t *testing.T) {
	alone(t)
	portrait := within(person(t), 1024, 1024, image.Rect(100, 100, 924, 924))
	for _, c := range []struct {
		name       string
		cols, rows int
		most       uint64
	}{
		{"12 MP", 8, 6, 12 << 20},
		{"48 MP", 16, 12, 16 << 20},
	} {
		file := heicGrid(t, portrait, c.cols, c.rows)
		f := finder(t)
		most := mostAlive(func() {
			res, err := validate.Bytes(t.Context(), file, validate.Options{Faces: f})
			require.NoError(t, err, c.name)
			require.Len(t, res.Faces, 1, c.name)
		})
		t.Logf("%s: %d KiB alive at most", c.name, most>>10)
		require.Less(t, most, c.most, c.name)
	}
}

// 64 calls at once hold no more than the few that run: what they decode waits with them. The
// finder is one for four processors, and looks at pictures of 12 megapixels.
func TestManyCallsMemory(t *testing.T) {
	alone(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, within(person(t), 4000, 3000, image.Rect(900, 400, 3100, 2600)), nil))
	f := finder(t)
	most := mostAlive(func() {
		var wait sync.WaitGroup
		for range 64 {
			wait.Go(func() {
				res, err := validate.Bytes(t.Context(), b.Bytes(), validate.Options{Faces: f})
				if err != nil || len(res.Faces) != 1 {
					t.Errorf("%v, %v", res.Faces, err)
				}
			})
		}
		wait.Wait()
	})
	t.Logf("%d KiB alive at most", most>>10)
	require.Less(t, most, uint64(120<<20))
}

// mostAlive returns by how much a call raises the bytes that live on the heap, looked at
// often while the collector works hard: garbage that it has yet to find counts.
func mostAlive(call func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	runtime.GC()
	runtime.GC() // the second empties what sync.Pool kept of the first
	alive := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	look := func() uint64 {
		metrics.Read(alive)
		return alive[0].Value.Uint64()
	}
	before := look()
	stop, most := make(chan struct{}), make(chan uint64)
	go func() {
		top := before
		for {
			select {
			case <-stop:
				most <- max(top, look()) - before
				return
			default:
				top = max(top, look())
				time.Sleep(100 * time.Microsecond)
			}
		}
	}()
	call()
	close(stop)
	return <-most
}
