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

// Finder finds faces. It never changes, and is safe for concurrent use. As many calls run at once
// as there were processors ([runtime.GOMAXPROCS]) when New made it; further ones wait. Each
// running call holds about 8 MB, which later calls reuse.
type Finder struct {
	whole, zoom *detector
	heads       *signs.Heads
	threshold   float64
	running     chan struct{} // holds an element for each running call
	// Workspaces kept for reuse, one per running call at most. A sync.Pool would drop them at each
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
	f := &Finder{threshold: opts.Threshold}
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
	f.running = make(chan struct{}, runtime.GOMAXPROCS(0))
	f.workspaces = make(chan *workspace, cap(f.running))
	return f, nil
}

// begin returns memory for a call, and waits for it if as many calls are running as there are
// processors. Its only error is ctx's. end takes the memory back.
func (f *Finder) begin(ctx context.Context) (*workspace, error) {
	if err := ctx.Err(); err != nil {
		return nil, err // select would choose at random
	}
	select {
	case f.running <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case ws := <-f.workspaces:
		return ws, nil
	default:
		return &workspace{whole: f.whole.net.NewScratch(), zoom: f.zoom.net.NewScratch()}, nil
	}
}

func (f *Finder) end(ws *workspace) {
	f.workspaces <- ws
	<-f.running
}

// workspace is the memory of one call.
type workspace struct {
	sampler
	whole, zoom *nn.Scratch
	raw         []detection // of one run, before those of one face are merged
	small       []byte      // the picture at working size
	coarse      []byte      // the same, smaller still
	square      []float32   // the whole picture, as the input of the net for close pictures
	crop        []float32   // a face, as the same
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
// person's own. Bounds are cut at the picture's edge; landmarks may lie outside. The Pose is
// estimated from the landmarks; docs/faces.md of the repository says how exactly.
//
// The error is ctx's, which is checked every few milliseconds and while the call waits for
// others, or that of p's decoder, or says that the picture cannot be searched.
func (f *Finder) FindFaces(ctx context.Context, p *validate.Picture) (faces validate.Faces, err error) {
	if err := f.usable(); err != nil {
		return validate.Faces{}, err
	}
	// Before the decoder, whose memory is then bounded too. The decoders of package validate
	// wait for nobody who waits here.
	ws, err := f.begin(ctx)
	if err != nil {
		return validate.Faces{}, err
	}
	defer f.end(ws)
	img, err := p.Reduced(ctx, pictureSide)
	if err != nil {
		return validate.Faces{}, err
	}
	defer unreadable(&faces, &err)
	if err := checkBounds(img); err != nil {
		return validate.Faces{}, err
	}
	faces, err = f.find(ctx, ws, newSource(img), 1, image.Pt(p.Shown()))
	faces.Found = p.FullSize(place(faces.Found, img.Bounds()), img)
	return faces, err
}

// FindIn is FindFaces for upright pixels that the caller has. The faces are in img's own
// coordinates, and the advice is about a picture of that size.
//
// The error is ctx's, or says that img cannot be searched: it is nil, has more than 2^32 pixels
// (such as an [image.Uniform]), or panics.
func (f *Finder) FindIn(ctx context.Context, img image.Image) (faces validate.Faces, err error) {
	if err := f.usable(); err != nil {
		return validate.Faces{}, err
	}
	defer unreadable(&faces, &err)
	if err := checkBounds(img); err != nil {
		return validate.Faces{}, err
	}
	src, times := newSource(img), 1
	full := image.Pt(src.w, src.h)
	if src.foreign {
		// The caller's own type may take its time, or call this Finder: it is read before a
		// workspace is taken from others.
		var own workspace
		if src, times, err = own.shrink(ctx, src); err != nil {
			return validate.Faces{}, err
		}
	}
	ws, err := f.begin(ctx)
	if err != nil {
		return validate.Faces{}, err
	}
	defer f.end(ws)
	faces, err = f.find(ctx, ws, src, times, full)
	faces.Found = place(faces.Found, img.Bounds())
	return faces, err
}

// usable returns an error unless New made f.
func (f *Finder) usable() error {
	if f == nil || f.workspaces == nil {
		return errors.New("face: a Finder that New did not make")
	}
	return nil
}

// unreadable turns a panic into an error. A picture may have fewer pixels than its bounds
// promise, or be a type whose methods panic. That must not end a service.
func unreadable(faces *validate.Faces, err *error) {
	if r := recover(); r != nil {
		*faces, *err = validate.Faces{}, fmt.Errorf("face: the picture cannot be read: %v", r)
	}
}

// find finds faces in src, which is a picture shrunk by times, and gives advice about them as in
// a picture of size full. The faces are in pixels of the picture before it was shrunk.
func (f *Finder) find(ctx context.Context, ws *workspace, src source, times int, full image.Point) (validate.Faces, error) {
	var faces validate.Faces
	if src.w == 0 {
		return faces, ctx.Err()
	}
	small, more, err := ws.shrink(ctx, src)
	if err != nil {
		return faces, err
	}
	times *= more
	if small, err = ws.withCoarse(ctx, small); err != nil {
		return faces, err
	}
	found, err := f.search(ctx, ws, small)
	if err != nil {
		return faces, err
	}
	accepted := above(found, f.threshold)
	if err := f.straighten(ctx, ws, small, accepted); err != nil {
		return faces, err
	}
	if len(accepted) == 0 {
		return validate.Faces{Advice: weakAdvice(found)}, nil
	}
	if accepted[0].sharpness, err = ws.sharpness(ctx, small, accepted[0].box); err != nil {
		return validate.Faces{}, err
	}
	for _, d := range accepted {
		faces.Found = append(faces.Found, toFace(d, times))
	}
	// How many pixels of the full picture a pixel of small covers.
	scale := float64(max(full.X, full.Y)) / float64(max(small.w, small.h))
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

// toFace returns d in a picture that is times as large as the one in which d was found.
func toFace(d detection, times int) validate.Face {
	at := func(x, y float64) image.Point {
		return image.Pt(int(math.Round(x*float64(times))), int(math.Round(y*float64(times))))
	}
	v := validate.Face{Score: d.score}
	v.Bounds = image.Rectangle{Min: at(d.box.x0, d.box.y0), Max: at(d.box.x1, d.box.y1)}
	for _, m := range d.marks {
		v.Landmarks = append(v.Landmarks, at(m.x, m.y))
	}
	pose := d.pose()
	v.Pose = &pose
	return v
}

// place moves faces of a picture that begins at 0, 0 to one with those bounds, and cuts their
// boxes at its edge.
func place(faces []validate.Face, bounds image.Rectangle) []validate.Face {
	for i, v := range faces {
		faces[i].Bounds = v.Bounds.Add(bounds.Min).Intersect(bounds)
		for k, m := range v.Landmarks {
			v.Landmarks[k] = m.Add(bounds.Min)
		}
	}
	return faces
}
