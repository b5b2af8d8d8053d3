package main

import (
	"context"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/esimov/pigo/core"
	"golang.org/x/image/draw"

	"github.com/imgvet/imgvet/face"
	"github.com/imgvet/imgvet/validate"
)

// thresholds are those of the sweep, in rising order.
var thresholds = []float64{0.2, 0.3, 0.35, 0.4, 0.43, 0.46, 0.48, face.DefaultThreshold, 0.52, 0.54, 0.56, 0.6, 0.7, 0.8}

// finders holds a finder with the default threshold, and one that returns whatever may be a
// face, for its score.
type finders struct{ normal, any *face.Finder }

func newFinders() (finders, error) {
	normal, err := face.New(face.Options{})
	if err != nil {
		return finders{}, err
	}
	faintest, err := face.New(face.Options{Threshold: 0.01})
	return finders{normal, faintest}, err
}

// best returns the highest score in faces, 0 if there are none.
func best(faces []validate.Face) float64 {
	score := 0.0
	for _, f := range faces {
		score = max(score, f.Score)
	}
	return score
}

// pigoMin is the lowest quality that pigo's own examples accept as a face.
const pigoMin = 5.0

// newPigo returns pigo with the cascade from its module.
func newPigo(ctx context.Context) (*pigo.Pigo, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/esimov/pigo").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w (run from face/bench)", err)
	}
	cascade, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "cascade", "facefinder"))
	if err != nil {
		return nil, err
	}
	return pigo.NewPigo().Unpack(cascade)
}

// bestOfPigo returns the quality of the best face that pigo finds, 0 if none. It runs at 1024
// pixels or less, like the finder, with the parameters of pigo's documentation.
func bestOfPigo(p *pigo.Pigo, img image.Image) float64 {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if longest := max(w, h); longest > 1024 {
		w, h = max(1, w*1024/longest), max(1, h*1024/longest)
	}
	grey := image.NewGray(image.Rect(0, 0, w, h))
	if w == b.Dx() {
		draw.Draw(grey, grey.Rect, img, b.Min, draw.Src)
	} else {
		draw.ApproxBiLinear.Scale(grey, grey.Rect, img, b, draw.Src, nil)
	}
	found := p.RunCascade(pigo.CascadeParams{
		MinSize: 20, MaxSize: 1000, ShiftFactor: 0.1, ScaleFactor: 1.1,
		ImageParams: pigo.ImageParams{Pixels: grey.Pix, Rows: h, Cols: w, Dim: grey.Stride},
	}, 0)
	best := 0.0
	for _, d := range p.ClusterDetections(found, 0.2) {
		best = max(best, float64(d.Q))
	}
	return best
}

// see returns what f finds, and the reasons of its advice.
func see(ctx context.Context, f *face.Finder, img image.Image) ([]validate.Face, []validate.Reason, error) {
	faces, err := f.FindIn(ctx, img)
	var reasons []validate.Reason
	for _, w := range faces.Advice {
		if !slices.Contains(reasons, w.Reason) {
			reasons = append(reasons, w.Reason)
		}
	}
	return faces.Found, reasons, err
}
