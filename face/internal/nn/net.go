package nn

import "context"

// Net is a compiled net. It never changes, and is safe for concurrent use.
type Net struct {
	values  []value
	steps   []step
	arena   int // floats for all values of a run; values that do not live at once share space
	row     int // floats in the longest row between the two halves of a step
	zeros   []float32
	input   int // indices into values
	outputs []int
}

// value is a picture that a step writes and others read.
type value struct {
	h, w, c     int
	at          int // offset in the arena
	first, last int // the step that writes it and the last one that reads it
}

func (v value) size() int { return v.h * v.w * v.c }

// Scratch is memory for one run at a time.
type Scratch struct {
	arena, row []float32
}

// NewScratch returns memory for one run of n at a time.
func (n *Net) NewScratch() *Scratch {
	return &Scratch{make([]float32, n.arena), make([]float32, n.row)}
}

// InputSize returns the height, width and channels of the picture that n takes.
func (n *Net) InputSize() (h, w, c int) {
	v := n.values[n.input]
	return v.h, v.w, v.c
}

// Input returns the part of s for the next run's picture: rows of pixels of channels. A run
// overwrites it.
func (n *Net) Input(s *Scratch) []float32 { return n.slice(s, n.input) }

// Output returns output i of the last run in s. It is valid until the next run.
func (n *Net) Output(s *Scratch, i int) []float32 { return n.slice(s, n.outputs[i]) }

// OutputSize returns the number of floats in output i.
func (n *Net) OutputSize(i int) int { return n.values[n.outputs[i]].size() }

// Outputs returns how many outputs n has, in the model's order.
func (n *Net) Outputs() int { return len(n.outputs) }

func (n *Net) slice(s *Scratch, i int) []float32 {
	v := n.values[i]
	return s.arena[v.at : v.at+v.size() : v.at+v.size()]
}

// Run computes the outputs from the input in s. Its only error is ctx's, which it checks between
// the steps.
func (n *Net) Run(ctx context.Context, s *Scratch) error {
	for i := range n.steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		n.steps[i].run(n, s)
	}
	return nil
}

// kind is what a step does.
type kind int

const (
	convolve  kind = iota // a convolution of any size
	separable             // depthwise 3x3, then a convolution of 1x1
	maxPool
	resize
	sum
	concat
)

// step computes one value from others.
type step struct {
	kind kind
	in   []int // indices into Net.values
	out  int
	// For convolve and separable: the value added before the activation, -1 if none. It may have
	// fewer channels than out; those it lacks are zero.
	residual int
	activation
	weights matrix
	filter  window
	taps    []float32 // for separable: 9 weights per channel, tap by tap
	bias    []float32 // for separable: of the depthwise half
}

// activation is what follows a step's sums. The zero value leaves them as they are.
type activation struct {
	relu   bool
	slopes []float32 // of negative numbers, per channel (PReLU); nil for none
}

// window is the position and size of a filter on its input.
type window struct {
	h, w             int
	strideY, strideX int
	top, left        int // rows and columns of padding before the input
}

// between reports whether a convolution's input must first be written to Scratch.row.
func (st *step) between() bool {
	return st.kind == separable || st.filter.h != 1 || st.filter.w != 1
}

// rows returns how many rows of the output are computed at once: enough for the kernels of eight
// pixels with small pictures, and few enough to stay in the cache.
func (st *step) rows(out value) int {
	const pixels, floats = 48, 1 << 14
	return max(1, min((pixels+out.w-1)/out.w, floats/max(1, out.w*st.weights.k), out.h))
}

func (st *step) run(n *Net, s *Scratch) {
	in, out := n.values[st.in[0]], n.values[st.out]
	src, dst := n.slice(s, st.in[0]), n.slice(s, st.out)
	switch st.kind {
	case convolve, separable:
		var residual []float32
		channels := 0
		if st.residual >= 0 {
			residual, channels = n.slice(s, st.residual), n.values[st.residual].c
		}
		band := st.rows(out)
		for y := 0; y < out.h; y += band {
			high := min(band, out.h-y)
			rows := src[y*in.w*in.c:]
			if st.between() {
				rows = s.row[:high*out.w*st.weights.k]
				for i := range high {
					row := rows[i*out.w*st.weights.k:][:out.w*st.weights.k]
					if st.kind == separable {
						st.depthwiseRow(row, src, in, out.w, y+i, n.zeros)
					} else {
						st.patches(row, src, in, out.w, y+i)
					}
				}
			}
			j := &job{dst: dst[y*out.w*out.c:][:high*out.w*out.c], src: rows, pixels: high * out.w, activation: st.activation}
			if channels > 0 {
				j.residual, j.channels = residual[y*out.w*channels:][:high*out.w*channels], channels
			}
			st.weights.multiply(j)
		}
	case maxPool:
		st.pool(dst, src, in, out)
	case resize:
		bilinear(dst, src, in, out)
	case sum:
		add(dst, src, n.slice(s, st.in[1]), out.c, n.values[st.in[1]].c)
		st.activate(dst)
	case concat:
		for _, i := range st.in {
			dst = dst[copy(dst, n.slice(s, i)):]
		}
	}
}
