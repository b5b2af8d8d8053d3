package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/imgvet/imgvet/face"
	"github.com/imgvet/imgvet/face/internal/trace"
)

// fitting collects the candidates of each picture, and fits the score of those that fill the frame.
type fitting struct {
	finder *face.Finder
	seen   []traced
}

// traced is a picture, and what the finder's looks say of each candidate.
type traced struct {
	picture
	variant    string
	candidates []trace.Candidate
}

func newFitting() (*fitting, error) {
	// So low a threshold that no look is spared.
	f, err := face.New(face.Options{Threshold: 0.01})
	return &fitting{finder: f}, err
}

func (f *fitting) look(ctx context.Context, p picture, variant string, img image.Image) error {
	t := traced{picture: p, variant: variant}
	ctx = trace.With(ctx, func(c trace.Candidate) { t.candidates = append(t.candidates, c) })
	_, err := f.finder.FindIn(ctx, img)
	f.seen = append(f.seen, t)
	return err
}

// otherwise reports whether a candidate that does not fill the frame is a face.
func (t traced) otherwise() bool {
	return slices.ContainsFunc(t.candidates, func(c trace.Candidate) bool { return !c.Frame && c.Score >= face.DefaultThreshold })
}

// frame returns the highest score of what fills the frame, as a logit.
func (t traced) frame(score func(x []float64) float64) float64 {
	highest := math.Inf(-1)
	for _, c := range t.candidates {
		if c.Frame {
			highest = max(highest, score(evidence(c)))
		}
	}
	return highest
}

// evidence returns what the score of a candidate that fills the frame is made of.
func evidence(c trace.Candidate) []float64 {
	return []float64{logit(c.Proposal), logit(c.Far), logit(c.Wide), min(1, max(0, (c.Side-0.6)/0.6))}
}

// logit is that of package face.
func logit(p float64) float64 {
	p = min(max(p, 0.01), 0.99)
	return math.Log(p / (1 - p))
}

// A score adds up the evidence with these weights: proposal, short-range at 3, full-range at 4,
// and size.
type weighted struct {
	name    string
	weights []float64
}

func (w weighted) score(x []float64) float64 {
	sum := 0.0
	for i, v := range x {
		if i < len(w.weights) { // nothing was fitted to no candidates
			sum += w.weights[i] * v
		}
	}
	return sum
}

// mistaken is at most which part of the pictures without a face each score lets pass.
const mistaken = 0.001

// fitOn returns the regression of the candidates of one set, or of both if that is empty.
func (f *fitting) fitOn(set string) weighted {
	var rows [][]float64
	var positive []bool
	for _, t := range f.seen {
		// Cut to less than 60 %, a face is held back to see what the fit makes of it.
		if set != "" && t.set != set || t.otherwise() || strings.Contains(t.variant, "45") || t.variant == "" && t.faces > 0 {
			continue
		}
		var best []float64 // the one which the last look is surest of
		for _, c := range t.candidates {
			if x := evidence(c); c.Frame && (best == nil || x[2] > best[2]) {
				best = x
			}
		}
		if best != nil {
			rows, positive = append(rows, best), append(positive, t.faces > 0)
		}
	}
	return weighted{"the regression of the " + cmp.Or(set, "first and second") + " set", logistic(rows, positive)}
}

// print prints the regressions, and what each score finds of the variants.
func (f *fitting) print(out io.Writer) {
	scores := []weighted{
		{"short-range at 3 alone", []float64{0, 1, 0, 0}},
		{"the three looks, weighted as usual, without g", []float64{2. / 7, 3. / 7, 2. / 7, 0}},
		{"full-range at 4 alone", []float64{0, 0, 1, 0}},
		{"1, 1, 4, without g", []float64{1. / 6, 1. / 6, 4. / 6, 0}},
		{"1, 1, 4, with g", []float64{1. / 6, 1. / 6, 4. / 6, 1}},
	}
	for _, set := range []string{"", "first", "second"} {
		w := f.fitOn(set)
		fmt.Fprintf(out, "%s: %.2f\n", w.name, w.weights)
		if set == "" {
			scores = append(scores, w)
			continue
		}
		// Held out: threshold from the one set, what is found and mistaken on the other.
		limit := f.limit(w, func(t traced) bool { return t.set == set })
		f.line(out, w.name+", on the other", func(t traced) bool { return t.set != set }, func(t traced) bool {
			return t.frame(w.score) > limit
		})
	}
	every := func(traced) bool { return true }
	f.line(out, "before: no such candidates", every, func(traced) bool { return false })
	for _, w := range scores {
		limit := f.limit(w, every)
		f.line(out, w.name, every, func(t traced) bool { return t.frame(w.score) > limit })
	}
	f.line(out, "package face at its threshold", every, func(t traced) bool {
		return slices.ContainsFunc(t.candidates, func(c trace.Candidate) bool { return c.Frame && c.Score >= face.DefaultThreshold })
	})
}

// limit returns the lowest limit of w that lets no more than the mistaken part pass.
func (f *fitting) limit(w weighted, use func(traced) bool) float64 {
	var without []float64
	for _, t := range f.seen {
		if t.faces == 0 && use(t) {
			without = append(without, t.frame(w.score))
		}
	}
	slices.Sort(without)
	if len(without) == 0 {
		return 0
	}
	return without[len(without)-1-int(mistaken*float64(len(without)))]
}

// line prints which part of each variant is found, and how many pictures without a face pass.
func (f *fitting) line(out io.Writer, name string, use, passes func(traced) bool) {
	found, of := map[string]int{}, map[string]int{}
	var names []string
	for _, t := range f.seen {
		key := t.variant
		if t.faces == 0 {
			key = faceless
		}
		if !use(t) || t.faces > 0 && t.variant == "" {
			continue
		}
		if of[key]++; of[key] == 1 {
			names = append(names, key)
		}
		if passes(t) || t.faces > 0 && t.otherwise() {
			found[key]++
		}
	}
	slices.Sort(names)
	fmt.Fprintf(out, "| %s |", name)
	for _, n := range names {
		fmt.Fprintf(out, " %s: %d of %d (%.1f %%) |", n, found[n], of[n], 100*float64(found[n])/float64(of[n]))
	}
	fmt.Fprintln(out)
}

// write writes a line for each candidate to a file, if it has a name: its picture, the looks and the signs.
func (f *fitting) write(name string) error {
	if name == "" {
		return nil
	}
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	for _, t := range f.seen {
		for _, c := range t.candidates {
			_, wrong := fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%d\t%v\t%d\t%.3f\t%.2f\t%.4f\t%.4f\t%.4f\t%.4f\t%.2f\t%.2f\t%.2f\t%.2f\n",
				t.name(), t.variant, t.category, t.set, t.faces, c.Frame, c.Quarters, c.Side, c.Doubt,
				c.Proposal, c.Far, c.Wide, c.Score, c.Signs.Eyes, c.Signs.Mouth, c.Signs.Paint, c.Signs.Drawn)
			err = cmp.Or(err, wrong)
		}
	}
	return errors.Join(err, out.Close())
}
