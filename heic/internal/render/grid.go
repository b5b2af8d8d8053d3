package render

import (
	"context"
	"fmt"
	"image"
	"sync"

	"github.com/imgvet/imgvet/heic/internal/heif"
)

// grid decodes the tiles onto one canvas, and cuts off what stands out.
func (r *renderer) grid(it *heif.Item, p *heif.Properties, depth int) (picture, error) {
	t, err := r.tiles(it, p)
	if err != nil {
		return picture{}, err
	}
	if t != nil {
		c := newCanvas(t.size, t.config.SPS.ChromaFormat, 0)
		if err := t.draw(c, image.Point{}); err != nil {
			return picture{}, err
		}
		return picture{c.finish(), t.colour}, nil
	}
	g, err := r.f.ParseGrid(it)
	if err != nil {
		return picture{}, err
	}
	refs, err := r.f.Inputs(it)
	if err != nil {
		return picture{}, err
	}
	var m mosaic
	for i := range refs.Len() {
		tile, err := r.item(r.f.Item(refs.ID(i)), depth+1)
		if err != nil {
			return picture{}, err
		}
		if i == 0 {
			m = newMosaic(tile, g, p.Colour)
		}
		m.place(r.ctx, tile, i%g.Cols, i/g.Cols)
	}
	return picture{m.canvas(), m.colour}, nil
}

// tiles is a grid as all cameras write them: of coded pictures of one chroma format,
// shown as they are, whose edges fall on chroma samples. Its tiles are decoded
// straight onto the canvas.
type tiles struct {
	r      *renderer
	config *heif.Config // of the first tile
	colour *heif.NCLX
	size   image.Point // of the canvas
	tile   image.Point
	order  []*tileUse
}

// tileUse is a coded picture and the places in the grid that show it.
type tileUse struct {
	it    *heif.Item
	props heif.Properties
	at    []image.Point
}

// tiles returns what a grid consists of, or nil if it is none of those.
func (r *renderer) tiles(it *heif.Item, p *heif.Properties) (*tiles, error) {
	g, err := r.f.ParseGrid(it)
	if err != nil {
		return nil, err
	}
	refs, err := r.f.Inputs(it)
	if err != nil {
		return nil, err
	}
	t := &tiles{r: r, colour: p.Colour, size: image.Pt(int(g.Canvas.W), int(g.Canvas.H))}
	known := map[uint32]*tileUse{}
	for i := range refs.Len() {
		use := known[refs.ID(i)]
		if use == nil {
			if use, err = r.tileUse(refs.ID(i)); err != nil || use == nil {
				return nil, err
			}
			if t.config == nil {
				t.begin(use)
			}
			s := &use.props.Config.SPS
			if s.ChromaFormat != t.config.SPS.ChromaFormat || s.Width != t.tile.X || s.Height != t.tile.Y || !chromaCorner(t.config, t.tile) {
				return nil, nil
			}
			known[refs.ID(i)] = use
			t.order = append(t.order, use)
		}
		use.at = append(use.at, image.Pt(i%g.Cols*t.tile.X, i/g.Cols*t.tile.Y))
	}
	return t, nil
}

// begin takes the first tile as the measure of all.
func (t *tiles) begin(first *tileUse) {
	t.config = first.props.Config
	t.tile = image.Pt(t.config.SPS.Width, t.config.SPS.Height)
	if t.colour == nil {
		t.colour = streamColour(&first.props)
	}
}

// tileUse returns a coded picture that is shown as it is, or nil.
func (r *renderer) tileUse(id uint32) (*tileUse, error) {
	it := r.f.Item(id)
	if it == nil {
		return nil, errNotVerified
	}
	if string(it.Type[:]) != "hvc1" {
		return nil, nil
	}
	props, err := r.f.Properties(it)
	if err != nil {
		return nil, err
	}
	s, err := heif.Follow(props.Steps, props.Size)
	if err != nil || props.Config == nil {
		return nil, err
	}
	if s.Orient != heif.Upright || s.Crop.Size() != image.Pt(props.Config.SPS.Width, props.Config.SPS.Height) {
		return nil, nil
	}
	return &tileUse{it: it, props: props}, nil
}

// tileJob is a tile whose bytes were read.
type tileJob struct {
	*tileUse
	data heif.Payload
}

// draw decodes each coded picture once and draws it wherever it is shown. at is the
// place of the grid's corner on the canvas. As many tiles are decoded at a time as
// the limits allow; all goroutines have ended when it returns. The container is read
// here alone, in order, as Verify reads it.
func (t *tiles) draw(c *canvas, at image.Point) error {
	// Tiles that share the squares of a reduced picture are drawn one by one.
	n := t.r.Parallel
	if side := 2 << c.shift; c.shift > 0 && (t.tile.X%side != 0 || t.tile.Y%side != 0 || at.X%side != 0 || at.Y%side != 0) {
		n = 1
	}
	ctx, stop := context.WithCancelCause(t.r.ctx)
	defer stop(nil)
	work := make(chan tileJob)
	var wait sync.WaitGroup
	for range min(n, len(t.order)) {
		wait.Go(func() {
			for job := range work {
				if err := t.drawGuarded(ctx, c, at, job); err != nil {
					stop(err)
				}
			}
		})
	}
	for _, use := range t.order {
		if ctx.Err() != nil {
			break
		}
		data, err := t.r.f.Read(use.it)
		if err != nil {
			stop(err)
			break
		}
		work <- tileJob{use, data}
	}
	close(work)
	wait.Wait()
	return context.Cause(ctx)
}

// drawGuarded is drawTile. A panic in a goroutine of its own would end the program.
func (t *tiles) drawGuarded(ctx context.Context, c *canvas, at image.Point, job tileJob) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("heic: making pixels panicked: %v", r)
		}
	}()
	return t.drawTile(ctx, c, at, job)
}

func (t *tiles) drawTile(ctx context.Context, c *canvas, at image.Point, job tileJob) error {
	if len(job.at) == 1 {
		return t.r.decodeRead(ctx, &job.data, &job.props, c, job.at[0].Add(at), 1)
	}
	own := newCanvas(t.tile, t.config.SPS.ChromaFormat, 0)
	if err := t.r.decodeRead(ctx, &job.data, &job.props, own, image.Point{}, 1); err != nil {
		return err
	}
	for _, place := range job.at {
		if err := ctx.Err(); err != nil {
			return err
		}
		c.copyFrom(own.finish(), place.Add(at))
	}
	return nil
}
