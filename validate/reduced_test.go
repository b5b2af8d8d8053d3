package validate_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	xbmp "golang.org/x/image/bmp"

	"github.com/imgvet/imgvet/validate"
)

// sizer is a face finder that needs few pixels. It takes the green part for a face.
type sizer struct {
	side int
	seen *image.Point // the size of the last picture
}

func (s sizer) FindFaces(ctx context.Context, p *validate.Picture) (validate.Faces, error) {
	img, err := p.Reduced(ctx, s.side)
	if err != nil {
		return validate.Faces{}, err
	}
	*s.seen = img.Bounds().Size()
	found := green(img)
	faces := []validate.Face{{Bounds: found, Score: 1, Landmarks: []image.Point{found.Max}, Pose: &validate.Pose{Yaw: 7}}}
	return validate.Faces{Found: p.FullSize(faces, img)}, nil
}

// green returns the bounds of the green part of img.
func green(img image.Image) (r image.Rectangle) {
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if red, g, blue, _ := img.At(x, y).RGBA(); g > 0x8000 && red < 0x8000 && blue < 0x8000 {
				r = r.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return r
}

// TestFacesOfReducedPictures checks that faces are in upright pixels of the full size, however
// much the picture that the finder saw was reduced and turned.
func TestFacesOfReducedPictures(t *testing.T) {
	const w, h = 341, 203 // not multiples of 8
	for o := 1; o <= 8; o++ {
		b := withOrientation(encodeJPEG(t, stored(o, w, h)), o)
		for side, scale := range map[int]int{0: 1, -5: 1, 342: 1, 172: 1, 171: 2, 87: 2, 86: 4, 44: 4, 43: 8, 20: 8} {
			what := fmt.Sprintf("orientation %d, side %d", o, side)
			var seen image.Point
			res, err := validate.Bytes(context.Background(), b, validate.Options{Faces: sizer{side, &seen}})
			require.NoError(t, err, what)
			require.Equal(t, image.Pt((w+scale-1)/scale, (h+scale-1)/scale), seen, what)
			require.Len(t, res.Faces, 1, what)
			r := res.Faces[0].Bounds
			require.True(t, r.In(image.Rect(0, 0, w, h)), "%s: %v", what, r)
			require.Equal(t, []image.Point{r.Max}, res.Faces[0].Landmarks, what)
			require.Equal(t, &validate.Pose{Yaw: 7}, res.Faces[0].Pose, what)
			// Up to a sample of chroma at an edge, and a pixel that is half outside.
			slack := float64(3*scale + 2)
			require.InDelta(t, w/2, r.Min.X, slack, what)
			require.InDelta(t, 0, r.Min.Y, slack, what)
			require.InDelta(t, w, r.Max.X, slack, what)
			require.InDelta(t, h/2, r.Max.Y, slack, what)
		}
	}
}

// TestSizerSeesOtherFormats checks that a PNG and a BMP can be reduced by any number.
func TestSizerSeesOtherFormats(t *testing.T) {
	var seen image.Point
	res, err := validate.Bytes(context.Background(), encodePNG(t, quadrants(420, 210)), validate.Options{Faces: sizer{60, &seen}})
	require.NoError(t, err)
	require.Equal(t, image.Pt(60, 30), seen)
	require.Equal(t, image.Rect(210, 0, 420, 105), res.Faces[0].Bounds)

	var b bytes.Buffer
	require.NoError(t, xbmp.Encode(&b, quadrants(420, 210)))
	res, err = validate.Bytes(context.Background(), b.Bytes(), validate.Options{Faces: sizer{60, &seen}})
	require.NoError(t, err)
	require.Equal(t, image.Pt(60, 30), seen)
	require.Equal(t, image.Rect(210, 0, 420, 105), res.Faces[0].Bounds)
}

// TestImageOfReducedPictures checks that Image returns the size asked for, and decodes no more
// often than it must.
func TestImageOfReducedPictures(t *testing.T) {
	const w, h = 501, 375
	for o := 1; o <= 8; o++ {
		b := withOrientation(encodeJPEG(t, stored(o, w, h)), o)
		check := func(ctx context.Context, p *validate.Picture) error {
			// Small first, so that each is decoded reduced, then from the full picture.
			for range 2 {
				for _, side := range []int{1, 62, 63, 64, 125, 126, 127, 200, 250, 251, 252, 500} {
					img, err := p.Image(ctx, side)
					require.NoError(t, err)
					want := image.Pt(side, max(1, (h*side+w/2)/w))
					require.Equal(t, want, img.Bounds().Size(), "orientation %d, side %d", o, side)
					if side == 63 || side == 200 || side == 500 {
						require.True(t, image.Pt(want.X*3/4, want.Y/4).In(green(img)), "orientation %d, side %d: %v", o, side, green(img))
					}
				}
				full, err := p.Image(ctx, 0)
				require.NoError(t, err)
				require.Equal(t, image.Pt(w, h), full.Bounds().Size())
				again, err := p.Image(ctx, w)
				require.NoError(t, err)
				require.Same(t, full, again)
			}
			return nil
		}
		_, err := validate.Bytes(context.Background(), b, validate.Options{Checks: []validate.Check{check}})
		require.NoError(t, err)
	}
}

// slowContext is a context that tells a test when a decoder has checked it, and then holds the
// decoder up.
type slowContext struct {
	context.Context
	looks         int
	begun, resume chan struct{}
}

func (c *slowContext) Err() error {
	// Image checks it first, then the decoder.
	if c.looks++; c.looks == 2 {
		close(c.begun)
		<-c.resume
	}
	return nil
}

// TestImageWaitsNoLonger checks that a call whose context is done does not wait for another
// call's decoder.
func TestImageWaitsNoLonger(t *testing.T) {
	check := func(ctx context.Context, p *validate.Picture) error {
		slow := &slowContext{Context: ctx, begun: make(chan struct{}), resume: make(chan struct{})}
		done := make(chan error, 1)
		go func() {
			_, err := p.Image(slow, 20)
			done <- err
		}()
		select {
		case <-slow.begun:
		case err := <-done: // no decoder has checked it
			return err
		}
		soon, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		late := time.AfterFunc(5*time.Second, func() { close(slow.resume) })
		_, err := p.Image(soon, 20)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.True(t, late.Stop(), "it waited")
		close(slow.resume)
		require.NoError(t, <-done)
		return nil
	}
	_, err := validate.Bytes(context.Background(), encodeJPEG(t, quadrants(400, 200)), validate.Options{Checks: []validate.Check{check}})
	require.NoError(t, err)
	_, err = new(validate.Picture).Image(context.Background(), 20)
	require.Error(t, err, "Validate did not make it")
}

// stuckContext holds up the decoder that checks it.
type stuckContext struct {
	context.Context
	looks         atomic.Int32
	begun, resume chan struct{}
}

func (c *stuckContext) Err() error {
	// Image checks it first, then the decoder.
	if c.looks.Add(1) == 2 {
		close(c.begun)
		<-c.resume
	}
	return c.Context.Err()
}

// TestNothingOutlivesTheCall checks that a decoder abandoned by a done context has ended when
// the verdict is returned: its memory counts for as long as it is in use.
func TestNothingOutlivesTheCall(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	stuck := &stuckContext{Context: ctx, begun: make(chan struct{}), resume: make(chan struct{})}
	var late *validate.Picture
	check := func(_ context.Context, p *validate.Picture) error {
		late = p
		go func() {
			<-stuck.begun
			cancel()
		}()
		_, err := p.Image(stuck, 20)
		return err
	}
	returned := make(chan error, 1)
	go func() {
		_, err := validate.Bytes(context.Background(), encodeJPEG(t, quadrants(400, 200)), validate.Options{Checks: []validate.Check{check}})
		returned <- err
	}()
	<-ctx.Done()
	select {
	case <-returned:
		t.Fatal("the decoder has not ended")
	case <-time.After(50 * time.Millisecond):
	}
	close(stuck.resume)
	require.ErrorIs(t, <-returned, context.Canceled)
	_, err := late.Image(context.Background(), 21)
	require.Error(t, err, "the check has returned")
}

// TestImageScalesNoLonger checks that Image does not wait for a picture that takes long to
// scale.
func TestImageScalesNoLonger(t *testing.T) {
	check := func(ctx context.Context, p *validate.Picture) error {
		_, err := p.Image(ctx, 0)
		require.NoError(t, err)
		soon, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		_, err = p.Image(soon, 2999)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		return nil
	}
	for _, b := range [][]byte{encodeJPEG(t, image.NewGray(image.Rect(0, 0, 3000, 3000))), encodePNG(t, image.NewGray(image.Rect(0, 0, 3000, 3000)))} {
		_, err := validate.Bytes(context.Background(), b, validate.Options{Checks: []validate.Check{check}})
		require.NoError(t, err)
	}
}
