// Command pigo checks pictures with another face detector behind the hook than the
// one of package face: github.com/esimov/pigo, which is smaller and finds fewer
// faces. A remote service would be called in the same place.
//
//	go run ./pigo facefinder photo.jpg
//
// facefinder is the cascade file that comes with pigo, in its folder cascade.
package main

import (
	"context"
	"fmt"
	"image"
	"os"

	pigo "github.com/esimov/pigo/core"

	"github.com/imgvet/imgvet/validate"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: pigo CASCADE PICTURE")
		os.Exit(2)
	}
	finder, err := newFinder(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	res, err := validate.File(context.Background(), os.Args[2], validate.Options{Faces: finder})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(len(res.Faces), "faces:", res.Faces)
}

// newFinder reads a cascade.
func newFinder(cascade string) (validate.FaceFinder, error) {
	b, err := os.ReadFile(cascade)
	if err != nil {
		return nil, err
	}
	classifier, err := pigo.NewPigo().Unpack(b)
	if err != nil {
		return nil, err
	}
	// An error of the detector would be returned as it is: it says nothing about the
	// picture, and is never "no face".
	return validate.FaceFinderFunc(func(_ context.Context, img image.Image) ([]validate.Face, error) {
		size := img.Bounds().Size()
		found := classifier.RunCascade(pigo.CascadeParams{
			MinSize: max(20, min(size.X, size.Y)/10), MaxSize: max(size.X, size.Y), ShiftFactor: 0.1, ScaleFactor: 1.1,
			ImageParams: pigo.ImageParams{Pixels: pigo.RgbToGrayscale(img), Rows: size.Y, Cols: size.X, Dim: size.X},
		}, 0)
		var faces []validate.Face
		for _, d := range classifier.ClusterDetections(found, 0.2) {
			if d.Q >= 5 {
				r := d.Scale / 2
				faces = append(faces, validate.Face{Bounds: image.Rect(d.Col-r, d.Row-r, d.Col+r, d.Row+r), Score: min(1, float64(d.Q)/100)})
			}
		}
		return faces, nil
	}), nil
}
