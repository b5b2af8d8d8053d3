// Command bench is the native side of bench.mjs: it writes sample pictures to a
// folder, of the size a phone's screen has, and prints how long each takes.
//
//	go run ./web/bench FOLDER
//
// WebP and HEIC are made by cwebp and heif-enc (Debian: webp, libheif-examples);
// rows whose tool is missing are left out, and said so.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/image/bmp"

	"github.com/imgvet/imgvet/validate"
)

const width, height = 2000, 1500

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: bench FOLDER")
	}
	runtime.GOMAXPROCS(1)
	files, err := write(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	type line struct {
		File        string `json:"file"`
		Nanoseconds int64  `json:"nanoseconds"`
	}
	var lines []line
	for _, file := range files {
		took, err := measure(file)
		if err != nil {
			log.Fatal(err)
		}
		lines = append(lines, line{file, took.Nanoseconds()})
	}
	if err := json.NewEncoder(os.Stdout).Encode(lines); err != nil {
		log.Fatal(err)
	}
}

// measure returns the time of the fastest of many calls.
func measure(file string) (time.Duration, error) {
	best := time.Hour
	start := time.Now()
	for calls := 0; calls < 10 || time.Since(start) < 3*time.Second; calls++ {
		began := time.Now()
		if _, err := validate.File(context.Background(), file, validate.Options{}); err != nil {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
		best = min(best, time.Since(began))
	}
	return best, nil
}

// write makes the pictures, and returns their names.
func write(folder string) ([]string, error) {
	img := photo()
	var files []string
	for _, f := range []struct {
		name   string
		encode func(w io.Writer) error
	}{
		{"photo.png", func(w io.Writer) error { return png.Encode(w, img) }},
		{"photo.jpg", func(w io.Writer) error { return jpeg.Encode(w, img, &jpeg.Options{Quality: 85}) }},
		{"photo.bmp", func(w io.Writer) error { return bmp.Encode(w, img) }},
	} {
		name := filepath.Join(folder, f.name)
		out, err := os.Create(name)
		if err != nil {
			return nil, err
		}
		if err := f.encode(out); err != nil {
			return nil, err
		}
		if err := out.Close(); err != nil {
			return nil, err
		}
		files = append(files, name)
	}
	source := files[0]
	for _, f := range []struct {
		name, tool string
		args       []string
	}{
		{"photo-lossy.webp", "cwebp", []string{"-quiet", "-q", "80", source, "-o"}},
		{"photo-lossless.webp", "cwebp", []string{"-quiet", "-lossless", "-m", "3", source, "-o"}},
		{"photo.heic", "heif-enc", []string{"-q", "50", source, "-o"}},
	} {
		name := filepath.Join(folder, f.name)
		if out, err := exec.CommandContext(context.Background(), f.tool, append(f.args, name)...).CombinedOutput(); err != nil {
			log.Printf("%s: left out: %s: %v %s", f.name, f.tool, err, out)
			continue
		}
		files = append(files, name)
	}
	return files, nil
}

// photo returns waves of several lengths with the noise of a sensor, the same at
// every run.
func photo() image.Image {
	rng := rand.New(rand.NewPCG(1, 2))
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			fx, fy := float64(x), float64(y)
			v := 128 + 60*math.Sin(fx/170+fy/310) + 30*math.Sin(fx/23)*math.Cos(fy/31) + 4*rng.NormFloat64()
			img.SetNRGBA(x, y, color.NRGBA{level(v), level(v*0.8 + 20), level(v*0.6 + 20*math.Sin(fy/90)), 255})
		}
	}
	return img
}

func level(v float64) uint8 { return uint8(max(0, min(255, v))) }
