// Command train fits the heads of package face that tell covered and drawn faces, from pictures that packages ship, covers that it
// paints on them, and drawings; see README.md beside it. It also draws sheets of faces that got advice.
//
//	./fetch.sh && train/drawn/draw.sh
//	go run ./train                        # the tables of docs/faces.md, and ../weights/face_signs.bin
//	go run ./train -sheets ../../.cache/sheets
package main

import (
	"context"
	"encoding/gob"
	"errors"
	"flag"
	"io/fs"
	"log"
	"os"

	"github.com/imgvet/imgvet/face"
	"github.com/imgvet/imgvet/validate"
)

func main() {
	log.SetFlags(0)
	pics := flag.String("pictures", "../../.cache/faces", "the folder that fetch.sh filled")
	drawn := flag.String("drawn", "../../.cache/drawn", "the folder that drawn/draw.sh filled")
	cache := flag.String("samples", "", "keep the samples in this file, and take them from it if it is there")
	out := flag.String("weights", "../weights/face_signs.bin", "where the weights go")
	folder := flag.String("sheets", "", "instead, write sheets of faces that get advice to this folder")
	flag.Parse()
	var err error
	if *folder != "" {
		err = drawSheets(context.Background(), *pics, *drawn, *folder)
	} else {
		err = run(context.Background(), *pics, *drawn, *cache, *out)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, pics, drawn, cache, out string) error {
	all, err := recall(cache)
	if err != nil {
		return err
	}
	if all == nil {
		if all, err = gather(ctx, pics, drawn); err != nil {
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
	s := &sheets{
		finder: finder, most: 60,
		seen:  map[validate.Reason][2][]thumbnail{},
		total: map[string]int{}, told: map[string]map[validate.Reason]int{},
	}
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
