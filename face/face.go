package face

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"runtime"

	"github.com/imgvet/imgvet/face/internal/nn"
	"github.com/imgvet/imgvet/face/internal/signs"
	"github.com/imgvet/imgvet/validate"
)

// DefaultThreshold is the default of Options.Threshold.
const DefaultThreshold = 0.5

// Options says what counts as a face. The zero value is recommended.
type Options struct {
	// Threshold is the lowest Score of a face, above 0 and at most 1; 0 means DefaultThreshold.
	// No Score is above 0.988.
	Threshold float64
	// TryRotated searches again with the picture turned by 90, 180 and 270 degrees if no face
	// was found, or one on its side. It is for services that can turn a picture, and costs up to
	// three more searches.
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

// Finder finds faces. It never changes, and is safe for concurrent use. Each running call holds
// about 8 MB, which later calls reuse.
type Finder struct {
	whole, zoom *detector
	heads       *signs.Heads
	threshold   float64
	tryRotated  bool
	// Workspaces kept for reuse, one per concurrent call. A sync.Pool would drop them at each
	// garbage collection.
	workspaces chan *workspace
}

var _ validate.FaceFinder = (*Finder)(nil)

// New loads the nets, which takes a few milliseconds: make one Finder and keep it. The error is
// that of opts.Problems.
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
	if f.heads, err = newHeads(f.zoom); err != nil {
		return nil, err
	}
	f.workspaces = make(chan *workspace, runtime.GOMAXPROCS(0))
	return f, nil
}

// begin returns memory for a call; end takes it back.
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
	turned      []byte      // the same, turned by quarters
	crop        []float32   // a face, as the net's input
	gray        []float32   // a face, for its sharpness
	features    []float32   // of a face; see package signs
	sums        []uint64    // for one row of the picture
}

// FindFaces returns the faces in p, the largest first, and advice: what keeps the largest face
// from being a good one, that there are several, or, if there is none, that one may be there. It
// searches the picture at a longer side of 768 to 1535 pixels. Of a larger picture it asks for
// no more pixels than that, if the format allows it.
//
// The faces are in pixels of the upright picture at full size. Their Landmarks are the eyes, the
// tip of the nose, the middle of the mouth and the ears, right before left, the right being the
// person's own. Bounds are cut at the picture's edge; landmarks may lie outside.
//
// The error is ctx's, which is checked every few milliseconds, or that of p's decoder, or says
// that the picture cannot be searched.
func (f *Finder) FindFaces(ctx context.Context, p *validate.Picture) (validate.Faces, error) {
	img, err := p.Reduced(ctx, pictureSide)
	if err != nil {
		return validate.Faces{}, err
	}
	faces, err := f.find(ctx, img, image.Pt(p.Shown()))
	faces.Found = p.FullSize(faces.Found, img)
	return faces, err
}

// FindIn is FindFaces for upright pixels that the caller has. The faces are in img's own
// coordinates, and the advice is about a picture of that size.
//
// The error is ctx's, or says that img cannot be searched: it is nil, has more than 2^32 pixels
// (such as an [image.Uniform]), or panics.
func (f *Finder) FindIn(ctx context.Context, img image.Image) (validate.Faces, error) {
	return f.find(ctx, img, image.Point{})
}

// find finds faces in img, and gives advice about them as in a picture of size full. A side of 0
// means img's own.
func (f *Finder) find(ctx context.Context, img image.Image, full image.Point) (faces validate.Faces, err error) {
	if f == nil || f.workspaces == nil {
		return faces, errors.New("face: a Finder that New did not make")
	}
	if err := ctx.Err(); err != nil {
		return validate.Faces{}, err
	}
	// img may have fewer pixels than its bounds promise, or be a type whose methods panic. That
	// must not end a service.
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
	if accepted[0].sharpness, err = ws.sharpness(ctx, small, accepted[0].box); err != nil {
		return validate.Faces{}, err
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

// checkBounds returns the error that keeps img from being searched, or nil.
func checkBounds(img image.Image) error {
	if img == nil {
		return errors.New("face: the picture is nil")
	}
	r := img.Bounds()
	if r.Empty() {
		return nil
	}
	// A side that overflows int is negative.
	w, h := r.Dx(), r.Dy()
	if w <= 0 || h <= 0 || w > maxSide || h > maxSide || int64(w)*int64(h) > maxPixels {
		return fmt.Errorf("face: a picture with the bounds %v is too large to be searched", r)
	}
	return nil
}

// above returns the detections whose score is at least threshold.
func above(found []detection, threshold float64) []detection {
	var faces []detection
	for _, d := range found {
		if d.score >= threshold {
			faces = append(faces, d)
		}
	}
	return faces
}

// toFace returns d in the coordinates of a picture with those bounds, which is times as large as
// the one in which d was found.
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
