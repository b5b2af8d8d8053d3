package main

import (
	"context"
	"encoding/gob"
	"errors"
	"flag"
	"fmt"
	"image"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/imgvet/imgvet/face"
	"github.com/imgvet/imgvet/validate"
)

func main() {
	log.SetFlags(0)
	pics := flag.String("pictures", "../../.cache/faces", "the folder that fetch.sh filled")
	drawn := flag.String("drawn", "../../.cache/drawn", "the folder that draw.sh filled")
	cache := flag.String("samples", "", "keep the samples in this file, and take them from it if it is there")
	out := flag.String("weights", "../weights/face_signs.bin", "where the weights go")
	folder := flag.String("sheets", "", "instead, write sheets of faces that get advice to this folder")
	flag.Parse()
	if *folder != "" {
		if err := drawSheets(context.Background(), *pics, *drawn, *folder); err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := run(context.Background(), *pics, *drawn, *cache, *out); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, pics, drawn, cache, out string) error {
	all, err := recall(cache)
	if err != nil {
		return err
	}
	if all == nil {
		if all, err = gather(ctx, pics, drawn, "train/faces.tsv"); err != nil {
			return err
		}
		if err := keep(cache, all); err != nil {
			return err
		}
	}
	return os.WriteFile(out, learn(all), 0o644)
}

func drawSheets(ctx context.Context, pics, drawn, folder string) error {
	finder, err := face.New(face.Options{})
	if err != nil {
		return err
	}
	s := &sheets{finder: finder, most: 60, seen: map[validate.Reason][2][]thumbnail{}, total: map[string]int{}, told: map[string]map[validate.Reason]int{}}
	if err := s.all(ctx, pics, drawn, 6); err != nil {
		return err
	}
	return s.write(folder)
}

// recall reads samples that keep wrote; nil if there are none.
func recall(name string) ([]sample, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []sample
	err = gob.NewDecoder(f).Decode(&all)
	return all, err
}

func keep(name string, all []sample) error {
	if name == "" {
		return nil
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(gob.NewEncoder(f).Encode(all), f.Close())
}

// small reports whether a file is one of few pixels, as far as its size tells.
func small(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Size() < 200<<10
}

func readFaces(name string) ([]labelled, error) {
	rows, err := readTable(name, 7)
	if err != nil {
		return nil, err
	}
	var out []labelled
	for _, r := range rows {
		l := labelled{pack: r[0], path: r[1], sum: r[2], set: r[3], label: r[6]}
		var n []int
		for _, s := range strings.Split(r[4]+","+r[5], ",") {
			v, err := strconv.Atoi(s)
			if err != nil {
				return nil, err
			}
			n = append(n, v)
		}
		l.bounds = image.Rect(n[0], n[1], n[2], n[3])
		for i := 4; i+1 < len(n); i += 2 {
			l.marks = append(l.marks, image.Pt(n[i], n[i+1]))
		}
		out = append(out, l)
	}
	return out, nil
}

func gather(ctx context.Context, pics, drawn, list string) ([]sample, error) {
	faces, err := readFaces(list)
	if err != nil {
		return nil, err
	}
	finder, err := face.New(face.Options{})
	if err != nil {
		return nil, err
	}
	var textures []*image.RGBA
	rows, err := readTable("set/pictures.tsv", 6)
	if err != nil {
		return nil, err
	}
	k := 0
	for _, r := range rows {
		if r[3] == "none" {
			if k++; k%16 == 0 && len(textures) < 60 && small(filepath.Join(pics, r[0], r[1])) {
				if img, err := load(ctx, filepath.Join(pics, r[0], r[1]), r[2]); err == nil {
					part, _, _ := around(img, img.Rect.Inset(min(img.Rect.Dx(), img.Rect.Dy())*3/8), nil)
					textures = append(textures, part)
				}
			}
		}
	}
	fmt.Println(len(textures), "textures")
	go func() {}()
	results := make([][]sample, len(faces))
	styles, _ := filepath.Glob(filepath.Join(drawn, "*", "*.png"))
	sort.Strings(styles)
	drawings := make([][]sample, len(styles))
	var wait sync.WaitGroup
	for w := range 2 {
		wait.Go(func() {
			n, err := newNet("../weights/face_detection_short_range.tflite")
			if err != nil {
				log.Fatal(err)
			}
			s := &source{finder: finder, net: n, textures: textures}
			for i := w; i < len(faces); i += 2 {
				if i%40 == 0 {
					fmt.Println(i)
				}
				img, err := faces[i].picture(ctx, pics)
				if err == nil {
					results[i], err = s.photos(ctx, img, faces[i])
				}
				if err != nil {
					log.Println(err)
				}
			}
			for i := w; i < len(styles); i += 2 {
				img, err := load(ctx, styles[i], "")
				if err != nil {
					log.Println(err)
					continue
				}
				style := filepath.Base(filepath.Dir(styles[i]))
				p := random(styles[i])
				found, err := finder.FindIn(ctx, img)
				if err != nil || len(found.Found) == 0 {
					continue
				}
				v := sample{Name: styles[i], Kind: "drawn", Set: style, Drawn: true}
				small, bounds, _ := around(img, found.Found[0].Bounds, nil)
				for k := range 4 {
					made, at := small, bounds
					if v.Painted = k > 0; k > 0 {
						made, at = worn(p, small, bounds)
					}
					if got, err := s.look(ctx, p, made, at, v); err == nil && got != nil {
						drawings[i] = append(drawings[i], *got)
					}
				}
			}
		})
	}
	wait.Wait()
	var out []sample
	for _, r := range results {
		out = append(out, r...)
	}
	for _, r := range drawings {
		out = append(out, r...)
	}
	return out, nil
}
