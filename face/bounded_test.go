package face

import (
	"context"
	"image"
	"image/color"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// crowded returns a finder that lets one call run at a time, and runs one until release.
func crowded(t *testing.T) (f *Finder, release func()) {
	f, err := New(Options{})
	require.NoError(t, err)
	f.running, f.workspaces = make(chan struct{}, 1), make(chan *workspace, 1)
	ws, err := f.begin(t.Context())
	require.NoError(t, err)
	return f, func() { f.end(ws) }
}

// TestWaits checks that a call waits for those that run, and that it heeds its context then.
func TestWaits(t *testing.T) {
	f, release := crowded(t)
	img := image.NewGray(image.Rect(0, 0, 64, 64))
	ctx, cancel := context.WithCancel(t.Context())
	errs := make(chan error, 2)
	go func() {
		_, err := f.FindIn(ctx, img)
		errs <- err
	}()
	go func() {
		_, err := f.FindIn(t.Context(), img)
		errs <- err
	}()
	select {
	case err := <-errs:
		require.Fail(t, "a call did not wait", "%v", err)
	case <-time.After(20 * time.Millisecond):
	}
	cancel()
	require.ErrorIs(t, <-errs, context.Canceled)
	release()
	require.NoError(t, <-errs)
	require.Len(t, f.workspaces, 1, "all calls used one workspace")
	require.Empty(t, f.running)
}

// asking is a picture that asks the finder for another one's faces whenever a pixel is read.
type asking struct {
	image.Image
	f     *Finder
	asked *atomic.Int32
}

func (a asking) At(x, y int) color.Color {
	if a.asked.Add(1) < 4 {
		if _, err := a.f.FindIn(context.Background(), image.NewGray(image.Rect(0, 0, 9, 9))); err != nil {
			panic(err)
		}
	}
	return a.Image.At(x, y)
}

func (a asking) ColorModel() color.Model { return color.GrayModel }

// TestNested checks that a picture whose pixels take their time, or need the finder, holds up
// nobody: a call that waits for itself would never end.
func TestNested(t *testing.T) {
	f, release := crowded(t)
	release()
	asked := new(atomic.Int32)
	type plain struct{ image.Image } // no RGBA64At
	for _, side := range []int{50, 3000} {
		asked.Store(0)
		_, err := f.FindIn(t.Context(), asking{plain{image.NewGray(image.Rect(0, 0, side, side))}, f, asked})
		require.NoError(t, err)
		require.Greater(t, asked.Load(), int32(3))
	}
}
