package face_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/png"
	"os"

	"github.com/imgvet/imgvet/face"
	"github.com/imgvet/imgvet/validate"
)

const portrait = "testdata/reference/astronaut-face.png"

func Example() {
	finder, err := face.New(face.Options{}) // once, when the service starts
	if err != nil {
		fmt.Println(err)
		return
	}
	opts := validate.Options{Faces: finder}

	res, err := validate.File(context.Background(), portrait, opts)
	fmt.Println(len(res.Faces), "face,", err)

	_, err = validate.File(context.Background(), "../testdata/good/png/pngsuite-basn2c08.png", opts)
	fmt.Println(errors.Is(err, validate.ErrFaceNotFound))
	// Output:
	// 1 face, <nil>
	// true
}

func ExampleNew() {
	_, err := face.New(face.Options{Threshold: 2})
	fmt.Println(err)
	// Output: face: Options.Threshold is 2; it must lie between 0 and 1
}

// The Finder can also be used on its own, with pixels that are trusted already.
func ExampleFinder_FindFaces() {
	finder, err := face.New(face.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := os.Open(portrait)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	img, _, err := image.Decode(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	faces, err := finder.FindFaces(context.Background(), img)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range faces {
		fmt.Println(f.Score > face.DefaultThreshold, f.Bounds.In(img.Bounds()), len(f.Landmarks), "landmarks")
	}
	// Output: true true 6 landmarks
}

// AdviseFaces is FindFaces with what a person should know about what was seen.
func ExampleFinder_AdviseFaces() {
	finder, err := face.New(face.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	nobody := image.NewGray(image.Rect(0, 0, 320, 240))
	faces, advice, err := finder.AdviseFaces(context.Background(), nobody)
	fmt.Println(len(faces), len(advice), err)
	// Output: 0 0 <nil>
}

// Problems is what New would say.
func ExampleOptions_Problems() {
	fmt.Println(face.Options{}.Problems())
	// Output: <nil>
}

// Validate decodes a large JPEG no further than PictureSide asks for.
func ExampleFinder_PictureSide() {
	finder, err := face.New(face.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(finder.PictureSide())
	// Output: 768
}

// AdviseReduced is what Validate calls: the advice is about a picture of 4000x3000
// pixels, of which the finder sees one of 1000x750.
func ExampleFinder_AdviseReduced() {
	finder, err := face.New(face.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	nobody := image.NewGray(image.Rect(0, 0, 1000, 750))
	faces, advice, err := finder.AdviseReduced(context.Background(), nobody, image.Pt(4000, 3000))
	fmt.Println(len(faces), len(advice), err)
	// Output: 0 0 <nil>
}
