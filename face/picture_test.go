package face_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/jpeg"
	_ "image/png"
	"os"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	xdraw "golang.org/x/image/draw"

	"github.com/imgvet/imgvet/face"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/validate"
)

// person reads a portrait of 192x192; see testdata/reference/README.md.
func person(t testing.TB) image.Image { return reference(t, "astronaut-half") }

// reference reads one of the pictures of testdata/reference.
func reference(t testing.TB, name string) image.Image {
	file, err := os.Open("testdata/reference/" + name + ".png")
	require.NoError(t, err)
	defer file.Close()
	img, _, err := image.Decode(file)
	require.NoError(t, err)
	return img
}

// within returns a picture of w x h with img scaled into r.
func within(img image.Image, w, h int, r image.Rectangle) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Rect, image.NewUniform(color.Gray{120}), image.Point{}, draw.Src)
	xdraw.CatmullRom.Scale(out, r, img, img.Bounds(), draw.Src, nil)
	return out
}

func finder(t testing.TB) *face.Finder {
	f, err := face.New(face.Options{})
	require.NoError(t, err)
	return f
}

// one returns the one face in img.
func one(t testing.TB, f *face.Finder, img image.Image, what string) validate.Face {
	seen, err := f.FindIn(context.Background(), img)
	faces := seen.Found
	require.NoError(t, err, what)
	require.Len(t, faces, 1, what)
	require.True(t, faces[0].Bounds.In(img.Bounds()), what)
	require.Len(t, faces[0].Landmarks, 6, what)
	return faces[0]
}

// requireSame checks that two results are of the same face, within some pixels.
func requireSame(t testing.TB, want, got validate.Face, shift image.Point, tolerance float64, what string) {
	near := func(want, got image.Point) {
		require.InDelta(t, want.X+shift.X, got.X, tolerance, what)
		require.InDelta(t, want.Y+shift.Y, got.Y, tolerance, what)
	}
	near(want.Bounds.Min, got.Bounds.Min)
	near(want.Bounds.Max, got.Bounds.Max)
	for i := range want.Landmarks {
		near(want.Landmarks[i], got.Landmarks[i])
	}
	require.InDelta(t, want.Score, got.Score, 0.1, what)
}

// copied returns img's pixels in dst.
func copied(dst draw.Image, img image.Image) image.Image {
	draw.Draw(dst, dst.Bounds(), img, img.Bounds().Min, draw.Src)
	return dst
}

// alone skips a test of sequential calls if the race detector is on, which has nothing to find
// in them and makes them fifty times as slow.
func alone(t *testing.T) {
	if testenv.Race {
		t.Skip("SKIPPED: calls one after the other under the race detector")
	}
}

// TestLandmarks holds their order: eyes, nose, mouth, ears, and the person's right before left, which is the
// picture's left before right.
func TestLandmarks(t *testing.T) {
	f := one(t, finder(t), person(t), "person")
	m := f.Landmarks
	require.Less(t, m[0].X, m[1].X, "eyes")
	require.Less(t, m[4].X, m[5].X, "ears")
	require.Less(t, max(m[0].Y, m[1].Y), m[2].Y, "nose below the eyes")
	require.Less(t, m[2].Y, m[3].Y, "mouth below the nose")
	for _, p := range m[:4] {
		require.True(t, p.In(f.Bounds))
	}
}

// TestTypes shows the finder one person as every type of picture, and as part of a larger
// picture with another origin.
func TestTypes(t *testing.T) {
	alone(t)
	f := finder(t)
	const w, h = 317, 241 // odd, so that chroma is cut
	inside := image.Rect(60, 20, 260, 220)
	img := within(person(t), w, h, inside)
	want := one(t, f, img, "RGBA")

	r := image.Rect(-3, 5, w-3, h+5)
	shift := r.Min
	ramp := make(color.Palette, 256)
	copy(ramp, palette.Plan9)
	for name, dst := range map[string]draw.Image{
		"NRGBA": image.NewNRGBA(r), "RGBA64": image.NewRGBA64(r), "NRGBA64": image.NewNRGBA64(r),
		"Gray": image.NewGray(r), "Gray16": image.NewGray16(r), "CMYK": image.NewCMYK(r),
		"Paletted": image.NewPaletted(r, ramp), "unknown": image.NewRGBA(r),
	} {
		copied := copied(dst, img)
		if name == "unknown" {
			copied = odd{copied}
		}
		requireSame(t, want, one(t, f, copied, name), shift, 6, name)
	}

	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	} {
		// Three pixels more on every side, then cut to the picture again: the part begins
		// inside a chroma sample, and its stride is not its width.
		big := image.NewYCbCr(image.Rect(0, 0, w+6, h+6), ratio)
		for y := range h + 6 {
			for x := range w + 6 {
				c := img.RGBAAt(min(max(x-3, 0), w-1), min(max(y-3, 0), h-1))
				yy, cb, cr := color.RGBToYCbCr(c.R, c.G, c.B)
				big.Y[big.YOffset(x, y)] = yy
				big.Cb[big.COffset(x, y)], big.Cr[big.COffset(x, y)] = cb, cr
			}
		}
		part := big.SubImage(image.Rect(3, 3, w+3, h+3))
		requireSame(t, want, one(t, f, part, ratio.String()), image.Pt(3, 3), 6, ratio.String())
	}

	large := image.NewNRGBA(image.Rect(10, 20, 10+2*w, 20+2*h))
	at := image.Rect(100, 90, 100+w, 90+h)
	draw.Draw(large, at, img, image.Point{}, draw.Src)
	requireSame(t, want, one(t, f, large.SubImage(at), "part"), at.Min, 1, "part")
}

// TestScale checks that bounds are in pixels of the full size, whatever the size searched.
func TestScale(t *testing.T) {
	alone(t)
	f := finder(t)
	small := one(t, f, within(person(t), 400, 300, image.Rect(100, 50, 300, 250)), "small")
	const n = 7
	large := one(t, f, within(person(t), 400*n, 300*n, image.Rect(100*n, 50*n, 300*n, 250*n)), "large")
	require.InDelta(t, small.Bounds.Min.X*n, large.Bounds.Min.X, 4*n)
	require.InDelta(t, small.Bounds.Min.Y*n, large.Bounds.Min.Y, 4*n)
	require.InDelta(t, small.Bounds.Dx()*n, large.Bounds.Dx(), 6*n)
}

// TestTransparent checks that what is transparent lies on white, whatever colour is hidden there.
func TestTransparent(t *testing.T) {
	hidden := image.NewNRGBA(image.Rect(0, 0, 192, 192))
	draw.Draw(hidden, hidden.Rect, person(t), image.Point{}, draw.Src)
	for i := 3; i < len(hidden.Pix); i += 4 {
		hidden.Pix[i] = 0
	}
	seen, err := finder(t).FindIn(context.Background(), hidden)
	faces := seen.Found
	require.NoError(t, err)
	require.Empty(t, faces)
}

// TestRotatedHighThreshold checks that a turned picture's face can be sure enough at any threshold.
func TestRotatedHighThreshold(t *testing.T) {
	img := person(t)
	b := img.Bounds()
	turned := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			turned.Set(b.Dx()-1-x, b.Dy()-1-y, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	f, err := face.New(face.Options{Threshold: 0.8})
	require.NoError(t, err)
	for what, img := range map[string]image.Image{"upright": img, "upside down": turned} {
		one(t, f, img, what)
	}
}

// TestRotated checks that a picture on its side has its face where it is, and advice.
func TestRotated(t *testing.T) {
	alone(t)
	f, err := face.New(face.Options{})
	require.NoError(t, err)
	img := within(person(t), 300, 200, image.Rect(60, 10, 240, 190))
	upright := one(t, f, img, "upright")
	for quarters, at := range map[string]func(x, y int) (int, int){
		"clockwise":     func(x, y int) (int, int) { return 199 - y, x },
		"anticlockwise": func(x, y int) (int, int) { return y, 299 - x },
		"upside down":   func(x, y int) (int, int) { return 299 - x, 199 - y },
	} {
		turned := image.NewRGBA(image.Rect(0, 0, 200, 300))
		if quarters == "upside down" {
			turned = image.NewRGBA(image.Rect(0, 0, 300, 200))
		}
		for y := range 200 {
			for x := range 300 {
				tx, ty := at(x, y)
				turned.SetRGBA(tx, ty, img.RGBAAt(x, y))
			}
		}
		seen, err := f.FindIn(context.Background(), turned)
		faces, advice := seen.Found, seen.Advice
		require.NoError(t, err)
		require.Len(t, faces, 1, quarters)
		require.Equal(t, validate.FaceRotated, advice[0].Reason, quarters)
		for i, m := range upright.Landmarks {
			wantX, wantY := at(m.X, m.Y)
			require.InDelta(t, wantX, faces[0].Landmarks[i].X, 3, quarters)
			require.InDelta(t, wantY, faces[0].Landmarks[i].Y, 3, quarters)
		}
	}
}

// TestConcurrent makes 64 calls at once, which must find what one call finds, bit for bit.
func TestConcurrent(t *testing.T) {
	f := finder(t)
	calls := testenv.Count(64, 8)
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, within(person(t), 320, 240, image.Rect(60, 20, 260, 220)), nil))
	img, err := jpeg.Decode(&b)
	require.NoError(t, err)
	other := within(person(t), 1400, 300, image.Rect(900, 30, 1100, 230))
	want, wantOther := one(t, f, img, "alone"), one(t, f, other, "alone")
	var wait sync.WaitGroup
	for i := range calls {
		wait.Go(func() {
			img, want := img, want
			if i%2 == 1 {
				img, want = other, wantOther
			}
			seen, err := f.FindIn(context.Background(), img)
			faces := seen.Found
			if err != nil || len(faces) != 1 || faces[0].Score != want.Score || faces[0].Bounds != want.Bounds {
				t.Errorf("call %d: %v, %v, not %v", i, faces, err, want)
			}
		})
	}
	wait.Wait()
}

// TestAllocations limits a call to half a megabyte, once the workspaces exist.
func TestAllocations(t *testing.T) {
	if testenv.Race {
		t.Skip("SKIPPED: the race detector empties pools")
	}
	f := finder(t)
	for name, img := range map[string]image.Image{
		"landscape": within(person(t), 1600, 1200, image.Rect(400, 100, 1400, 1100)),
		"portrait":  within(person(t), 900, 1200, image.Rect(50, 200, 850, 1000)), // hundreds of boxes on one face
	} {
		one(t, f, img, "warm")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		const calls = 4
		for range calls {
			one(t, f, img, "again")
		}
		runtime.ReadMemStats(&after)
		require.Less(t, (after.TotalAlloc-before.TotalAlloc)/calls, uint64(256<<10), name)
	}
}

// TestUnmade checks that a Finder nobody made is an error, and not "no face".
func TestUnmade(t *testing.T) {
	var none *face.Finder
	for _, f := range []*face.Finder{none, {}} {
		_, err := f.FindIn(context.Background(), image.NewGray(image.Rect(0, 0, 9, 9)))
		require.Error(t, err)
	}
}

// later is a context that is done after so many checks.
type later struct {
	context.Context
	looks int
}

func (l *later) Err() error {
	if l.looks--; l.looks < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// TestDeadline checks that a context done at any time in a call is an error.
func TestDeadline(t *testing.T) {
	alone(t)
	f := finder(t)
	img := within(person(t), 1100, 300, image.Rect(600, 30, 800, 230))
	total := &later{context.Background(), 1 << 30}
	_, err := f.FindIn(total, img)
	require.NoError(t, err)
	looks := 1<<30 - total.looks
	require.Greater(t, looks, 90)
	for n := 0; n < looks; n += 7 {
		_, err := f.FindIn(&later{context.Background(), n}, img)
		require.ErrorIs(t, err, context.DeadlineExceeded, "after %d looks", n)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		_, err := face.New(face.Options{})
		require.NoError(b, err)
	}
}

func BenchmarkFindFaces(b *testing.B) {
	var jpg bytes.Buffer
	require.NoError(b, jpeg.Encode(&jpg, within(person(b), 900, 1200, image.Rect(50, 200, 850, 1000)), nil))
	portrait, err := jpeg.Decode(&jpg)
	require.NoError(b, err)
	for name, img := range map[string]image.Image{
		"portrait": portrait,
		"12MP":     image.NewYCbCr(image.Rect(0, 0, 4000, 3000), image.YCbCrSubsampleRatio420),
	} {
		b.Run(name, func(b *testing.B) {
			f := finder(b)
			b.ReportAllocs()
			for b.Loop() {
				_, err := f.FindIn(context.Background(), img)
				require.NoError(b, err)
			}
		})
	}
}
