package face

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"runtime"

	"github.com/imgvet/imgvet/face/internal/nn"
	"github.com/imgvet/imgvet/validate"
)

// DefaultThreshold is the default of Options.Threshold.
const DefaultThreshold = 0.5

// Options says what counts as a face. The zero value is what is recommended.
type Options struct {
	// The least Score of a face, above 0 and at most 1; 0 means DefaultThreshold. No Score is above 0.988.
	Threshold float64
	// TryRotated looks again with the picture turned by 90, 180 and 270 degrees where no face was
	// found, or one on its side: for services that can turn a picture. That is three searches more.
	TryRotated bool
}

// Problems returns everything that is wrong with o in one error (see
// [errors.Join]), or nil.
func (o Options) Problems() error {
	var errs []error
	if math.IsNaN(o.Threshold) || o.Threshold < 0 || o.Threshold > 1 {
		errs = append(errs, fmt.Errorf("face: Options.Threshold is %v; it must lie between 0 and 1", o.Threshold))
	}
	return errors.Join(errs...)
}

// Finder finds faces. It is never changed, and safe for concurrent use: each call at
// work holds about 8 MB, which later calls use again.
type Finder struct {
	whole, zoom *detector
	threshold   float64
	tryRotated  bool
	// Of calls that are over, for later ones: as many as run at once, and no more. A sync.Pool
	// would give them up with each garbage collection.
	workspaces chan *workspace
}

var _ validate.FaceFinder = (*Finder)(nil)

// New reads the nets, which takes a few milliseconds: make one Finder and keep it.
// The error is what is wrong with opts.
func New(opts Options) (*Finder, error) {
	if err := opts.Problems(); err != nil {
		return nil, err
	}
	f := &Finder{threshold: opts.Threshold, tryRotated: opts.TryRotated}
	if f.threshold == 0 {
		f.threshold = DefaultThreshold
	}
	var err error
	if f.whole, f.zoom, err = newDetectors(); err != nil {
		return nil, err
	}
	f.workspaces = make(chan *workspace, runtime.GOMAXPROCS(0))
	return f, nil
}

// begin returns memory for a call, and end takes it back.
func (f *Finder) begin() *workspace {
	select {
	case ws := <-f.workspaces:
		return ws
	default:
		return &workspace{whole: f.whole.net.NewScratch(), zoom: f.zoom.net.NewScratch()}
	}
}

func (f *Finder) end(ws *workspace) {
	select {
	case f.workspaces <- ws:
	default:
	}
}

// workspace is the memory of one call.
type workspace struct {
	sampler
	whole, zoom *nn.Scratch
	raw         []detection // of one run, before those of one face are merged
	small       []byte      // the picture at working size
	turned      []byte      // and turned by quarters
	crop, gray  []float32   // a face as the net sees it
	sums        []uint64    // of a row of the picture
}

// FindFaces returns the faces in p, the largest first, and advice: what keeps the largest
// face from being a good one, that there are several, or, where there is none, that one
// may be there. A picture is searched with a longer side of 768 to 1535 pixels, so that of
// a larger one no more pixels are made than that, where the format allows it.
//
// The faces are in pixels of the upright picture at full size, their Landmarks the eyes,
// the tip of the nose, the middle of the mouth and the ears, right before left as the
// person would say. What reaches outside the picture is cut off from the bounds, but not
// from the landmarks.
//
// The error is ctx's, looked at every few milliseconds, one of p's decoder, or says that the
// picture is none that can be searched.
func (f *Finder) FindFaces(ctx context.Context, p *validate.Picture) (validate.Faces, error) {
	img, err := p.Reduced(ctx, pictureSide)
	if err != nil {
		return validate.Faces{}, err
	}
	faces, err := f.find(ctx, img, image.Pt(p.Shown()))
	faces.Found = p.FullSize(faces.Found, img)
	return faces, err
}

// FindIn is FindFaces for pixels that are there already, upright. The faces are in img's own
// coordinates, and the advice is about a picture of that size.
//
// The error is ctx's, or says that img is no picture that can be searched: nil, of more
// than 2^32 pixels, as [image.Uniform] has, or one that panics.
func (f *Finder) FindIn(ctx context.Context, img image.Image) (validate.Faces, error) {
	return f.find(ctx, img, image.Point{})
}

// find finds faces in img, and advises on them as in a picture of size full; a side of
// 0 means img's own.
func (f *Finder) find(ctx context.Context, img image.Image, full image.Point) (faces validate.Faces, err error) {
	if f == nil || f.workspaces == nil {
		return faces, errors.New("face: a Finder that New did not make")
	}
	if err := ctx.Err(); err != nil {
		return validate.Faces{}, err
	}
	// Pixels fewer than a picture's bounds promise, or a method of its own type: never the
	// end of a service.
	defer func() {
		if r := recover(); r != nil {
			faces, err = validate.Faces{}, fmt.Errorf("face: the picture cannot be read: %v", r)
		}
	}()
	if err := checkBounds(img); err != nil {
		return validate.Faces{}, err
	}
	src := newSource(img)
	if src.w == 0 {
		return faces, nil
	}
	ws := f.begin()
	defer f.end(ws)
	small, times, err := ws.shrink(ctx, src)
	if err != nil {
		return validate.Faces{}, err
	}
	found, err := f.search(ctx, ws, small)
	if err != nil {
		return validate.Faces{}, err
	}
	accepted := above(found, f.threshold)
	if f.tryRotated && (len(accepted) == 0 || accepted[0].tilt() > tilted) {
		if accepted, err = f.searchTurned(ctx, ws, small, accepted); err != nil {
			return validate.Faces{}, err
		}
	}
	if len(accepted) == 0 {
		return validate.Faces{Advice: weakAdvice(found)}, nil
	}
	bounds := img.Bounds()
	for _, d := range accepted {
		faces.Found = append(faces.Found, toFace(d, bounds, times))
	}
	scale := float64(times)
	if longest := max(full.X, full.Y); longest > 0 {
		scale *= float64(longest) / float64(max(src.w, src.h))
	}
	faces.Advice = advise(accepted, small.w, small.h, scale)
	return faces, nil
}

const (
	maxSide   = 1 << 30 // of a picture, so that sums of two fit 32 bits
	maxPixels = 1 << 32 // of a picture: more than any JPEG can have
)

// checkBounds returns what keeps img from being searched.
func checkBounds(img image.Image) error {
	if img == nil {
		return errors.New("face: the picture is nil")
	}
	r := img.Bounds()
	if r.Empty() {
		return nil
	}
	// A side that int cannot hold is negative.
	w, h := r.Dx(), r.Dy()
	if w <= 0 || h <= 0 || w > maxSide || h > maxSide || int64(w)*int64(h) > maxPixels {
		return fmt.Errorf("face: a picture with the bounds %v is too large to be searched", r)
	}
	return nil
}

// above returns the detections of that score and more.
func above(found []detection, threshold float64) []detection {
	var faces []detection
	for _, d := range found {
		if d.score >= threshold {
			faces = append(faces, d)
		}
	}
	return faces
}

// toFace returns d in the coordinates of a picture with those bounds, so many times as
// large as the one that d was found in.
func toFace(d detection, bounds image.Rectangle, times int) validate.Face {
	at := func(x, y float64) image.Point {
		return bounds.Min.Add(image.Pt(int(math.Round(x*float64(times))), int(math.Round(y*float64(times)))))
	}
	v := validate.Face{Score: d.score}
	v.Bounds = image.Rectangle{Min: at(d.box.x0, d.box.y0), Max: at(d.box.x1, d.box.y1)}.Intersect(bounds)
	for _, m := range d.marks {
		v.Landmarks = append(v.Landmarks, at(m.x, m.y))
	}
	return v
}
