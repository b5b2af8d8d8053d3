// Command bench measures package face beside pigo, in one run, on pictures that packages ship:
// what is found, what is mistaken for a face, and the time.
//
//	./fetch.sh && go run .            # the tables of docs/faces.md
//	go run . -list                    # and the pictures that went wrong
//	go run . -only darkskin           # the same for a part
//	go run . -mesh FILE               # beside MediaPipe's face mesh instead; FILE is that of README.md
//	go run . -fit -variant 'cut to'   # how the score of faces that fill the frame was fitted
//
// A picture with faces counts as found if at least one face is found, wherever that is.
// set/pictures.tsv holds what a person saw on each.
package main

import (
	"context"
	"flag"
	"fmt"
	"image"
	"log"
	"os"
	"runtime"
	"strings"
	"time"

	pigo "github.com/esimov/pigo/core"

	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/validate"
)

func main() {
	log.SetFlags(0)
	folder := flag.String("pictures", "../../.cache/faces", "the folder that fetch.sh filled")
	list := flag.Bool("list", false, "name the pictures that went wrong")
	synthetic := flag.Bool("synthetic", true, "make variants of the portraits too")
	beside := flag.Bool("pigo", true, "measure pigo too")
	variant := flag.String("variant", "", "make only variants with this in their name")
	only := flag.String("only", "", "look only at pictures of this category, tag or set, or with this in their name")
	assets := flag.String("mesh", "", "compare with MediaPipe's face mesh, which is in this file, and with nothing else")
	fit := flag.Bool("fit", false, "fit the score of what fills the frame instead, to the variants and the pictures without a face")
	candidates := flag.String("candidates", "", "with -fit, write what each look says of each candidate to this file")
	flag.Parse()
	// One processor, which is what a busy server gives to one request.
	runtime.GOMAXPROCS(1)
	b := bench{folder: *folder, only: *only, variant: *variant, synthetic: *synthetic, beside: *beside}
	if *assets != "" {
		var err error
		if b.second, err = newSecond(*assets); err != nil {
			log.Fatal(err)
		}
	}
	if *fit {
		var err error
		if b.fitting, err = newFitting(); err != nil {
			log.Fatal(err)
		}
	}
	if err := b.run(context.Background()); err != nil {
		log.Fatal(err)
	}
	if b.fitting != nil {
		b.fitting.print(os.Stdout)
		if err := b.fitting.write(*candidates); err != nil {
			log.Fatal(err)
		}
		return
	}
	if b.second != nil {
		b.second.print(os.Stdout)
		return
	}
	r := report{out: os.Stdout, results: b.results}
	r.print(*list)
}

// result is what the detectors saw on one picture.
type result struct {
	picture
	variant string // empty for the photograph itself
	found   bool
	score   float64 // of the best face
	pigo    float64 // the quality of pigo's best face
	advice  []validate.Reason

	time, pigoTime time.Duration // processor time
}

type bench struct {
	folder, only, variant string
	synthetic, beside     bool

	finders finders
	pigo    *pigo.Pigo
	results []result
	second  *second  // asked instead of pigo, if it is there
	fitting *fitting // the same
}

func (b *bench) run(ctx context.Context) error {
	set, err := readSet()
	if err != nil {
		return err
	}
	if b.finders, err = newFinders(); err != nil {
		return err
	}
	if b.beside && b.second == nil && b.fitting == nil {
		if b.pigo, err = newPigo(ctx); err != nil {
			return err
		}
	}
	var scene image.Image // the first landscape, for small faces
	for _, p := range set {
		if p.name() == "lomiri/usr/share/backgrounds/picosdeeuropa_by_Aitzol_Berasategi.jpg" {
			if scene, err = b.open(ctx, p); err != nil {
				return err
			}
			scene = fit(toRGBA(scene), 1600)
		}
	}
	if scene == nil {
		return fmt.Errorf("the landscape that small faces are put in is not in the list")
	}
	for _, p := range set {
		if b.only != "" && b.only != p.category && b.only != p.set && !p.tags[b.only] && !strings.Contains(p.name(), b.only) {
			continue
		}
		img, err := b.open(ctx, p)
		if err != nil {
			return err
		}
		if err := b.look(ctx, p, "", img, b.pigo); err != nil {
			return fmt.Errorf("%s: %w", p.name(), err)
		}
		if !b.synthetic || !p.portrait() {
			continue
		}
		var seen *validate.Face
		if faces, err := b.finders.normal.FindIn(ctx, img); err != nil {
			return err
		} else if len(faces.Found) > 0 {
			seen = &faces.Found[0]
		}
		src := toRGBA(img)
		for _, v := range variants {
			if !strings.Contains(v.name, b.variant) {
				continue
			}
			if made := v.make(src, seen, scene); made != nil {
				beside := b.pigo
				if v.alone {
					beside = nil
				}
				if err := b.look(ctx, p, v.name, made, beside); err != nil {
					return fmt.Errorf("%s, %s: %w", p.name(), v.name, err)
				}
			}
		}
	}
	return nil
}

func (b *bench) open(ctx context.Context, p picture) (image.Image, error) {
	raw, err := p.read(b.folder)
	if err != nil {
		return nil, err
	}
	img, err := decode(ctx, raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.name(), err)
	}
	return img, nil
}

// look runs the finder on img, and pigo if it is not nil.
func (b *bench) look(ctx context.Context, p picture, variant string, img image.Image, beside *pigo.Pigo) error {
	if b.second != nil {
		return b.second.look(ctx, p, variant, img)
	}
	if b.fitting != nil {
		return b.fitting.look(ctx, p, variant, img)
	}
	r := result{picture: p, variant: variant}
	start := cputime.Used()
	faces, reasons, err := see(ctx, b.finders.normal, img)
	if err != nil {
		return err
	}
	r.time = cputime.Used() - start
	r.found, r.advice = len(faces) > 0, reasons
	if !r.found {
		faint, err := b.finders.any.FindIn(ctx, img)
		if err != nil {
			return err
		}
		faces = faint.Found
	}
	r.score = best(faces)
	if beside != nil {
		start = cputime.Used()
		r.pigo = bestOfPigo(beside, img)
		r.pigoTime = cputime.Used() - start
	}
	b.results = append(b.results, r)
	return nil
}
