package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/webp"
)

// decoders of a service that does not use imgvet.
func goJPEG(b []byte) error { _, err := jpeg.Decode(bytes.NewReader(b)); return err }
func goPNG(b []byte) error  { _, err := png.Decode(bytes.NewReader(b)); return err }
func goWebP(b []byte) error { _, err := webp.Decode(bytes.NewReader(b)); return err }
func goBMP(b []byte) error  { _, err := bmp.Decode(bytes.NewReader(b)); return err }

// samples makes the files of the table.
func samples(dir, only string) []sample {
	m := maker{dir: dir, only: only}
	big, mid, tiny := m.photo("photo12", 4000, 3000), m.photo("photo3", 2000, 1500), m.photo("photo0", 160, 120)
	screen := m.screenshot("screen", 1920, 1200)

	m.add("JPEG baseline 4:2:0", big, goJPEG, m.encodeJPEG(85))
	m.add("JPEG baseline 4:2:0, 3 MP", mid, goJPEG, m.encodeJPEG(85))
	m.add("JPEG baseline 4:4:4", mid, goJPEG, m.tool("cjpeg", "-quality", "90", "-sample", "1x1", "-outfile", "OUT", "PPM"))
	m.add("JPEG baseline, small", tiny, goJPEG, m.encodeJPEG(75))
	m.add("JPEG progressive", big, goJPEG, m.tool("cjpeg", "-quality", "85", "-progressive", "-outfile", "OUT", "PPM"))
	m.add("JPEG progressive, 3 MP", mid, goJPEG, m.tool("cjpeg", "-quality", "85", "-progressive", "-outfile", "OUT", "PPM"))
	m.add("PNG photo, RGB", mid, goPNG, encodePNG)
	m.add("PNG photo, RGB, 12 MP", big, goPNG, encodePNG)
	m.add("PNG screenshot, RGB", screen, goPNG, encodePNG)
	m.add("PNG photo, RGBA", withAlpha(mid), goPNG, encodePNG)
	m.add("PNG photo, 16 bits", deep(mid), goPNG, encodePNG)
	m.add("PNG photo, interlaced", mid, goPNG, m.tool("convert", "PPM", "-interlace", "Line", "png:OUT"))
	m.add("PNG screenshot, palette", screen, goPNG, m.tool("convert", "PPM", "-colors", "200", "png8:OUT"))
	m.add("PNG photo, palette", mid, goPNG, m.tool("convert", "PPM", "-colors", "256", "png8:OUT"))
	m.add("WebP lossy", mid, goWebP, m.tool("cwebp", "-quiet", "-q", "80", "PPM", "-o", "OUT"))
	m.add("WebP lossy, 12 MP", big, goWebP, m.tool("cwebp", "-quiet", "-q", "80", "PPM", "-o", "OUT"))
	m.add("WebP lossless photo", mid, goWebP, m.tool("cwebp", "-quiet", "-lossless", "-m", "3", "PPM", "-o", "OUT"))
	m.add("WebP lossless screenshot", screen, goWebP, m.tool("cwebp", "-quiet", "-lossless", "PPM", "-o", "OUT"))
	m.addPhotograph()
	m.addText()
	m.add("BMP 24 bits", mid, goBMP, encodeBMP)
	m.addHEIC("HEIC photo", mid)
	m.addHEIC("HEIC photo, 12 MP", big)
	return m.out
}

// maker makes sample files; its methods return encoders.
type maker struct {
	dir, only string
	out       []sample
}

// encoder writes a picture; an error says which tool is missing.
type encoder func(img picture) ([]byte, error)

// picture is a source picture, and the name of its files.
type picture struct {
	image.Image
	file string
}

func (m *maker) add(name string, img picture, decode func([]byte) error, encode encoder) {
	if !strings.Contains(name, m.only) {
		return
	}
	b, err := encode(img)
	s := sample{name: name, data: b, decode: decode}
	size := img.Bounds().Size()
	s.megapixels = float64(size.X) * float64(size.Y) / 1e6
	if err != nil {
		s.missing = err.Error()
	}
	m.out = append(m.out, s)
}

// addHEIC adds a file of x265.
func (m *maker) addHEIC(name string, img picture) {
	if n := len(m.out); strings.Contains(name, m.only) {
		m.add(name, img, nil, m.tool("heif-enc", "-q", "50", "-o", "OUT", "PNG"))
		m.out[n].heic = true
	}
}

func (m *maker) encodeJPEG(quality int) encoder {
	return func(img picture) ([]byte, error) {
		var b bytes.Buffer
		err := jpeg.Encode(&b, img.Image, &jpeg.Options{Quality: quality})
		return b.Bytes(), err
	}
}

func encodePNG(img picture) ([]byte, error) {
	var b bytes.Buffer
	err := png.Encode(&b, img.Image)
	return b.Bytes(), err
}

func encodeBMP(img picture) ([]byte, error) {
	var b bytes.Buffer
	err := bmp.Encode(&b, img.Image)
	return b.Bytes(), err
}

// tool encodes with a command. PPM and PNG stand for the source's file, OUT for
// the file to write.
func (m *maker) tool(name string, args ...string) encoder {
	return func(img picture) ([]byte, error) {
		if _, err := exec.LookPath(name); err != nil {
			return nil, fmt.Errorf("%s is not installed", name)
		}
		out := filepath.Join(m.dir, "out")
		final := make([]string, len(args))
		for i, a := range args {
			switch a {
			case "PPM", "PNG":
				src, err := m.source(img, a)
				if err != nil {
					return nil, err
				}
				final[i] = src
			default:
				final[i] = strings.Replace(a, "OUT", out, 1)
			}
		}
		if msg, err := exec.CommandContext(context.Background(), name, final...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w: %s", name, err, msg)
		}
		return os.ReadFile(out)
	}
}

// source writes a picture as a tool's input, once.
func (m *maker) source(img picture, kind string) (string, error) {
	file := filepath.Join(m.dir, img.file+"."+strings.ToLower(kind))
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	if kind == "PNG" {
		b, err := encodePNG(img)
		if err != nil {
			return "", err
		}
		return file, os.WriteFile(file, b, 0o600)
	}
	r := img.Bounds()
	b := fmt.Appendf(nil, "P6\n%d %d\n255\n", r.Dx(), r.Dy())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			b = append(b, c.R, c.G, c.B)
		}
	}
	return file, os.WriteFile(file, b, 0o600)
}

// photo makes a picture with the statistics of a photo: detail at every scale,
// edges, and the noise of a sensor.
func (m *maker) photo(file string, w, h int) picture {
	rng := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	var octaves []lattice
	for cell := 512; cell >= 2; cell /= 2 {
		octaves = append(octaves, newLattice(rng, w, h, cell))
	}
	for y := range h {
		for x := range w {
			v, warm := 0.0, octaves[0].at(x, y)-0.5
			amplitude := 90.0
			for _, o := range octaves {
				v += amplitude * (o.at(x, y) - 0.5)
				amplitude *= 0.68
			}
			if octaves[1].at(x, y) > 0.55 { // an edge where one surface ends
				v += 60
			}
			noise := rng.NormFloat64() * 4
			i := img.PixOffset(x, y)
			img.Pix[i] = clamp(120 + v + 50*warm + noise)
			img.Pix[i+1] = clamp(118 + v + noise)
			img.Pix[i+2] = clamp(112 + v - 50*warm + noise)
			img.Pix[i+3] = 255
		}
	}
	return picture{img, file}
}

// lattice is value noise: random values on a grid, blended in between.
type lattice struct {
	cell, cols int
	v          []float64
}

func newLattice(rng *rand.Rand, w, h, cell int) lattice {
	l := lattice{cell: cell, cols: w/cell + 2}
	l.v = make([]float64, l.cols*(h/cell+2))
	for i := range l.v {
		l.v[i] = rng.Float64()
	}
	return l
}

func (l lattice) at(x, y int) float64 {
	i := y/l.cell*l.cols + x/l.cell
	fx, fy := float64(x%l.cell)/float64(l.cell), float64(y%l.cell)/float64(l.cell)
	top := l.v[i] + fx*(l.v[i+1]-l.v[i])
	bottom := l.v[i+l.cols] + fx*(l.v[i+l.cols+1]-l.v[i+l.cols])
	return top + fy*(bottom-top)
}

func clamp(v float64) uint8 { return uint8(max(0, min(255, v))) }

// screenshot makes windows, lines of something like text, and a few gradients.
func (m *maker) screenshot(file string, w, h int) picture {
	rng := rand.New(rand.NewPCG(7, 9))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	fill := func(r image.Rectangle, c color.RGBA) {
		r = r.Intersect(img.Rect)
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				img.SetRGBA(x, y, c)
			}
		}
	}
	fill(img.Rect, color.RGBA{236, 239, 244, 255})
	for range 14 {
		at := image.Pt(rng.IntN(w), rng.IntN(h))
		win := image.Rectangle{at, at.Add(image.Pt(300+rng.IntN(500), 200+rng.IntN(400)))}
		fill(win, color.RGBA{255, 255, 255, 255})
		fill(image.Rect(win.Min.X, win.Min.Y, win.Max.X, win.Min.Y+28), color.RGBA{uint8(60 + rng.IntN(80)), 90, uint8(120 + rng.IntN(100)), 255})
		for y := win.Min.Y + 40; y < win.Max.Y-16; y += 18 {
			for x := win.Min.X + 12; x < win.Max.X-12; {
				for range 3 + rng.IntN(7) { // a word of glyphs
					for range 9 {
						g := uint8(rng.IntN(160))
						px, py := x+rng.IntN(6), y+rng.IntN(11)
						fill(image.Rect(px, py, px+1+rng.IntN(2), py+1+rng.IntN(3)).Intersect(win), color.RGBA{g, g, g, 255})
					}
					x += 8
				}
				x += 7
			}
		}
	}
	return picture{img, file}
}

// withAlpha adds a soft edge.
func withAlpha(src picture) picture {
	r := src.Bounds()
	dst := image.NewNRGBA(r)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c := color.NRGBAModel.Convert(src.At(x, y)).(color.NRGBA)
			edge := min(x, y, r.Max.X-1-x, r.Max.Y-1-y)
			c.A = uint8(min(255, edge))
			dst.SetNRGBA(x, y, c)
		}
	}
	return picture{dst, src.file + "-alpha"}
}

// deep makes 16 bits of 8, with noise below.
func deep(src picture) picture {
	rng := rand.New(rand.NewPCG(1, 2))
	r := src.Bounds()
	dst := image.NewRGBA64(r)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			cr, cg, cb, _ := src.At(x, y).RGBA()
			n := uint16(rng.IntN(64))
			dst.SetRGBA64(x, y, color.RGBA64{uint16(cr)&^0xff | n, uint16(cg)&^0xff | n, uint16(cb)&^0xff | n, 0xffff})
		}
	}
	return picture{dst, src.file + "-16"}
}
