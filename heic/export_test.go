package heic

import (
	"context"
	"image"
)

// Samples is Decode without what turns samples into colours and the picture upright:
// what other decoders return. It is nil for items that are neither coded nor a grid.
func Samples(ctx context.Context, b []byte) (*image.YCbCr, error) {
	f := newVerifier(b, Limits{})
	if err := f.verify(); err != nil {
		return nil, err
	}
	r := renderer{ctx: ctx, f: f.file, limits: Limits{}.coded(), parallel: 1}
	r.countUses()
	it := f.item(f.primary)
	p, err := f.properties(it)
	if err != nil {
		return nil, err
	}
	var pic picture
	switch string(it.typ[:]) {
	case "hvc1":
		pic, err = r.coded(it, &p)
	case "grid":
		pic, err = r.grid(it, &p, 0)
	}
	img, _ := pic.img.(*image.YCbCr)
	return img, err
}
