package validate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

const photo = "../testdata/good/jpeg/exif-orientation-6.jpg"

// There are three outcomes: a picture, a refusal, and neither.
func Example() {
	ctx := context.Background()

	res, err := validate.File(ctx, "photo.heic", validate.Options{})
	var refusal *validate.Error
	switch {
	case errors.As(err, &refusal): // the file's fault: refusal.Code, .Reason, .Offset, .Advice()
		fmt.Println("refused:", refusal.Code, refusal.Reason)
	case err != nil: // not the file's fault: it could not be read, ctx is done, a hook failed
		fmt.Println("no verdict:", errors.Is(err, os.ErrNotExist))
	default:
		fmt.Println(res.Format, res.Width, res.Height, res.Orientation, res.Warnings)
	}
	// Output: no verdict: true
}

// Validate stops reading as soon as the verdict is certain.
func ExampleValidate() {
	_, err := validate.Validate(context.Background(), strings.NewReader("GIF89a..."), validate.Options{})
	var refusal *validate.Error
	if errors.As(err, &refusal) {
		body, _ := json.Marshal(refusal)
		fmt.Println(string(body))
		fmt.Println(refusal.Reason)
	}
	// Output:
	// {"error":{"code":5,"message":"file corrupted"}}
	// unknown_format
}

func ExampleFile() {
	res, err := validate.File(context.Background(), photo, validate.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	fmt.Println(res.Format, res.Width, res.Height, "orientation", res.Orientation)
	// Output: jpeg 44 30 orientation 6
}

func ExampleBytes() {
	_, err := validate.Bytes(context.Background(), nil, validate.Options{})
	fmt.Println(errors.Is(err, validate.ErrEmpty))
	// Output: true
}

// A defect that viewers forgive is a warning, and a refusal under Strict.
func ExampleOptions_strict() {
	b, err := os.ReadFile(photo)
	if err != nil {
		fmt.Println(err)
		return
	}
	b = append(b, "<script>"...)

	res, err := validate.Bytes(context.Background(), b, validate.Options{})
	fmt.Println(err, res.Warnings[0].Reason)

	_, err = validate.Bytes(context.Background(), b, validate.Options{Tolerance: validate.Strict})
	fmt.Println(errors.Is(err, validate.ErrCorrupted))
	// Output:
	// <nil> trailing_data
	// true
}

// Problems reports everything that is wrong, not only the first problem.
func ExampleOptions_Problems() {
	fmt.Println(validate.Options{MaxBytes: -1, Formats: []detect.Format{"gif"}}.Problems())
	// Output:
	// validate: Options.MaxBytes is -1; it must not be negative
	// validate: Options.Formats[0] is "gif"; it is not one of the five formats
}

// A rule of your own sees only verified files. This one refuses photos that record where
// they were taken.
func ExampleCheck() {
	opts := validate.Options{
		Checks: []validate.Check{func(ctx context.Context, p *validate.Picture) error {
			if p.Facts.HasGPS {
				return &validate.Error{Code: validate.CodeCorrupted, Reason: "has_gps", Offset: -1}
			}
			return nil
		}},
	}
	_, err := validate.Bytes(context.Background(), photoWithPlace(), opts)
	var refusal *validate.Error
	fmt.Println(errors.As(err, &refusal), refusal.Code, refusal.Reason)
	// Output: true 5 has_gps
}

// Facts are what a file says beside its pixels.
func ExampleFacts() {
	res, err := validate.File(context.Background(), "../testdata/good/jpeg/exif-like-a-phone.jpg", validate.Options{})
	f := res.Facts
	fmt.Println(err, "EXIF:", f.HasEXIF, "place:", f.HasGPS, "bits:", f.BitDepth, "camera:", f.CameraMake())
	// Output: <nil> EXIF: true place: false bits: 8 camera: Example
}

// The rules of most services need no Check: they are options, and their refusals come with
// advice.
func ExampleRules() {
	opts := validate.Options{Rules: validate.Rules{MinWidth: 600, MinAspect: 3.0 / 4, MaxAspect: 4.0 / 3, MaxFrames: 1}}
	_, err := validate.File(context.Background(), photo, opts)
	var refusal *validate.Error
	if errors.As(err, &refusal) {
		fmt.Println(refusal.Reason, refusal.Limit, refusal.Got)
		fmt.Println(refusal.Advice())
	}
	// Output:
	// too_small 600 30
	// The picture is 30 pixels wide: send one of at least 600.
}

// A check may ask for the pixels, upright and as small as it needs them, and for
// the file.
func ExamplePicture_Image() {
	opts := validate.Options{Checks: []validate.Check{func(ctx context.Context, p *validate.Picture) error {
		img, err := p.Image(ctx, 24)
		if err != nil {
			return err // operational, so not a verdict
		}
		fmt.Println("stored:", p.Width, p.Height, "shown:", img.Bounds().Size())
		fmt.Printf("first bytes: %x\n", p.Bytes()[:3])
		return nil
	}}}
	if _, err := validate.File(context.Background(), photo, opts); err != nil {
		fmt.Println(err)
	}
	// Output:
	// stored: 44 30 shown: (16,24)
	// first bytes: ffd8ff
}

// Any detector will do. This one only says yes or no.
func ExampleFacePresence() {
	myDetector := func(ctx context.Context, img image.Image) (bool, error) { return false, nil }
	opts := validate.Options{
		Faces: validate.FacePresence(myDetector), // func(ctx, image.Image) (bool, error); the picture is upright
	}
	_, err := validate.File(context.Background(), photo, opts)
	fmt.Println(errors.Is(err, validate.ErrFaceNotFound))
	// Output: true
}

// A detector that knows where the faces are: they are then in the Result.
func ExampleFaceFinderFunc() {
	everywhere := func(ctx context.Context, img image.Image) ([]validate.Face, error) {
		return []validate.Face{{Bounds: img.Bounds(), Score: 0.9}}, nil
	}
	res, err := validate.File(context.Background(), photo, validate.Options{Faces: validate.FaceFinderFunc(everywhere)})
	fmt.Println(len(res.Faces), res.Faces[0].Bounds, err)
	// Output: 1 (0,0)-(30,44) <nil>
}

// remote is a detector behind HTTP: it takes a JPEG and answers with faces as JSON.
type remote struct{ url string }

func (r remote) FindFaces(ctx context.Context, p *validate.Picture) (validate.Faces, error) {
	img, err := p.Image(ctx, 1024) // upright, no side longer than that
	if err != nil {
		return validate.Faces{}, err
	}
	var body bytes.Buffer
	if err := jpeg.Encode(&body, img, nil); err != nil {
		return validate.Faces{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, &body)
	if err != nil {
		return validate.Faces{}, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return validate.Faces{}, err // operational: never "no face"
	}
	defer res.Body.Close()
	var found []validate.Face
	err = json.NewDecoder(res.Body).Decode(&found)
	return validate.Faces{Found: p.FullSize(found, img)}, err
}

// A detector that is a service of its own, and gets no more pixels than it needs.
func ExampleFaceFinder() {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `[{"x":2,"y":4,"width":10,"height":12,"score":0.9}]`)
	}))
	defer service.Close()
	res, err := validate.File(context.Background(), photo, validate.Options{Faces: remote{service.URL}})
	fmt.Println(res.Faces[0].Bounds, err)
	// Output: (2,4)-(12,16) <nil>
}

// A finder may look at fewer pixels than there are. Reduced decodes the picture at a cheap
// size, and FullSize converts the faces back to the full picture.
func ExamplePicture_Reduced() {
	opts := validate.Options{Checks: []validate.Check{func(ctx context.Context, p *validate.Picture) error {
		img, err := p.Reduced(ctx, 20)
		if err != nil {
			return err
		}
		found := []validate.Face{{Bounds: img.Bounds()}}
		fmt.Println(img.Bounds().Size(), "stands for", p.FullSize(found, img)[0].Bounds.Size())
		return nil
	}}}
	if _, err := validate.File(context.Background(), photo, opts); err != nil {
		fmt.Println(err)
	}
	// Output: (15,22) stands for (30,44)
}

func ExampleResult_Shown() {
	res, err := validate.File(context.Background(), photo, validate.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print("stored ", res.Width, "x", res.Height)
	width, height := res.Shown()
	fmt.Print(", shown ", width, "x", height)
	// Output: stored 44x30, shown 30x44
}

// One line of JSON for each file, whatever its outcome.
func ExampleVerdictOf() {
	for _, name := range []string{"../testdata/good/bmp/pillow-24.bmp", "../testdata/LICENSE.golang", "nowhere.jpg"} {
		res, err := validate.File(context.Background(), name, validate.Options{})
		v := validate.VerdictOf(filepath.Base(name), res, err)
		v.Detail, v.Failure = "", strings.SplitN(v.Failure, ":", 2)[0] // shorter, for this page
		line, _ := json.Marshal(v)
		fmt.Println(string(line))
	}
	// Output:
	// {"file":"pillow-24.bmp","ok":true,"format":"bmp","width":44,"height":30,"size":4014,"orientation":1,"frames":1,"facts":{"exif":false,"gps":false,"xmp":false,"icc":false,"c2pa":false,"alpha":false,"hdr":false,"progressive":false,"animated":false,"bit_depth":8}}
	// {"file":"LICENSE.golang","ok":false,"error":{"code":5,"message":"file corrupted"},"reason":"unknown_format","offset":0,"advice":"Send a PNG, JPG, HEIC, BMP or WebP picture: this file is none of them, whatever its name says.","size":1453}
	// {"file":"nowhere.jpg","ok":false,"failure":"stat nowhere.jpg","size":0}
}

// A file's name need not be UTF-8: its bytes survive.
func ExampleVerdict_FileName() {
	v := validate.VerdictOf("caf\xe9.jpg", nil, nil)
	fmt.Println(v.File, v.FileBase64)
	fmt.Printf("%q\n", v.FileName())
	// Output:
	// caf�.jpg Y2Fm6S5qcGc=
	// "caf\xe9.jpg"
}

func ExampleFacts_CameraModel() {
	res, err := validate.File(context.Background(), "../testdata/good/jpeg/exif-like-a-phone.jpg", validate.Options{})
	fmt.Printf("%q %q %v\n", res.Facts.CameraMake(), res.Facts.CameraModel(), err)
	// Output: "Example" "Made Up 1" <nil>
}

// The client gets the code and its message, the person a sentence, and the log
// everything.
func ExampleError() {
	b, err := os.ReadFile(photo)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = validate.Bytes(context.Background(), b[:len(b)/2], validate.Options{})
	var refusal *validate.Error
	if !errors.As(err, &refusal) {
		return
	}
	body, _ := json.Marshal(refusal)
	fmt.Println(string(body))
	fmt.Println(refusal.Advice())
	var line bytes.Buffer
	slog.New(slog.NewTextHandler(&line, nil)).Info("refused", "why", refusal)
	fmt.Println(strings.Contains(line.String(), "why.reason=truncated"))
	// Output:
	// {"error":{"code":5,"message":"file corrupted"}}
	// The file ends too early: upload the original again, over a better connection if need be.
	// true
}

// A client reads a service's answer: code 0 is a refusal too.
func ExampleError_UnmarshalJSON() {
	var refusal validate.Error
	if err := json.Unmarshal([]byte(`{"error":{"code":0,"message":"unregistered token"}}`), &refusal); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(errors.Is(&refusal, validate.ErrUnregisteredToken), refusal.Code.Message())
	// Output: true unregistered token
}

// Tolerance can be read from a flag or a settings file.
func ExampleTolerance() {
	opts := validate.Options{}
	if err := opts.Tolerance.UnmarshalText([]byte("strict")); err != nil {
		fmt.Println(err)
		return
	}
	text, err := opts.Tolerance.MarshalText()
	fmt.Println(string(text), err, opts.Tolerance == validate.Strict)
	// Output: strict <nil> true
}

// Calls that share a Limiter take their turns: at most two pictures are verified at once, however
// many callers there are. Each waits with its own context.
func ExampleNewLimiter() {
	limiter, err := validate.NewLimiter(2, 64<<20)
	if err != nil {
		log.Fatal(err)
	}
	opts := validate.Options{Limiter: limiter}

	var callers sync.WaitGroup
	var good atomic.Int64
	for range 50 {
		callers.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if _, err := validate.File(ctx, "../testdata/good/png/pngsuite-basn2c08.png", opts); err == nil {
				good.Add(1)
			}
		})
	}
	callers.Wait()
	fmt.Println(good.Load(), "of 50")
	// Output: 50 of 50
}
