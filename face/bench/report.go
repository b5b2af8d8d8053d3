package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/imgvet/imgvet/face"
	"github.com/imgvet/imgvet/validate"
)

// report prints results as the tables of docs/faces.md.
type report struct {
	out     io.Writer
	results []result
}

// group is a named subset of the results.
type group struct {
	name string
	has  func(r result) bool
}

// category returns the photographs of these categories.
func category(name string, of ...string) group {
	return group{name, func(r result) bool { return r.variant == "" && slices.Contains(of, r.category) }}
}

var (
	withFaces = []group{
		category("frontal", "frontal"),
		category("glasses or sunglasses", "glasses"),
		category("black and white", "bw"),
		category("dark picture", "dark"),
		category("turned away or looking down", "turned"),
		category("partly covered", "covered"),
		category("group", "group"),
		category("small in the picture", "small"),
		category("painting", "painting"),
	}
	portraits = category("**portraits** (the first four)", "frontal", "glasses", "bw", "dark")
	everyFace = group{"**all with a face**", func(r result) bool { return r.variant == "" && r.faces > 0 }}
	without   = []group{
		category("things, buildings, landscapes", "none"),
		category("animals", "animal"),
		category("drawings", "drawing"),
	}
	everyOther = group{"**all without**", func(r result) bool { return r.variant == "" && r.faces == 0 }}
)

func (g group) of(results []result) []result {
	var out []result
	for _, r := range results {
		if g.has(r) {
			out = append(out, r)
		}
	}
	return out
}

func (r report) print(list bool) {
	strict := r.pigoAtOnePercent()
	r.recall(strict)
	r.synthetic(strict)
	r.groups()
	r.sweep()
	r.advised()
	r.times()
	if list {
		r.wrong()
	}
}

// pigoAtOnePercent returns the lowest quality at which pigo mistakes at most 1 % of the
// photographs without faces for one.
func (r report) pigoAtOnePercent() float64 {
	var q []float64
	for _, v := range everyOther.of(r.results) {
		q = append(q, v.pigo)
	}
	slices.Sort(q)
	if len(q) == 0 {
		return 0
	}
	return q[len(q)-1-len(q)/100] + 1e-9
}

// share prints for how many of results f holds.
func share(results []result, f func(result) bool) string {
	n := 0
	for _, v := range results {
		if f(v) {
			n++
		}
	}
	if len(results) == 0 {
		return "none"
	}
	return fmt.Sprintf("%.1f %% (%d)", 100*float64(n)/float64(len(results)), n)
}

func (r report) lines(groups []group, strict float64) {
	for _, g := range groups {
		v := g.of(r.results)
		if len(v) == 0 {
			continue
		}
		fmt.Fprintf(r.out, "| %s | %d | %s | %s | %s |\n", g.name, len(v),
			share(v, func(v result) bool { return v.found }),
			share(v, func(v result) bool { return v.pigo >= pigoMin }),
			share(v, func(v result) bool { return v.pigo >= strict }))
	}
}

func (r report) header(what string, strict float64) {
	fmt.Fprintf(r.out, "\n| %s | pictures | imgvet at %.2f | pigo at %.0f | pigo at %.1f |\n|---|---|---|---|---|\n",
		what, face.DefaultThreshold, pigoMin, strict)
}

func (r report) recall(strict float64) {
	r.header("a face was found in", strict)
	r.lines(append(slices.Clone(withFaces), portraits, everyFace), strict)
	r.header("a face was seen in", strict)
	r.lines(append(slices.Clone(without), everyOther), strict)
}

func (r report) synthetic(strict float64) {
	var both, alone []group
	for _, v := range variants {
		g := group{v.name, func(r result) bool { return r.variant == v.name }}
		if v.alone {
			alone = append(alone, g)
		} else {
			both = append(both, g)
		}
	}
	r.header("a face was found in portraits made", strict)
	r.lines(both, strict)
	fmt.Fprintf(r.out, "\n| a face was found in portraits made | pictures | imgvet at %.2f |\n|---|---|---|\n", face.DefaultThreshold)
	for _, g := range alone {
		if v := g.of(r.results); len(v) > 0 {
			fmt.Fprintf(r.out, "| %s | %d | %s |\n", g.name, len(v), share(v, func(v result) bool { return v.found }))
		}
	}
}

// people are those whose misses are compared, by the tags of the set. Women and men are told apart
// by the packages, children and skin by eye.
var people = []struct {
	name string
	has  func(tags map[string]bool) bool
}{
	{"of dark skin", func(tags map[string]bool) bool { return tags["darkskin"] }},
	{"of lighter skin", func(tags map[string]bool) bool { return !tags["darkskin"] }},
	{"women", func(tags map[string]bool) bool { return tags["woman"] }},
	{"men", func(tags map[string]bool) bool { return tags["man"] }},
	{"children", func(tags map[string]bool) bool { return tags["child"] }},
}

// unequal are the variants in which misses are compared, since most others are found of all.
var unequal = []string{"", "cut to the face", "cut to 80 % of the face", "cut to 60 % of the face", "cut to 45 % of the face",
	"masked", "masked and cut to 130 %", "masked and cut to the face", "upside down", "an eighth as bright", "twice as bright", "shrunk to 48 pixels"}

// groups prints what is found of whom.
func (r report) groups() {
	fmt.Fprint(r.out, "\n| a face was found in portraits |")
	for _, p := range people {
		fmt.Fprintf(r.out, " %s |", p.name)
	}
	fmt.Fprint(r.out, "\n|---|---|---|---|---|---|\n")
	for _, name := range unequal {
		label := name
		if name == "" {
			label = "as they are"
		}
		fmt.Fprintf(r.out, "| %s |", label)
		for _, p := range people {
			v := group{"", func(v result) bool { return v.variant == name && v.portrait() && p.has(v.tags) }}.of(r.results)
			fmt.Fprintf(r.out, " %s of %d |", share(v, func(v result) bool { return v.found }), len(v))
		}
		fmt.Fprintln(r.out)
	}
}

func (r report) sweep() {
	fmt.Fprint(r.out, "\n| threshold | portraits found | all with a face | masked portraits | seen where there is none |\n|---|---|---|---|---|\n")
	masked := group{"", func(v result) bool { return v.variant == "masked" }}
	for _, t := range thresholds {
		passes := func(v result) bool { return v.score >= t }
		fmt.Fprintf(r.out, "| %.2f | %s | %s | %s | %s |\n", t, share(portraits.of(r.results), passes),
			share(everyFace.of(r.results), passes), share(masked.of(r.results), passes), share(everyOther.of(r.results), passes))
	}
}

// advised prints how often each advice is given, on photographs and on the variants made to
// deserve it.
func (r report) advised() {
	clear := category("", "frontal", "glasses")
	dark := group{"", func(r result) bool { return clear.has(r) && r.tags["darkskin"] }}
	columns := []group{
		{"portraits", clear.has},
		{"of dark skin", dark.has},
		category("turned", "turned"),
		category("partly covered", "covered"),
		category("groups", "group"),
	}
	for _, v := range variants {
		columns = append(columns, group{v.name, func(r result) bool { return r.variant == v.name }})
	}
	reasons := []validate.Reason{validate.SeveralFaces, validate.FaceTooSmall, validate.FaceCut, validate.FaceTurned,
		validate.FaceBlurred, validate.FaceDark, validate.FaceOverexposed, validate.FaceRotated,
		validate.FaceCovered, validate.FaceDrawn, validate.FaceWeak}
	fmt.Fprint(r.out, "\n| pictures |")
	for _, reason := range reasons {
		fmt.Fprintf(r.out, " %s |", reason)
	}
	fmt.Fprintln(r.out, "\n"+strings.Repeat("|---", len(reasons)+1)+"|")
	for _, c := range columns {
		v := c.of(r.results)
		fmt.Fprintf(r.out, "| %s (%d) |", c.name, len(v))
		for _, reason := range reasons {
			n := 0
			for _, one := range v {
				if slices.Contains(one.advice, reason) {
					n++
				}
			}
			fmt.Fprintf(r.out, " %.0f %% |", 100*float64(n)/float64(max(1, len(v))))
		}
		fmt.Fprintln(r.out)
	}
}

func (r report) times() {
	fmt.Fprint(r.out, "\n| processor time of one picture | imgvet, median | 95 % below | pigo, median | 95 % below |\n|---|---|---|---|---|\n")
	at := func(v []result, part float64, of func(result) time.Duration) string {
		if len(v) == 0 {
			return "none"
		}
		slices.SortFunc(v, func(a, b result) int { return cmp.Compare(of(a), of(b)) })
		return fmt.Sprintf("%.1f ms", float64(of(v[int(part*float64(len(v)-1))]))/1e6)
	}
	ours := func(v result) time.Duration { return v.time }
	theirs := func(v result) time.Duration { return v.pigoTime }
	for _, g := range []group{portraits, everyFace, everyOther} {
		v := g.of(r.results)
		fmt.Fprintf(r.out, "| %s | %s | %s | %s | %s |\n", g.name, at(v, 0.5, ours), at(v, 0.95, ours), at(v, 0.5, theirs), at(v, 0.95, theirs))
	}
}

// wrong names the pictures with missed faces, and those with a face where there is none.
func (r report) wrong() {
	fmt.Fprintln(r.out)
	for _, v := range r.results {
		if v.found != (v.faces > 0) {
			fmt.Fprintf(r.out, "%s\t%s\t%s\t%.2f\n", v.category, v.variant, v.name(), v.score)
		}
	}
}
