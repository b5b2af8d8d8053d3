package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/imgvet/imgvet/face"
	"github.com/imgvet/imgvet/validate"
)

// sheets draws, for each advice, thumbnails of the faces that got it, for a person to judge whether each deserves
// it. At most most of them are of pictures as packages ship them and at most most of others.
type sheets struct {
	finder *face.Finder
	most   int
	seen   map[validate.Reason][2][]thumbnail
	total  map[string]int // pictures with a face, by kind
	told   map[string]map[validate.Reason]int
}

// thumbnail is a face of side thumbSide, and what was made of the picture.
type thumbnail struct {
	img  *image.RGBA
	kind string
}

const thumbSide = 110

// add runs the finder on a picture. kind is empty for one as it was shipped.
func (s *sheets) add(ctx context.Context, img *image.RGBA, kind string, made bool) error {
	got, err := s.finder.FindIn(ctx, img)
	if err != nil {
		return err
	}
	if s.told[kind] == nil {
		s.told[kind] = map[validate.Reason]int{}
	}
	s.told[kind]["pictures"]++
	if len(got.Found) > 0 {
		s.total[kind]++
	}
	for _, w := range got.Advice {
		s.told[kind][w.Reason]++
		lists, which := s.seen[w.Reason], 0
		if made {
			which = 1
		}
		if len(lists[which]) >= s.most {
			continue
		}
		r := img.Rect
		if len(got.Found) > 0 && w.Reason != validate.SeveralFaces {
			b := got.Found[0].Bounds
			side := max(b.Dx(), b.Dy())
			cx, cy := (b.Min.X+b.Max.X)/2, (b.Min.Y+b.Max.Y)/2
			r = image.Rect(cx-3*side/4, cy-3*side/4, cx+3*side/4, cy+3*side/4)
		}
		part := image.NewRGBA(r)
		draw.Draw(part, part.Rect, image.NewUniform(color.RGBA{255, 0, 255, 255}), image.Point{}, draw.Src)
		draw.Draw(part, r.Intersect(img.Rect), img, r.Intersect(img.Rect).Min, draw.Src)
		t := thumbnail{image.NewRGBA(image.Rect(0, 0, thumbSide, thumbSide)), kind}
		draw.BiLinear.Scale(t.img, t.img.Rect, part, r, draw.Src, nil)
		lists[which] = append(lists[which], t)
		s.seen[w.Reason] = lists
	}
	return nil
}

// write writes a sheet for each advice to a folder, and prints how often each was given.
func (s *sheets) write(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var reasons []validate.Reason
	for r := range s.seen {
		reasons = append(reasons, r)
	}
	slices.Sort(reasons)
	var kinds []string
	for k := range s.told {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	fmt.Print("| pictures | all | found |")
	for _, r := range reasons {
		fmt.Printf(" %s |", r)
	}
	fmt.Print("\n|---|---|---|")
	for range reasons {
		fmt.Print("---|")
	}
	for _, k := range kinds {
		fmt.Printf("\n| %s | %d | %d |", k, s.told[k]["pictures"], s.total[k])
		for _, r := range reasons {
			fmt.Printf(" %.1f %% |", 100*float64(s.told[k][r])/float64(s.told[k]["pictures"]))
		}
	}
	fmt.Println()
	var errs []error
	for r, lists := range s.seen {
		errs = append(errs, sheet(filepath.Join(folder, string(r)+".png"), append(lists[0], lists[1]...)))
	}
	return errors.Join(errs...)
}

// sheet writes thumbnails, numbered, in rows of twelve.
func sheet(name string, thumbnails []thumbnail) error {
	const across, label = 12, 14
	rows := (len(thumbnails) + across - 1) / across
	out := image.NewRGBA(image.Rect(0, 0, across*thumbSide, rows*(thumbSide+label)))
	for i, t := range thumbnails {
		at := image.Pt(i%across*thumbSide, i/across*(thumbSide+label))
		draw.Draw(out, t.img.Rect.Add(at), t.img, image.Point{}, draw.Src)
		text := fmt.Sprintf("%d %s", i+1, t.kind)
		text = text[:min(len(text), 15)]
		d := font.Drawer{Dst: out, Src: image.White, Face: basicfont.Face7x13, Dot: fixed.P(at.X, at.Y+thumbSide+11)}
		draw.Draw(out, image.Rect(at.X, at.Y+thumbSide, at.X+thumbSide, at.Y+thumbSide+label), image.Black, image.Point{}, draw.Src)
		d.DrawString(text)
	}
	w, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(w, out), w.Close())
}

// all shows the finder the listed pictures with faces, the drawings, and what is made of one
// labelled bare face in so many.
func (s *sheets) all(ctx context.Context, pics, drawn string, oneIn int) error {
	rows, err := readTable("set/pictures.tsv", 6)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r[4] == "0" {
			continue
		}
		img, err := load(ctx, filepath.Join(pics, r[0], filepath.FromSlash(r[1])), r[2])
		if err != nil {
			return err
		}
		kind := r[3]
		if r[5] == "darkskin" {
			kind += " darkskin"
		}
		if err := s.add(ctx, img, kind, false); err != nil {
			return err
		}
	}
	drawings, err := filepath.Glob(filepath.Join(drawn, "*", "*.png"))
	if err != nil {
		return err
	}
	for i, name := range drawings {
		if i%3 != 0 {
			continue
		}
		img, err := load(ctx, name, "")
		if err != nil {
			return err
		}
		if err := s.add(ctx, img, "drawn", true); err != nil {
			return err
		}
	}
	faces, err := readFaces("train/faces.tsv")
	if err != nil {
		return err
	}
	for i, l := range faces {
		if i%oneIn != 0 || l.label != "bare" || l.bounds.Dx() < 64 {
			continue
		}
		img, err := l.picture(ctx, pics)
		if err != nil {
			return err
		}
		part, bounds, marks := around(img, l.bounds, l.marks)
		f, ok := newFrame(marks)
		if !ok {
			continue
		}
		p := &painter{Rand: random("sheet " + l.path), skin: f.skin(part)}
		for _, c := range covers {
			made := clone(part)
			c.make(p, made, f)
			if err := s.add(ctx, made, "made: "+c.name, true); err != nil {
				return err
			}
		}
		for _, v := range variants {
			if err := s.add(ctx, v.make(p, part, float64(bounds.Dx())), "made: "+v.name, true); err != nil {
				return err
			}
		}
	}
	return nil
}
