package main

import (
	"context"
	"fmt"
	"image"
	"io"
	"math"
	"slices"

	"github.com/imgvet/imgvet/face"
	"github.com/imgvet/imgvet/face/bench/mesh"
	"github.com/imgvet/imgvet/validate"
)

// opinion is what the finder and the face mesh say of a picture's best face.
type opinion struct {
	of       string // the name of a variant, or of a kind of photograph
	score    float64
	presence float64
	a, b     validate.Pose // the finder's and the mesh's
}

const faceless = "without a face"

// second asks MediaPipe's face mesh for a second opinion on the best face of each picture.
type second struct {
	mesh     *mesh.Mesh
	finder   *face.Finder
	opinions []opinion
}

func newSecond(assets string) (*second, error) {
	m, err := mesh.Open(assets)
	if err != nil {
		return nil, err
	}
	f, err := face.New(face.Options{Threshold: 0.2})
	return &second{mesh: m, finder: f}, err
}

func (s *second) look(ctx context.Context, p picture, variant string, img image.Image) error {
	o := opinion{of: variant}
	switch {
	case p.faces == 0:
		o.of = faceless
	case variant == "":
		o.of = "all with a face"
	}
	seen, err := s.finder.FindIn(ctx, img)
	if err != nil {
		return err
	}
	var f validate.Face
	for _, v := range seen.Found {
		if v.Score > f.Score {
			f = v
		}
	}
	if f.Score > 0 {
		o.score, o.a = f.Score, *f.Pose
		if o.presence, o.b, err = s.mesh.Look(ctx, img, f); err != nil {
			return err
		}
	}
	s.opinions = append(s.opinions, o)
	return nil
}

// print writes how far the poses differ, and what the presence adds to the score where that is
// close.
func (s *second) print(out io.Writer) {
	var apart [3][]float64
	for _, o := range s.opinions {
		if o.of == "all with a face" && o.score >= face.DefaultThreshold && o.presence >= 5 {
			apart[0] = append(apart[0], math.Abs(o.a.Yaw-o.b.Yaw))
			apart[1] = append(apart[1], math.Abs(o.a.Pitch-o.b.Pitch))
			apart[2] = append(apart[2], math.Abs(math.Remainder(o.a.Roll-o.b.Roll, 360)))
		}
	}
	fmt.Fprintf(out, "| pose beside the mesh's, %d faces | mean | 95 %% below |\n|---|---|---|\n", len(apart[0]))
	for i, name := range []string{"yaw", "pitch", "roll"} {
		v := apart[i]
		if len(v) == 0 {
			continue
		}
		slices.Sort(v)
		sum := 0.0
		for _, d := range v {
			sum += d
		}
		fmt.Fprintf(out, "| %s | %.1f° | %.1f° |\n", name, sum/float64(len(v)), v[len(v)*95/100])
	}
	kinds := []string{}
	for _, o := range s.opinions {
		if o.of != faceless && !slices.Contains(kinds, o.of) {
			kinds = append(kinds, o.of)
		}
	}
	fmt.Fprint(out, "\n| mistaken | score |")
	for _, k := range kinds {
		fmt.Fprintf(out, " %s |", k)
	}
	fmt.Fprintf(out, "\n|---|---|")
	for range kinds {
		fmt.Fprint(out, "---|")
	}
	fmt.Fprintln(out)
	for _, mistaken := range []int{4, 8, 12, 20} {
		for _, weight := range []float64{0, 0.03, 0.05, 0.1} {
			s.row(out, kinds, mistaken, weight)
		}
	}
}

// row writes what is found at the threshold at which so many pictures without a face pass, if
// the presence counts with this weight.
func (s *second) row(out io.Writer, kinds []string, mistaken int, weight float64) {
	joined := func(o opinion) float64 {
		p := min(max(o.score, 0.01), 0.99)
		x := math.Log(p / (1 - p))
		if o.score >= 0.4 && o.score < 0.65 {
			x += weight * min(max(o.presence, -8), 8)
		}
		return x
	}
	var wrong []float64
	for _, o := range s.opinions {
		if o.of == faceless {
			wrong = append(wrong, joined(o))
		}
	}
	if len(wrong) <= mistaken {
		return
	}
	slices.Sort(wrong)
	threshold := wrong[len(wrong)-1-mistaken]
	name := "alone"
	if weight > 0 {
		name = fmt.Sprintf("with %.2f of the presence", weight)
	}
	fmt.Fprintf(out, "| %d of %d | %s |", mistaken, len(wrong), name)
	for _, k := range kinds {
		found, all := 0, 0
		for _, o := range s.opinions {
			if o.of == k {
				all++
				if joined(o) > threshold {
					found++
				}
			}
		}
		fmt.Fprintf(out, " %d of %d |", found, all)
	}
	fmt.Fprintln(out)
}
