package tflite

import (
	"bytes"
	"errors"
	"slices"
)

// Kind is an operator, numbered as enum BuiltinOperator of schema.fbs.
type Kind int

// The operators that the face nets use.
const (
	Add             Kind = 0
	Concatenation   Kind = 2
	Conv2D          Kind = 3
	DepthwiseConv2D Kind = 4
	Dequantize      Kind = 6
	MaxPool2D       Kind = 17
	ReLU            Kind = 19
	Reshape         Kind = 22
	ResizeBilinear  Kind = 23
	Pad             Kind = 34
	PReLU           Kind = 54
)

// Type is a tensor's element type, numbered as enum TensorType of schema.fbs.
type Type int

// The element types that this package reads.
const (
	Float32 Type = 0
	Float16 Type = 1
	Int32   Type = 2
)

// Size returns the bytes of one element.
func (t Type) Size() int {
	if t == Float16 {
		return 2
	}
	return 4
}

// Tensor is a value of the graph: a constant if Data is not empty.
type Tensor struct {
	Name  string
	Shape []int // every side above 0
	Type  Type
	Data  []byte // little-endian elements, a part of the file; Elements()*Type.Size() bytes, or none
}

// Elements returns the product of the sides.
func (t Tensor) Elements() int {
	n := 1
	for _, side := range t.Shape {
		n *= side
	}
	return n
}

// Op is one operation. Options that its kind lacks are zero.
type Op struct {
	Kind             Kind
	Inputs, Outputs  []int // indices into Model.Tensors; -1 for an input that is left out
	Same             bool  // padding SAME rather than VALID
	StrideX, StrideY int   // above 0 for convolutions and pooling
	FilterX, FilterY int   // of a pooling
	Axis             int   // of a concatenation
	HalfPixels       bool  // of a resize: half_pixel_centers
}

// Model is a net: its operations in the order in which they run.
type Model struct {
	Tensors         []Tensor
	Ops             []Op
	Inputs, Outputs []int // indices into Tensors
}

// Limits of a file. The larger of the nets has 544 tensors and 344 operations.
const (
	maxTensors  = 2048
	maxRank     = 4
	maxElements = 1 << 22
	maxOperands = 8
)

// Parse reads a file. The model aliases b: do not change b.
func Parse(b []byte) (*Model, error) {
	r := &buffer{b: b}
	if id := r.bytes(4, 4, "file identifier"); !bytes.Equal(id, []byte("TFL3")) {
		return nil, errors.New("tflite: the file identifier is not TFL3")
	}
	root := r.table(r.follow(0, "model"), "model")
	if v := root.int32(0, 0, "version"); r.err == nil && v != 3 {
		r.fail(root.at, "schema version other than 3")
	}
	m := &Model{}
	kinds := readKinds(root)
	buffers := readBuffers(root)
	root.tables(2, 1, "subgraph", func(_ int, graph table) {
		m.readTensors(graph, buffers)
		m.Inputs = m.indices(graph, 1, false, "graph input")
		m.Outputs = m.indices(graph, 2, false, "graph output")
		graph.tables(3, maxTensors, "operator", func(_ int, t table) { m.readOp(t, kinds) })
	})
	if r.err != nil {
		return nil, r.err
	}
	if len(m.Ops) == 0 || len(m.Inputs) != 1 || len(m.Outputs) == 0 {
		return nil, errors.New("tflite: not one graph with one input")
	}
	return m, nil
}

// readKinds returns the operator codes.
func readKinds(root table) []Kind {
	known := []Kind{Add, Concatenation, Conv2D, DepthwiseConv2D, Dequantize, MaxPool2D, ReLU, Reshape, ResizeBilinear, Pad, PReLU}
	var kinds []Kind
	root.tables(1, maxTensors, "operator code", func(_ int, t table) {
		// schema.fbs, OperatorCode: the code moved from 8 to 32 bits; "the max of the two"
		// holds.
		k := Kind(max(int64(int8(t.uint8(0, 0, "operator code"))), t.int32(3, 0, "operator code")))
		if !slices.Contains(known, k) {
			t.r.fail(t.at, "unknown operator")
		}
		kinds = append(kinds, k)
	})
	return kinds
}

// readBuffers returns the constants' bytes.
func readBuffers(root table) [][]byte {
	var buffers [][]byte
	root.tables(4, maxTensors, "buffer", func(_ int, t table) {
		data, _ := t.vector(0, 1, "buffer data")
		if t.fields > 1 {
			// Data after the end of the FlatBuffer (offset, size): of files over 2 GB.
			t.r.fail(t.at, "buffer outside the FlatBuffer")
		}
		buffers = append(buffers, data)
	})
	return buffers
}

func (m *Model) readTensors(graph table, buffers [][]byte) {
	graph.tables(0, maxTensors, "tensor", func(_ int, t table) {
		name, _ := t.vector(3, 1, "tensor name")
		v := Tensor{Name: string(name[:min(len(name), 64)]), Shape: t.int32s(0, maxRank, "tensor shape")}
		v.Type = Type(t.uint8(1, 0, "tensor type"))
		if v.Type != Float32 && v.Type != Float16 && v.Type != Int32 {
			t.r.fail(t.at, "tensor of an unknown type")
		}
		elements := int64(1)
		for _, side := range v.Shape {
			if side <= 0 || int64(side) > maxElements/elements {
				t.r.fail(t.at, "tensor with a side that is not positive, or of too many elements")
				return
			}
			elements *= int64(side)
		}
		if q, ok := t.table(4, "tensor quantization"); ok && q.quantized() {
			t.r.fail(t.at, "quantized tensor")
		}
		if t.field(6, "tensor sparsity") != 0 {
			t.r.fail(t.at, "sparse tensor")
		}
		at := t.int32(2, 0, "tensor buffer")
		if at < 0 || at >= int64(len(buffers)) {
			t.r.fail(t.at, "tensor of a buffer that is not there")
			return
		}
		if v.Data = buffers[at]; len(v.Data) != 0 && int64(len(v.Data)) != elements*int64(v.Type.Size()) {
			t.r.fail(t.at, "constant of another size than its shape's")
		}
		m.Tensors = append(m.Tensors, v)
	})
}

// quantized reports whether a QuantizationParameters table scales anything.
func (t table) quantized() bool {
	for n := range int64(5) {
		if t.field(n, "quantization") == 0 {
			continue
		}
		if n == 4 { // details_type: a union's tag
			return t.uint8(n, 0, "quantization") != 0
		}
		if b, _ := t.vector(n, 4, "quantization"); len(b) > 0 && n >= 2 {
			return true
		}
	}
	return false
}

// indices returns the tensor indices of the vector in field n. optional allows -1.
func (m *Model) indices(t table, n int64, optional bool, what string) []int {
	out := t.int32s(n, maxOperands, what)
	for _, i := range out {
		if i >= len(m.Tensors) || i < -1 || i == -1 && !optional {
			t.r.fail(t.at, what+": no such tensor")
			return nil
		}
	}
	return out
}

func (m *Model) readOp(t table, kinds []Kind) {
	code := t.int32(0, 0, "operator")
	if code < 0 || code >= int64(len(kinds)) {
		t.r.fail(t.at, "operator without a code")
		return
	}
	op := Op{Kind: kinds[code]}
	op.Inputs = m.indices(t, 1, true, "operator input")
	op.Outputs = m.indices(t, 2, false, "operator output")
	// For each kind, its member of the union, and the field with a fused activation.
	member, activation := map[Kind][2]int64{
		Conv2D: {1, 3}, DepthwiseConv2D: {2, 4}, MaxPool2D: {5, 5}, Concatenation: {10, 1}, Add: {11, 0}, ResizeBilinear: {15, -1},
	}[op.Kind], int64(-1)
	o, ok := t.table(4, "operator options")
	if member[0] != 0 {
		activation = member[1]
		if !ok || int64(t.uint8(3, 0, "operator options")) != member[0] {
			t.r.fail(t.at, "operator without its options")
			return
		}
		op.options(o)
	}
	if activation >= 0 && o.uint8(activation, 0, "activation") != 0 {
		t.r.fail(t.at, "fused activation")
	}
	if !op.fits() {
		t.r.fail(t.at, "operator with options that are not known")
	}
	m.Ops = append(m.Ops, op)
}

// options reads the options of op from its own member of BuiltinOptions.
func (op *Op) options(o table) {
	switch op.Kind {
	case Conv2D, DepthwiseConv2D, MaxPool2D:
		op.Same = o.uint8(0, 0, "padding") == 0
		op.StrideX, op.StrideY = int(o.int32(1, 0, "stride")), int(o.int32(2, 0, "stride"))
		if o.uint8(0, 0, "padding") > 1 {
			o.r.fail(o.at, "unknown padding")
		}
	case Concatenation:
		op.Axis = int(o.int32(0, 0, "axis"))
	case ResizeBilinear:
		op.HalfPixels = o.uint8(3, 0, "half_pixel_centers") != 0
		if o.uint8(2, 0, "align_corners") != 0 {
			o.r.fail(o.at, "align_corners")
		}
	}
	dilation := int64(0)
	switch op.Kind {
	case MaxPool2D:
		op.FilterX, op.FilterY = int(o.int32(3, 0, "filter")), int(o.int32(4, 0, "filter"))
	case Conv2D:
		dilation = 4
	case DepthwiseConv2D:
		dilation = 5
		if o.int32(3, 0, "depth_multiplier") != 1 {
			o.r.fail(o.at, "depth multiplier other than 1")
		}
	}
	if dilation != 0 && (o.int32(dilation, 1, "dilation") != 1 || o.int32(dilation+1, 1, "dilation") != 1) {
		o.r.fail(o.at, "dilation")
	}
}

// fits reports whether op has as many operands as its kind takes, and plausible strides and
// filter sizes.
func (op *Op) fits() bool {
	operands := map[Kind]int{
		Add: 2, Conv2D: 3, DepthwiseConv2D: 3, Dequantize: 1, MaxPool2D: 1, ReLU: 1, Reshape: 1, ResizeBilinear: 2, Pad: 2, PReLU: 2,
	}
	const most = 16
	switch op.Kind {
	case Conv2D, DepthwiseConv2D, MaxPool2D:
		if op.StrideX < 1 || op.StrideX > most || op.StrideY < 1 || op.StrideY > most {
			return false
		}
	}
	if op.Kind == MaxPool2D && (op.FilterX < 1 || op.FilterX > most || op.FilterY < 1 || op.FilterY > most) {
		return false
	}
	if want, ok := operands[op.Kind]; ok && len(op.Inputs) != want {
		// A Reshape may name its shape a second time.
		if op.Kind != Reshape || len(op.Inputs) != 2 {
			return false
		}
	}
	return len(op.Outputs) == 1 && len(op.Inputs) > 0 && !slices.Contains(op.Inputs, -1)
}
