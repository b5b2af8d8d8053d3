package validate_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/validate"
)

func TestHookFailuresAreNoVerdict(t *testing.T) {
	ctx := context.Background()
	b := good(t, detect.PNG)
	broken := errors.New("detector unreachable")
	var nilError *validate.Error

	for name, err := range map[string]error{
		"plain":             broken,
		"nil *Error":        nilError,
		"undocumented code": &validate.Error{Code: 2},
		"code forgotten":    &validate.Error{},
		"access code":       validate.ErrFailAuthorization,
	} {
		opts := validate.Options{Checks: []validate.Check{func(context.Context, *validate.Picture) error { return err }}}
		_, got := validate.Bytes(ctx, b, opts)
		requireOperational(t, got, "check: "+name)

		opts = validate.Options{Faces: validate.FaceFinderFunc(func(context.Context, image.Image) ([]validate.Face, error) { return nil, err })}
		_, got = validate.Bytes(ctx, b, opts)
		requireOperational(t, got, "face: "+name)
	}
	opts := validate.Options{Faces: validate.FacePresence(func(context.Context, image.Image) (bool, error) { return false, broken })}
	_, err := validate.Bytes(ctx, b, opts)
	require.ErrorIs(t, err, broken)
	requireOperational(t, err, "presence")
}

// TestPixelsOfVariants tries legal files that decoders of the standard library refuse.
func TestPixelsOfVariants(t *testing.T) {
	for name, b := range folder(t, testdata+"variants") {
		var size image.Point
		see := validate.FacePresence(func(_ context.Context, img image.Image) (bool, error) {
			size = img.Bounds().Size()
			return true, nil
		})
		res, err := validate.Bytes(context.Background(), b, validate.Options{Faces: see})
		require.NoError(t, err, name)
		require.Equal(t, image.Pt(res.Width, res.Height), size, name)
	}
}

func TestPixelsHonourTheContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	check := func(_ context.Context, p *validate.Picture) error {
		_, err := p.Image(ctx, 0)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		return nil
	}
	// 16 million pixels in 28 bytes, which take the decoder a second.
	b := fuzz.Bomb(detect.WebP, 4000, 4000)
	_, err := validate.Bytes(context.Background(), b, validate.Options{Checks: []validate.Check{check}})
	require.NoError(t, err)
}

func TestHookThatCancelsIsNoVerdict(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	opts := validate.Options{Faces: validate.FaceFinderFunc(func(context.Context, image.Image) ([]validate.Face, error) {
		cancel()
		return nil, nil // "no face" from an interrupted detector
	})}
	_, err := validate.Bytes(ctx, good(t, detect.PNG), opts)
	requireOperational(t, err, "cancelled")
	require.ErrorIs(t, err, context.Canceled)
}

func TestChecksRunInOrder(t *testing.T) {
	var calls []int
	check := func(i int, err error) validate.Check {
		return func(_ context.Context, p *validate.Picture) error {
			calls = append(calls, i)
			return err
		}
	}
	refusal := &validate.Error{Code: validate.CodeCorrupted, Reason: "too_dark", Offset: -1}
	opts := validate.Options{Checks: []validate.Check{check(0, nil), check(1, fmt.Errorf("dark: %w", refusal)), check(2, nil)}}
	_, err := validate.Bytes(context.Background(), good(t, detect.PNG), opts)
	e := requireRefusal(t, err, validate.CodeCorrupted, "check 1", "too_dark")
	require.Equal(t, detect.PNG, e.Format, "the format is filled in")
	require.ErrorContains(t, e, "dark: ")
	require.Equal(t, []int{0, 1}, calls)
	require.Empty(t, refusal.Format, "the hook's own error is left alone")
}

func TestPicture(t *testing.T) {
	b := encodePNG(t, quadrants(40, 20))
	check := func(ctx context.Context, p *validate.Picture) error {
		require.Equal(t, b, p.Bytes())
		require.Equal(t, detect.PNG, p.Format)
		require.Equal(t, 40, p.Width)

		full, err := p.Image(ctx, 0)
		require.NoError(t, err)
		require.Equal(t, image.Pt(40, 20), full.Bounds().Size())
		again, err := p.Image(ctx, 0)
		require.NoError(t, err)
		require.Same(t, full, again, "decoded once")
		small, err := p.Image(ctx, 10)
		require.NoError(t, err)
		require.Equal(t, image.Pt(10, 5), small.Bounds().Size())
		_, err = p.Image(ctx, -1)
		require.Error(t, err)

		done, cancel := context.WithCancel(ctx)
		cancel()
		_, err = p.Image(done, 0)
		require.ErrorIs(t, err, context.Canceled)
		return nil
	}
	_, err := validate.Bytes(context.Background(), b, validate.Options{Checks: []validate.Check{check}})
	require.NoError(t, err)
}

func TestFacesAreReported(t *testing.T) {
	want := []validate.Face{{Bounds: image.Rect(1, 2, 3, 4), Score: 0.9, Landmarks: []image.Point{{X: 2, Y: 3}}}}
	opts := validate.Options{Faces: validate.FaceFinderFunc(func(context.Context, image.Image) ([]validate.Face, error) { return want, nil })}
	res, err := validate.Bytes(context.Background(), good(t, detect.JPEG), opts)
	require.NoError(t, err)
	require.Equal(t, want, res.Faces)

	opts.Faces = validate.FacePresence(func(context.Context, image.Image) (bool, error) { return true, nil })
	res, err = validate.Bytes(context.Background(), encodePNG(t, quadrants(4, 6)), opts)
	require.NoError(t, err)
	require.Equal(t, []validate.Face{{Bounds: image.Rect(0, 0, 4, 6), Score: 1}}, res.Faces)

	opts.Faces = validate.FacePresence(func(context.Context, image.Image) (bool, error) { return false, nil })
	res, err = validate.Bytes(context.Background(), good(t, detect.JPEG), opts)
	requireRefusal(t, err, validate.CodeFaceNotFound, "no face", validate.NoFace)
	require.Equal(t, detect.JPEG, res.Format, "the result comes with the refusal")
}

// stored is the picture that each EXIF orientation turns into quadrants: the
// inverse of what a viewer does.
func stored(orientation, w, h int) image.Image {
	up := quadrants(w, h)
	at := map[int]func(x, y int) (int, int){
		1: func(x, y int) (int, int) { return x, y },
		2: func(x, y int) (int, int) { return w - 1 - x, y },
		3: func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
		4: func(x, y int) (int, int) { return x, h - 1 - y },
		5: func(x, y int) (int, int) { return y, x },
		6: func(x, y int) (int, int) { return w - 1 - y, x },
		7: func(x, y int) (int, int) { return w - 1 - y, h - 1 - x },
		8: func(x, y int) (int, int) { return y, h - 1 - x },
	}[orientation]
	size := image.Pt(w, h)
	if orientation >= 5 {
		size = image.Pt(h, w)
	}
	img := image.NewRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			img.Set(x, y, up.At(at(x, y)))
		}
	}
	return img
}

// withOrientation inserts an EXIF segment after a JPEG's SOI.
func withOrientation(jpeg []byte, orientation int) []byte {
	tiff := "MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(rune(orientation)) + "\x00\x00\x00\x00\x00\x00"
	app1 := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(2+6+len(tiff)))
	app1 = append(app1, "Exif\x00\x00"+tiff...)
	return bytes.Join([][]byte{jpeg[:2], app1, jpeg[2:]}, nil)
}

// requireUpright fails unless the face hook sees the four quadrants in place.
func requireUpright(t *testing.T, b []byte, size image.Point, orientation int, what string) {
	opts := validate.Options{Faces: validate.FacePresence(func(_ context.Context, img image.Image) (bool, error) {
		require.Equal(t, size, img.Bounds().Size(), what)
		min := img.Bounds().Min
		for i, want := range [][3]bool{{true, false, false}, {false, true, false}, {true, true, true}, {false, false, true}} {
			x, y := size.X/4, size.Y/4
			if i%2 == 1 {
				x += size.X / 2
			}
			if i >= 2 {
				y += size.Y / 2
			}
			r, g, b, _ := img.At(min.X+x, min.Y+y).RGBA()
			got := [3]bool{r > 0x8000, g > 0x8000, b > 0x8000}
			require.Equal(t, want, got, "%s: quadrant %d", what, i)
		}
		return true, nil
	})}
	res, err := validate.Bytes(context.Background(), b, opts)
	require.NoError(t, err, what)
	require.Equal(t, orientation, res.Orientation, what)
}

func TestOrientationReachesTheFaceHook(t *testing.T) {
	for o := 1; o <= 8; o++ {
		b := withOrientation(encodeJPEG(t, stored(o, 64, 32)), o)
		requireUpright(t, b, image.Pt(64, 32), o, fmt.Sprint("JPEG orientation ", o))
		odd := withOrientation(encodeJPEG(t, stored(o, 67, 33)), o)
		requireUpright(t, odd, image.Pt(67, 33), o, fmt.Sprint("odd JPEG orientation ", o))
	}
}

// heicTurns are files whose stored corners are red, green, blue and yellowish (top
// left, top right, bottom left, bottom right), with what libheif 1.15 makes of each.
var heicTurns = map[string]struct {
	orientation int
	corners     string
}{
	"imir-1":          {2, "GRYB"},
	"irot-180":        {3, "YBGR"},
	"imir-0":          {4, "BYRG"},
	"irot-90-imir-0":  {5, "RBGY"},
	"irot-270":        {6, "BRYG"},
	"irot-270-imir-0": {7, "YGBR"},
	"irot-90":         {8, "GYRB"},
}

func TestHEICTransformsReachTheFaceHook(t *testing.T) {
	for name, want := range heicTurns {
		opts := validate.Options{Faces: validate.FacePresence(func(_ context.Context, img image.Image) (bool, error) {
			require.Equal(t, want.corners, corners(img), name)
			return true, nil
		})}
		res, err := validate.File(context.Background(), testdata+"good/heic/"+name+".heic", opts)
		require.NoError(t, err, name)
		require.Equal(t, want.orientation, res.Orientation, name)
		require.Equal(t, []int{132, 90}, []int{res.Width, res.Height}, "%s: as stored", name)
	}
	// Orientation 1: shown as stored, not as its EXIF says.
	plain := validate.FacePresence(func(_ context.Context, img image.Image) (bool, error) {
		require.Equal(t, "RGBY", corners(img))
		return true, nil
	})
	res, err := validate.File(context.Background(), testdata+"good/heic/heif-enc-q100.heic", validate.Options{Faces: plain})
	require.NoError(t, err)
	require.Equal(t, 1, res.Orientation)
}

// corners names the colours of a picture's four corners.
func corners(img image.Image) string {
	r := img.Bounds().Inset(3)
	var s []byte
	for _, p := range []image.Point{r.Min, {X: r.Max.X - 1, Y: r.Min.Y}, {X: r.Min.X, Y: r.Max.Y - 1}, {X: r.Max.X - 1, Y: r.Max.Y - 1}} {
		red, green, blue, _ := img.At(p.X, p.Y).RGBA()
		switch high := uint32(150 << 8); {
		case red > high && green > high:
			s = append(s, 'Y')
		case red > high:
			s = append(s, 'R')
		case green > high:
			s = append(s, 'G')
		case blue > high:
			s = append(s, 'B')
		default:
			s = append(s, '?')
		}
	}
	return string(s)
}
