package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/imgvet/imgvet/face"
)

// every is of how many drawings one is taken: they are more alike than people.
const every = 2

// gather makes the samples, in an order that does not depend on the machine.
func gather(ctx context.Context, pics, drawn string) ([]sample, error) {
	faces, err := readFaces("train/faces.tsv")
	if err != nil {
		return nil, err
	}
	finder, err := face.New(face.Options{})
	if err != nil {
		return nil, err
	}
	textures, err := readTextures(ctx, pics)
	if err != nil {
		return nil, err
	}
	drawings, err := filepath.Glob(filepath.Join(drawn, "*", "*.png"))
	if err != nil {
		return nil, err
	}
	slices.Sort(drawings)
	const workers = 2
	made := make([][]sample, len(faces)+len(drawings))
	errs := make([]error, workers)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			n, err := newNet("../weights/face_detection_short_range.tflite")
			if err != nil {
				errs[w] = err
				return
			}
			s := &source{finder: finder, net: n, textures: textures}
			for i := w; i < len(faces) && err == nil; i += workers {
				made[i], err = s.photos(ctx, pics, faces[i])
			}
			for i := w; i < len(drawings) && err == nil; i += workers * every {
				made[len(faces)+i], err = s.drawing(ctx, drawings[i])
			}
			errs[w] = err
		})
	}
	wait.Wait()
	return slices.Concat(made...), errors.Join(errs...)
}

// readFaces reads the list of faces that were looked at.
func readFaces(name string) ([]labelled, error) {
	rows, err := readTable(name, 7)
	if err != nil {
		return nil, err
	}
	var out []labelled
	for _, r := range rows {
		l := labelled{pack: r[0], path: r[1], sum: r[2], set: r[3], label: r[6]}
		var n []int
		for s := range strings.SplitSeq(r[4]+","+r[5], ",") {
			v, err := strconv.Atoi(s)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			n = append(n, v)
		}
		if len(n) != 4+2*6 {
			return nil, fmt.Errorf("%s: %d numbers of a face", name, len(n))
		}
		l.bounds = image.Rect(n[0], n[1], n[2], n[3])
		for i := 4; i < len(n); i += 2 {
			l.marks = append(l.marks, image.Pt(n[i], n[i+1]))
		}
		out = append(out, l)
	}
	return out, nil
}

// readTextures returns parts of some pictures without a face, as cloth and things.
func readTextures(ctx context.Context, pics string) ([]*image.RGBA, error) {
	rows, err := readTable("set/pictures.tsv", 6)
	if err != nil {
		return nil, err
	}
	const most, step = 60, 16
	var textures []*image.RGBA
	seen := 0
	for _, r := range rows {
		if r[3] != "none" || len(textures) == most {
			continue
		}
		name := filepath.Join(pics, r[0], filepath.FromSlash(r[1]))
		if seen++; seen%step != 0 || !small(name) {
			continue
		}
		img, err := load(ctx, name, r[2])
		if err != nil {
			return nil, err
		}
		part, _, _ := around(img, img.Rect.Inset(min(img.Rect.Dx(), img.Rect.Dy())*3/8), nil)
		textures = append(textures, part)
	}
	return textures, nil
}

// small reports whether a file is one of few pixels, as far as its size tells.
func small(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Size() < 200<<10
}
