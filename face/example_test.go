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

// The Finder also works on its own, with pixels that you already trust.
func ExampleFinder_FindIn() {
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
	faces, err := finder.FindIn(context.Background(), img)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range faces.Found {
		fmt.Println(f.Score > face.DefaultThreshold, f.Bounds.In(img.Bounds()), len(f.Landmarks), "landmarks")
	}
	// Output: true true 6 landmarks
}

// Problems returns what New would report.
func ExampleOptions_Problems() {
	fmt.Println(face.Options{}.Problems())
	// Output: <nil>
}

// A hook of your own may ask the Finder and decide for itself. This one allows only one
// person in the picture.
func ExampleFinder_FindFaces() {
	finder, err := face.New(face.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	alone := func(ctx context.Context, p *validate.Picture) error {
		faces, err := finder.FindFaces(ctx, p)
		if err == nil && len(faces.Found) != 1 {
			return &validate.Error{Code: validate.CodeFaceNotFound, Reason: validate.SeveralFaces, Offset: -1}
		}
		return err
	}
	_, err = validate.File(context.Background(), portrait, validate.Options{Checks: []validate.Check{alone}})
	fmt.Println(err)
	// Output: <nil>
}
