package main

import (
	"image"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFaces checks that the list of faces is whole: of pictures of the benchmark, with landmarks in place and a known label.
func TestFaces(t *testing.T) {
	faces, err := readFaces("faces.tsv")
	require.NoError(t, err)
	pictures, err := readTable("../set/pictures.tsv", 6)
	require.NoError(t, err)
	sums := map[string]string{}
	for _, p := range pictures {
		sums[p[0]+"/"+p[1]] = p[2]
	}
	labels := map[string]int{}
	for _, l := range faces {
		require.Equal(t, sums[l.pack+"/"+l.path], l.sum, l.path)
		require.Contains(t, []string{"first", "second"}, l.set, l.path)
		require.Contains(t, []string{"bare", "sunglasses", "hand eyes", "hand mouth", "paint", tinted, "skip"}, l.label, l.path)
		require.False(t, l.bounds.Empty(), l.path)
		labels[l.label]++
	}
	require.Greater(t, labels["bare"], 400)
	require.Greater(t, labels["sunglasses"]+labels[tinted], 15)
}

// model returns a picture with landmarks of a face in it, which lean a little.
func model() (*image.RGBA, []image.Point) {
	img := image.NewRGBA(image.Rect(0, 0, 240, 240))
	for i := range img.Pix {
		img.Pix[i] = 128
	}
	return img, []image.Point{{95, 98}, {145, 102}, {119, 128}, {117, 150}}
}

func TestFrame(t *testing.T) {
	_, marks := model()
	f, ok := newFrame(marks)
	require.True(t, ok)
	for i, want := range [][2]float64{{-0.5, 0}, {0.5, 0}} {
		u, v := f.at(float64(marks[i].X), float64(marks[i].Y))
		require.InDelta(t, want[0], u, 0.01)
		require.InDelta(t, want[1], v, 0.01)
	}
	require.InDelta(t, 1, f.mouth, 0.05)
	_, ok = newFrame([]image.Point{{5, 5}, {6, 5}, {5, 6}, {5, 7}})
	require.False(t, ok, "too small to paint on")
}

// TestCovers checks where each cover paints: on the eyes, on the mouth, or on neither.
func TestCovers(t *testing.T) {
	img, marks := model()
	f, _ := newFrame(marks)
	for _, c := range covers {
		eyes, mouth, any := 0, 0, 0
		const times = 20
		for i := range times {
			p := &painter{Rand: random(c.name + string(rune('a'+i))), skin: [3]float64{200, 160, 140}}
			made := clone(img)
			c.make(p, made, f)
			changed := func(at image.Point) bool { return made.RGBAAt(at.X, at.Y) != img.RGBAAt(at.X, at.Y) }
			if changed(marks[0]) || changed(marks[1]) || changed(image.Pt(120, 100)) {
				eyes++
			}
			if changed(marks[3]) {
				mouth++
			}
			for k := range made.Pix {
				if made.Pix[k] != img.Pix[k] {
					any++
					break
				}
			}
		}
		if c.name != "bare" {
			require.Greater(t, any, times/2, c.name)
		}
		if c.eyes {
			require.Greater(t, eyes, times*3/4, c.name)
		}
		if c.mouth {
			require.Greater(t, mouth, times*3/4, c.name)
		} else if !c.eyes {
			require.Less(t, mouth, times/4, c.name)
		}
	}
}

// TestFit fits what a line separates, and expects the line in the scale of the features.
func TestFit(t *testing.T) {
	p := random("fit")
	var rows [][]float32
	var positive []bool
	var weight []float64
	for range 400 {
		x := []float32{float32(p.NormFloat64()), 1000 * float32(p.NormFloat64()), 5}
		rows, positive, weight = append(rows, x), append(positive, x[0]+x[1]/1000 > 0.5), append(weight, 1)
	}
	r := fit(rows, positive, weight, func(int) float64 { return 1e-3 }, 200)
	wrong := 0
	for i, x := range rows {
		if r.at(x) > 0 != positive[i] {
			wrong++
		}
	}
	require.Less(t, wrong, 20)
	require.InDelta(t, 1000, r.weights[0]/r.weights[1], 150)
	again := fit(rows, positive, weight, func(int) float64 { return 1e-3 }, 200)
	require.Equal(t, r, again, "the same rows give the same weights")
}

// TestScaled compares averages by area with sums over the picture, and expects black outside.
func TestScaled(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 60, 60))
	total := 0.0
	for i := range img.Pix {
		img.Pix[i] = byte(i * 7)
		if i%4 == 0 {
			total += float64(img.Pix[i])
		}
	}
	for _, n := range []int{60, 25, 7} {
		out := scaled(img, 0, 0, 60, n)
		sum := 0.0
		for i := 0; i < len(out); i += 3 {
			sum += float64(out[i])
		}
		require.InDelta(t, total/3600, sum/float64(n*n), 0.01, n)
	}
	out := scaled(img, -30, -30, 60, 10)
	require.Zero(t, out[0])
	require.NotZero(t, out[3*(9*10+9)+1])
}

// TestVariants checks that blurs keep the mean and lose detail.
func TestVariants(t *testing.T) {
	img, _ := model()
	for x := range 240 {
		img.Pix[120*img.Stride+4*x] = byte(x)
	}
	p := &painter{Rand: random("variants")}
	for _, v := range variants {
		out := v.make(p, img, 80)
		require.NotEqual(t, img.Pix, out.Pix, v.name)
	}
	mean := func(m *image.RGBA) float64 {
		sum := 0
		for i := 0; i < len(m.Pix); i += 4 {
			sum += int(m.Pix[i])
		}
		return float64(sum) / float64(len(m.Pix)/4)
	}
	require.InDelta(t, mean(img), mean(blurred(img, 3)), 0.6)
	require.InDelta(t, mean(img), mean(moved(img, 9, math.Pi/3)), 0.6)
}

// TestQuarter turns a picture four times, which gives it back, and follows a rectangle in it.
func TestQuarter(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 7, 4))
	for i := range img.Pix {
		img.Pix[i] = byte(i)
	}
	out, r := quarter(img, image.Rect(1, 0, 3, 1))
	require.Equal(t, image.Rect(0, 0, 4, 7), out.Rect)
	require.Equal(t, image.Rect(3, 1, 4, 3), r, "from the top to the right")
	require.Equal(t, img.RGBAAt(1, 0), out.RGBAAt(3, 1))
	for range 3 {
		out, r = quarter(out, r)
	}
	require.Equal(t, img, out)
	require.Equal(t, image.Rect(1, 0, 3, 1), r)
}

// TestGlasses checks that a pair of any shape covers both pupils, and leaves the cheeks and the mouth.
func TestGlasses(t *testing.T) {
	p := &painter{Rand: random("glasses")}
	for range 200 {
		g := p.glasses()
		for _, side := range []float64{-1, 1} {
			in := g.lens(side, 0)
			require.Positive(t, in(side*0.5, 0), "%+v", g)
			require.Negative(t, in(side*0.5, 0.75), "%+v", g)
			require.Negative(t, in(0, 1), "%+v", g)
		}
	}
}

// TestHalves checks that no style of drawings is in both halves, and that all are known.
func TestHalves(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range styles {
		require.False(t, seen[s], s)
		seen[s] = true
	}
	require.NotEqual(t, half(sample{Set: "first"}), half(sample{Set: "second"}))
	require.Contains(t, []int{0, 1}, half(sample{Set: "first"}))
	require.Equal(t, 0, half(sample{Set: styles[0], Drawn: true}))
	require.Equal(t, 1, half(sample{Set: styles[1], Drawn: true}))
}
