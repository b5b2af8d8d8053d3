package nn

import (
	"fmt"
	"slices"

	"github.com/imgvet/imgvet/face/internal/tflite"
)

// Bounds on what a net may cost. The larger of the two takes 106 million multiplications and
// under a million floats.
const (
	maxWork   = 1 << 29
	maxFloats = 1 << 23
)

// compiler turns a model into a net.
type compiler struct {
	m      *tflite.Model
	net    *Net
	values map[int]int // index of each tensor's value
	uses   map[int][]int
	made   map[int]int // index of the operation that produces each tensor
	fused  map[int]bool
	work   int64
	vector bool // pack the weights for vector kernels
	err    error
}

// Compile checks m and compiles it to a net, for the kernels that suit this processor.
func Compile(m *tflite.Model) (*Net, error) { return compile(m, hasVector) }

func compile(m *tflite.Model, vector bool) (*Net, error) {
	c := &compiler{m: m, vector: vector, net: &Net{}, values: map[int]int{}, uses: map[int][]int{}, made: map[int]int{}, fused: map[int]bool{}}
	for i, op := range m.Ops {
		for _, t := range op.Inputs {
			c.uses[t] = append(c.uses[t], i)
		}
		t := op.Outputs[0]
		if _, twice := c.made[t]; twice || t == m.Inputs[0] || len(m.Tensors[t].Data) > 0 {
			return nil, fmt.Errorf("nn: operation %d writes a tensor that has a value", i)
		}
		c.made[t] = i
	}
	for _, t := range m.Outputs {
		c.uses[t] = append(c.uses[t], len(m.Ops)) // so that nothing is fused across it
	}
	c.net.input = c.define(m.Inputs[0])
	for i, op := range m.Ops {
		if !c.fused[i] {
			c.operation(op)
		}
		if c.err != nil {
			return nil, fmt.Errorf("nn: operation %d: %w", i, c.err)
		}
	}
	for _, t := range m.Outputs {
		c.net.outputs = append(c.net.outputs, c.value(t))
	}
	if c.err == nil {
		c.layOut()
	}
	if c.err != nil {
		return nil, fmt.Errorf("nn: %w", c.err)
	}
	return c.net, nil
}

func (c *compiler) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// shape returns the height, width and channels of tensor t. A tensor of fewer than four
// dimensions counts as a row of pixels, or one pixel.
func (c *compiler) shape(t int) value {
	s := c.m.Tensors[t].Shape
	if len(s) == 0 || len(s) > 1 && s[0] != 1 {
		c.fail("tensor %d: not a batch of one", t)
		return value{h: 1, w: 1, c: 1}
	}
	switch len(s) {
	case 4:
		return value{h: s[1], w: s[2], c: s[3]}
	case 3:
		return value{h: 1, w: s[1], c: s[2]}
	}
	return value{h: 1, w: 1, c: s[len(s)-1]}
}

// define adds a value for tensor t, which has none yet.
func (c *compiler) define(t int) int {
	v := c.shape(t)
	if c.m.Tensors[t].Type != tflite.Float32 {
		c.fail("tensor %d: not of float32", t)
	}
	v.first = len(c.net.steps) - 1 // the step that was just added writes it; -1 means before all steps
	c.net.values = append(c.net.values, v)
	c.values[t] = len(c.net.values) - 1
	return c.values[t]
}

// value returns the value of tensor t.
func (c *compiler) value(t int) int {
	i, ok := c.values[t]
	if !ok {
		c.fail("tensor %d has no value yet", t)
	}
	return i
}

// constant returns the floats of tensor t, which must have these sides. It widens them if the
// model stores them narrower.
func (c *compiler) constant(t int, sides ...int) []float32 {
	if i, ok := c.made[t]; ok && c.m.Ops[i].Kind == tflite.Dequantize {
		if !slices.Equal(c.m.Tensors[t].Shape, c.m.Tensors[c.m.Ops[i].Inputs[0]].Shape) {
			c.fail("constant %d changes its shape", t)
		}
		t = c.m.Ops[i].Inputs[0]
	}
	out := c.m.Tensors[t].Floats()
	if len(out) == 0 || !slices.Equal(c.m.Tensors[t].Shape, sides) {
		c.fail("tensor %d is not a constant of %v", t, sides)
		return nil
	}
	return out
}

// only returns the one operation that reads tensor t, and its index. ok is false if several
// operations read t, or t is an output.
func (c *compiler) only(t int) (i int, op tflite.Op, ok bool) {
	if u := c.uses[t]; len(u) == 1 && u[0] < len(c.m.Ops) {
		return u[0], c.m.Ops[u[0]], true
	}
	return 0, tflite.Op{}, false
}

func (c *compiler) operation(op tflite.Op) {
	t := op.Outputs[0]
	switch op.Kind {
	case tflite.Dequantize:
		if len(c.m.Tensors[op.Inputs[0]].Data) == 0 {
			c.fail("dequantizes what is not constant")
		}
	case tflite.Conv2D:
		c.convolution(op)
	case tflite.DepthwiseConv2D:
		// Emitted with the convolution that reads it.
		if _, next, ok := c.only(t); !ok || next.Kind != tflite.Conv2D || next.Inputs[0] != t {
			c.fail("a depthwise convolution without a convolution after it")
		}
	case tflite.Pad:
		// Emitted with the sum that reads it.
		if _, next, ok := c.only(t); !ok || next.Kind != tflite.Add {
			c.fail("a pad without a sum after it")
		}
	case tflite.MaxPool2D:
		st := step{kind: maxPool, in: []int{c.value(op.Inputs[0])}, residual: -1}
		st.filter = c.window(op, op.FilterY, op.FilterX)
		if in, out := c.shape(op.Inputs[0]), c.shape(t); in.c != out.c {
			c.fail("a pool that changes the channels")
		}
		c.emit(st, t)
	case tflite.ResizeBilinear:
		if in, out := c.shape(op.Inputs[0]), c.shape(t); in.c != out.c || !op.HalfPixels {
			c.fail("a resize that changes the channels, or without half_pixel_centers")
		}
		c.emit(step{kind: resize, in: []int{c.value(op.Inputs[0])}, residual: -1}, t)
	case tflite.Add:
		c.sum(op)
	case tflite.Reshape:
		if c.m.Tensors[t].Elements() != c.m.Tensors[op.Inputs[0]].Elements() || c.m.Tensors[t].Type != tflite.Float32 {
			c.fail("a reshape to another size")
		}
		c.values[t] = c.value(op.Inputs[0])
	case tflite.Concatenation:
		c.concatenation(op)
	default:
		c.fail("operator %d stands where it is not known", op.Kind)
	}
}

// window returns how a filter of h x w lies on op's input, and checks the output's size.
func (c *compiler) window(op tflite.Op, h, w int) window {
	in, out := c.shape(op.Inputs[0]), c.shape(op.Outputs[0])
	f := window{h: h, w: w, strideY: op.StrideY, strideX: op.StrideX}
	// tensorflow/lite/kernels/padding.h: SAME covers the input, and puts an odd column last.
	place := func(in, k, stride int) (out, before int) {
		if !op.Same {
			return (in-k)/stride + 1, 0
		}
		out = (in + stride - 1) / stride
		return out, max((out-1)*stride+k-in, 0) / 2
	}
	if !op.Same && (in.h < h || in.w < w) {
		c.fail("a filter larger than its input")
	}
	var high, wide int
	high, f.top = place(in.h, h, op.StrideY)
	wide, f.left = place(in.w, w, op.StrideX)
	if high != out.h || wide != out.w {
		c.fail("output of %dx%d instead of %dx%d", out.w, out.h, wide, high)
	}
	return f
}

// convolution emits a convolution, fused with the depthwise one before it and with the residual
// and the activation after it.
func (c *compiler) convolution(op tflite.Op) {
	t := op.Outputs[0]
	out := c.shape(t)
	kernel := c.m.Tensors[op.Inputs[1]].Shape
	if len(kernel) != 4 || kernel[0] != out.c || kernel[3] != c.shape(op.Inputs[0]).c {
		c.fail("a kernel of %v does not fit", kernel)
		return
	}
	st := step{kind: convolve, residual: -1, filter: c.window(op, kernel[1], kernel[2])}
	weights, bias := c.constant(op.Inputs[1], kernel...), c.constant(op.Inputs[2], out.c)
	if c.err != nil {
		return
	}
	st.weights = newMatrix(weights, bias, out.c, c.vector)
	from := op.Inputs[0]
	if i, ok := c.made[from]; ok && c.m.Ops[i].Kind == tflite.DepthwiseConv2D {
		if kernel[1] != 1 || kernel[2] != 1 || op.StrideX != 1 || op.StrideY != 1 {
			c.fail("a depthwise convolution before one that is not 1x1")
			return
		}
		from = c.depthwise(c.m.Ops[i], &st)
	} else if (kernel[1] == 1 && kernel[2] == 1) && (op.StrideX != 1 || op.StrideY != 1) {
		c.fail("a convolution of 1x1 with a stride")
	}
	c.work += int64(out.h) * int64(out.w) * int64(len(weights))
	st.in = []int{c.value(from)}
	t = c.after(t, &st)
	c.emit(st, t)
}

// depthwise turns st into a separable convolution, and returns the tensor that it reads.
func (c *compiler) depthwise(op tflite.Op, st *step) int {
	from := op.Inputs[0]
	channels := c.shape(from).c
	st.kind = separable
	st.filter = c.window(op, 3, 3)
	st.taps, st.bias = c.constant(op.Inputs[1], 1, 3, 3, channels), c.constant(op.Inputs[2], channels)
	if out := c.shape(op.Outputs[0]); out.c != channels {
		c.fail("a depthwise convolution that changes the channels")
	}
	c.work += 9 * int64(c.m.Tensors[op.Outputs[0]].Elements())
	return from
}

// after fuses into st the sum and the activation that follow tensor t. It returns the tensor
// that st then produces.
func (c *compiler) after(t int, st *step) int {
	if i, op, ok := c.only(t); ok && op.Kind == tflite.Add {
		other := op.Inputs[0] + op.Inputs[1] - t
		from := c.unpadded(other)
		// A sum can be fused only if its other operand exists by now.
		if v, ok := c.values[from]; ok && c.sameSize(t, other) && c.sameSize(t, op.Outputs[0]) {
			st.residual = v
			c.fused[i] = true
			t = op.Outputs[0]
		}
	}
	return c.activated(t, st)
}

// activated fuses into st the activation that follows tensor t. It returns the tensor that st
// then produces.
func (c *compiler) activated(t int, st *step) int {
	i, op, ok := c.only(t)
	if !ok || op.Kind != tflite.ReLU && op.Kind != tflite.PReLU || op.Inputs[0] != t || !c.sameSize(t, op.Outputs[0]) {
		return t
	}
	if op.Kind == tflite.ReLU {
		st.relu = true
	} else {
		st.slopes = c.constant(op.Inputs[1], 1, 1, c.shape(t).c)
	}
	c.fused[i] = true
	return op.Outputs[0]
}

// sum emits a sum that was not fused into a convolution.
func (c *compiler) sum(op tflite.Op) {
	a, b, t := op.Inputs[0], op.Inputs[1], op.Outputs[0]
	if !c.sameSize(a, b) || !c.sameSize(a, t) {
		c.fail("a sum of two sizes")
		return
	}
	if c.unpadded(a) != a {
		a, b = b, a
	}
	st := step{kind: sum, in: []int{c.value(a), c.value(c.unpadded(b))}, residual: -1}
	t = c.activated(t, &st)
	c.emit(st, t)
}

// unpadded returns the tensor that t pads with channels of zeros, or t itself.
func (c *compiler) unpadded(t int) int {
	i, ok := c.made[t]
	if !ok || c.m.Ops[i].Kind != tflite.Pad {
		return t
	}
	op := c.m.Ops[i]
	in, out := c.shape(op.Inputs[0]), c.shape(t)
	want := []int{0, 0, 0, 0, 0, 0, 0, out.c - in.c}
	if !slices.Equal(c.m.Tensors[op.Inputs[1]].Ints(), want) || in.h != out.h || in.w != out.w || out.c < in.c {
		c.fail("a pad of other than channels")
	}
	return op.Inputs[0]
}

func (c *compiler) sameSize(a, b int) bool {
	return slices.Equal(c.m.Tensors[a].Shape, c.m.Tensors[b].Shape)
}

// concatenation emits a concatenation along the second of three dimensions: one value after the
// other.
func (c *compiler) concatenation(op tflite.Op) {
	t := op.Outputs[0]
	out := c.m.Tensors[t].Shape
	st := step{kind: concat, residual: -1}
	rows := 0
	for _, in := range op.Inputs {
		s := c.m.Tensors[in].Shape
		if len(s) != 3 || len(out) != 3 || op.Axis != 1 || s[2] != out[2] {
			c.fail("a concatenation along another axis")
			return
		}
		rows += s[1]
		st.in = append(st.in, c.value(in))
	}
	if rows != out[1] {
		c.fail("a concatenation of another size")
	}
	c.emit(st, t)
}

// emit adds a step that produces tensor t.
func (c *compiler) emit(st step, t int) {
	c.net.steps = append(c.net.steps, st)
	at := len(c.net.steps) - 1
	c.net.steps[at].out = c.define(t)
	if elements := int64(c.m.Tensors[t].Elements()); st.kind == maxPool {
		c.work += elements * int64(st.filter.h) * int64(st.filter.w)
	} else {
		c.work += elements
	}
	for _, i := range append([]int{st.residual}, st.in...) {
		if i >= 0 && i < len(c.net.values) {
			c.net.values[i].last = at
		}
	}
	if c.work > maxWork {
		c.fail("over %d multiplications", int64(maxWork))
	}
}
