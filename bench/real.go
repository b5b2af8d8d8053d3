package main

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/imgvet/imgvet/heic"
)

// photograph returns a real one that every build of imgvet has at hand: the 1.7
// megapixels of camel.heic, a test file of goheif (MIT licence). Its noise has
// been through one lossy encoder, as that of most uploads has.
func (m *maker) photograph() (picture, error) {
	out, err := exec.CommandContext(context.Background(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/jdeng/goheif").Output()
	if err != nil {
		return picture{}, fmt.Errorf("go list of goheif: %w", err)
	}
	b, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "testdata", "camel.heic"))
	if err != nil {
		return picture{}, err
	}
	img, err := heic.Decode(context.Background(), b, heic.Limits{})
	if err != nil {
		return picture{}, err
	}
	rgba := image.NewRGBA(img.Bounds())
	draw.Draw(rgba, rgba.Rect, img, rgba.Rect.Min, draw.Src)
	return picture{rgba, "camel"}, nil
}

// addPhotograph adds the rows of the photograph.
func (m *maker) addPhotograph() {
	img, err := m.photograph()
	if err != nil {
		m.out = append(m.out, sample{name: "photograph", missing: err.Error()})
		return
	}
	m.add("PNG photograph, RGB", img, goPNG, encodePNG)
	m.add("PNG photograph, RGB, by libpng", img, goPNG, m.tool("convert", "PPM", "png:OUT"))
	m.add("PNG photograph, RGBA", withAlpha(img), goPNG, encodePNG)
	m.add("PNG photograph, interlaced", img, goPNG, m.tool("convert", "PPM", "-interlace", "Line", "png:OUT"))
	m.add("PNG photograph, palette", img, goPNG, m.tool("convert", "PPM", "-colors", "256", "png8:OUT"))
	m.add("WebP lossy photograph", img, goWebP, m.tool("cwebp", "-quiet", "-q", "80", "PPM", "-o", "OUT"))
	m.add("WebP lossless photograph", img, goWebP, m.tool("cwebp", "-quiet", "-lossless", "-m", "3", "PPM", "-o", "OUT"))
}

// addText adds the rows of a screenshot whose text is text.
func (m *maker) addText() {
	img := text("text", 1920, 1200)
	m.add("PNG screenshot of text, RGB", img, goPNG, encodePNG)
	m.add("PNG screenshot of text, palette", img, goPNG, m.tool("convert", "PPM", "-colors", "200", "png8:OUT"))
	m.add("WebP lossless screenshot of text", img, goWebP, m.tool("cwebp", "-quiet", "-lossless", "PPM", "-o", "OUT"))
}

// text makes windows full of words in a font: the same letters come again, as
// they do on a screen, and in the words of a language.
func text(file string, w, h int) picture {
	rng := rand.New(rand.NewPCG(11, 13))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	fill := func(r image.Rectangle, c color.RGBA) { draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src) }
	for y := range h { // a desktop with a gradient
		fill(image.Rect(0, y, w, y+1), color.RGBA{uint8(30 + 40*y/h), uint8(60 + 30*y/h), 110, 255})
	}
	words := make([]string, 400)
	for i := range words {
		var s strings.Builder
		for range 1 + rng.IntN(3) {
			s.WriteString([]string{"the", "in", "er", "on", "at", "re", "st", "en", "ou", "Ti", "is", "al", "co"}[rng.IntN(13)])
		}
		words[i] = s.String()
	}
	for range 14 {
		at := image.Pt(rng.IntN(w*3/4), rng.IntN(h*3/4))
		win := image.Rectangle{at, at.Add(image.Pt(300+rng.IntN(500), 200+rng.IntN(400)))}.Intersect(img.Rect)
		shade := uint8(225 + rng.IntN(31))
		fill(win, color.RGBA{shade, shade, shade, 255})
		fill(image.Rect(win.Min.X, win.Min.Y, win.Max.X, win.Min.Y+28), color.RGBA{uint8(60 + rng.IntN(80)), 90, uint8(120 + rng.IntN(100)), 255})
		ink := uint8(rng.IntN(80))
		d := font.Drawer{Dst: img.SubImage(win).(draw.Image), Src: image.NewUniform(color.RGBA{ink, ink, ink, 255}), Face: basicfont.Face7x13}
		for y := win.Min.Y + 48; y < win.Max.Y-8; y += 17 {
			d.Dot = fixed.P(win.Min.X+12, y)
			for d.Dot.X.Ceil() < win.Max.X-60 && rng.IntN(40) > 0 {
				d.DrawString(words[rng.IntN(len(words))] + " ")
			}
		}
	}
	return picture{img, file}
}
