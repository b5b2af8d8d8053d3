package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imgvet/imgvet/face/internal/signs"
)

// sign is one of the signs of package signs, in its order.
type sign struct {
	name string
	has  func(sample) bool // what it tells
	fits func(sample) bool // the samples that it is fitted to
	// The share of bare faces on photos for which it may be told in error.
	mistakes float64
	penalty  float64 // of the weights of features of the crop
	bare     float64 // what a bare face weighs in the fit, beside one that something is painted on
}

var allSigns = []sign{
	{"eyes", func(s sample) bool { return s.Eyes }, photo, 0.0095, 0.02, 6},
	{"mouth", func(s sample) bool { return s.Mouth }, photo, 0.007, 0.05, 1},
	{"paint", func(s sample) bool { return s.Paint }, photo, 0.003, 0.02, 1},
	{"drawn", func(s sample) bool { return s.Drawn }, func(s sample) bool { return s.Kind != tinted }, 0.0045, 0.02, 1},
}

func photo(s sample) bool { return !s.Drawn && s.Kind != tinted }

// bare reports whether nothing covers the face, and it is a photo.
func (s sample) bare() bool { return photo(s) && !s.Eyes && !s.Mouth && !s.Paint }

// half returns which half of the samples s belongs to: by the set of its package, or the style
// of the drawing.
func half(s sample) int {
	if !s.Drawn {
		return strings.Compare(s.Set, "second") + 1 // 0 for first, 1 for second
	}
	return slices.Index(styles, s.Set) % 2
}

// styles are the styles of drawings, in an order that parts those of one artist's families evenly.
var styles = []string{
	"avataaars", "adventurer", "toonHead", "beanheads", "micah", "facesjs", "openPeeps", "personas", "bigSmile", "bigEars", "dylan",
	"lorelei", "miniavs", "notionists", "multiavatar", "croodles", "funEmoji", "pixelArt", "avataaarsNeutral", "adventurerNeutral", "bigEarsNeutral",
}

const rounds = 150

// fitTo fits a sign to the samples for which use holds.
func fitTo(g sign, all []sample, use func(sample) bool) regression {
	var rows [][]float32
	var positive []bool
	var weight []float64
	for _, s := range all {
		if !g.fits(s) || !use(s) {
			continue
		}
		w := 1.0
		if s.bare() {
			w = g.bare
		}
		if !s.Painted {
			w = max(4, 2*w) // there are fewer of those that nothing was painted on, and they are what counts
		}
		rows, positive, weight = append(rows, s.Features), append(positive, g.has(s)), append(weight, w)
	}
	// There are more features of the net, and each knows much.
	penalty := func(feature int) float64 {
		if feature < signs.OfCrop {
			return g.penalty
		}
		return 5 * g.penalty
	}
	return fit(rows, positive, weight, penalty, rounds)
}

// learn fits each sign to each half of the samples, measures it on the other half, and prints what is told
// of what. It returns the weights of a fit to all of them, whose bias makes 0 the limit that
// the measurement gave.
func learn(all []sample) []byte {
	logits := make([][]float64, len(allSigns))
	var weights []byte
	for i, g := range allSigns {
		z := make([]float64, len(all))
		for h := range 2 {
			r := fitTo(g, all, func(s sample) bool { return half(s) != h })
			for k, s := range all {
				if half(s) == h {
					z[k] = r.at(s.Features)
				}
			}
		}
		var bare []float64
		for k, s := range all {
			if s.bare() && !s.Painted {
				bare = append(bare, z[k])
			}
		}
		slices.Sort(bare)
		limit := bare[len(bare)-1-int(g.mistakes*float64(len(bare)))] + 1e-6
		for k := range z {
			z[k] -= limit
		}
		logits[i] = z
		r := fitTo(g, all, func(sample) bool { return true })
		weights = signs.Append(weights, r.bias-limit, r.weights)
		fmt.Printf("%s: limit %.2f, of %d bare faces\n", g.name, limit, len(bare))
	}
	table(all, logits)
	return weights
}

// table prints for each kind of sample how many of them each sign is told of.
func table(all []sample, logits [][]float64) {
	kinds := map[string][]int{}
	for k, s := range all {
		name := s.Kind
		if s.Drawn {
			name = "drawn: " + s.Set
		}
		if s.Painted {
			name += ", made"
		}
		kinds[name] = append(kinds[name], k)
	}
	var names []string
	for name := range kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Print("| faces | samples | covered |")
	for _, g := range allSigns {
		fmt.Printf(" %s |", g.name)
	}
	fmt.Print("\n|---|---|---|---|---|---|---|\n")
	for _, name := range names {
		of := kinds[name]
		fmt.Printf("| %s | %d |", name, len(of))
		share := func(told func(k int) bool) {
			n := 0
			for _, k := range of {
				if told(k) {
					n++
				}
			}
			fmt.Printf(" %.1f %% |", 100*float64(n)/float64(len(of)))
		}
		share(func(k int) bool { return logits[0][k] > 0 || logits[1][k] > 0 || logits[2][k] > 0 })
		for i := range allSigns {
			share(func(k int) bool { return logits[i][k] > 0 })
		}
		fmt.Println()
	}
}
