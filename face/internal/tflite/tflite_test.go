package tflite_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/face/internal/nn"
	"github.com/imgvet/imgvet/face/internal/tflite"
	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/internal/testenv"
)

func weights(t testing.TB, name string) []byte {
	b, err := os.ReadFile("../../weights/face_detection_" + name + "_range.tflite")
	require.NoError(t, err)
	return b
}

// TestParse holds what is read of the two nets to what they are documented to be.
func TestParse(t *testing.T) {
	for name, want := range map[string]struct {
		side, convolutions, depthwise int
	}{
		"short": {128, 21, 16}, "full": {192, 49, 40},
	} {
		m, err := tflite.Parse(weights(t, name))
		require.NoError(t, err)
		require.Equal(t, []int{1, want.side, want.side, 3}, m.Tensors[m.Inputs[0]].Shape)
		require.Len(t, m.Outputs, 2)
		kinds := map[tflite.Kind]int{}
		for _, op := range m.Ops {
			kinds[op.Kind]++
		}
		require.Equal(t, want.convolutions, kinds[tflite.Conv2D], name)
		require.Equal(t, want.depthwise, kinds[tflite.DepthwiseConv2D], name)
		require.Equal(t, kinds[tflite.Dequantize], 2*(kinds[tflite.Conv2D]+kinds[tflite.DepthwiseConv2D]), name)
	}
}

// TestFloat16 holds every binary16 number to its definition (IEEE 754-2019, 3.4).
func TestFloat16(t *testing.T) {
	for h := range 1 << 16 {
		v := tflite.Tensor{Shape: []int{1}, Type: tflite.Float16, Data: binary.LittleEndian.AppendUint16(nil, uint16(h))}
		got := float64(v.Floats()[0])
		exponent, fraction := h>>10&31, float64(h&1023)/1024
		want := math.Ldexp(1+fraction, exponent-15)
		switch {
		case exponent == 0:
			want = math.Ldexp(fraction, -14)
		case exponent == 31 && fraction == 0:
			want = math.Inf(1)
		case exponent == 31:
			require.True(t, math.IsNaN(got))
			continue
		}
		if h>>15 == 1 {
			want = -want
		}
		require.Equal(t, want, got, "%#04x", h)
		require.Equal(t, h>>15 == 1, math.Signbit(got), "%#04x", h)
	}
}

// TestParseRefuses has files cut short at every byte of their structure and here and there in
// their weights: none is a net, none panics.
func TestParseRefuses(t *testing.T) {
	b := weights(t, "short")
	for n := 0; n < len(b); n += 1 + n/64 {
		if m, err := tflite.Parse(b[:n]); err == nil {
			// Constants may stand behind all else. Then they are what is missing.
			_, err = nn.Compile(m)
			require.Error(t, err, "cut to %d bytes", n)
		}
	}
	_, err := tflite.Parse([]byte("\x10\x00\x00\x00GIF8\x00\x00\x00\x00\x00\x00\x00\x00"))
	require.ErrorContains(t, err, "TFL3")
}

// FuzzParse feeds changed nets, to the compiler too: no panic, no more time or memory
// than a file of that size may take, and what compiles also runs.
func FuzzParse(f *testing.F) {
	seeds := 0
	add := func(b []byte) {
		seeds++
		f.Add(b)
	}
	// Small nets, not the two themselves: a fuzzer gets nowhere with a megabyte.
	for i := range 16 {
		add(small(i))
		add(small(i)[:100+20*i])
	}
	whole := patterns()
	add(whole)
	for i := range 32 {
		c := append([]byte(nil), whole...)
		c[8+i*61%(len(c)-8)] ^= byte(1 << (i % 8))
		add(c)
	}
	if seeds < 60 {
		f.Fatalf("%d seeds", seeds)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		start := cputime.Used()
		m, err := tflite.Parse(b)
		if err != nil {
			return
		}
		require.Less(t, len(m.Tensors), 4096)
		for _, v := range m.Tensors {
			require.Positive(t, v.Elements())
			require.LessOrEqual(t, len(v.Floats()), len(b))
		}
		n, err := nn.Compile(m)
		require.Less(t, cputime.Used()-start, testenv.Scale(5*time.Second))
		if err != nil {
			return
		}
		h, w, c := n.InputSize()
		if h*w*c > 1<<12 {
			return // a run of the nets themselves takes too long for fuzzing
		}
		require.NoError(t, n.Run(t.Context(), n.NewScratch()))
	})
}

// TestSmall holds that the small models of the fuzz target are nets that run.
func TestSmall(t *testing.T) {
	for i := range 16 {
		m, err := tflite.Parse(small(i))
		require.NoError(t, err)
		n, err := nn.Compile(m)
		require.NoError(t, err, fmt.Sprint(i))
		require.NoError(t, n.Run(t.Context(), n.NewScratch()))
		s := n.NewScratch()
		in := n.Input(s)
		for k := range in {
			in[k] = 1
		}
		require.NoError(t, n.Run(t.Context(), s))
		// A convolution of 1x1, all weights and inputs 1, biases 1, over i+1 channels.
		require.Equal(t, float32(i+2), n.Output(s, 0)[0])
	}
}

// TestPatterns holds that a net of every operator is read, compiled and runs.
func TestPatterns(t *testing.T) {
	m, err := tflite.Parse(patterns())
	require.NoError(t, err)
	n, err := nn.Compile(m)
	require.NoError(t, err)
	s := n.NewScratch()
	require.NoError(t, n.Run(t.Context(), s))
	require.Len(t, n.Output(s, 0), 2*4*4*6)
}

// patterns writes a net with every operator, on 4x4 pixels of 4 channels: a convolution, a residual
// block that pads channels, a pool and the resize back, and both flattened and joined.
func patterns() []byte {
	w := &writer{}
	ones := func(n int) *object {
		var b []byte
		for range n {
			b = binary.LittleEndian.AppendUint16(b, 0x3C00) // 1 in binary16
		}
		return w.table(w.bytes(b))
	}
	pads := make([]byte, 32)
	pads[28] = 2
	buffers := w.tables(w.table(), ones(4*9*4), ones(4), ones(9*4), ones(6*4), ones(6), w.table(w.bytes(pads)))
	var tensors, operators []*object
	tensor := func(kind byte, buffer uint32, shape ...uint32) uint32 {
		tensors = append(tensors, w.table(w.uint32s(shape...), byteField(kind), scalar(buffer)))
		return uint32(len(tensors) - 1)
	}
	op := func(code uint32, member byte, options *object, in []uint32, shape ...uint32) uint32 {
		out := tensor(0, 0, shape...)
		var tag *object
		if member != 0 {
			tag = byteField(member)
		}
		operators = append(operators, w.table(scalar(code), w.uint32s(in...), w.uint32s(out), tag, options))
		return out
	}
	constant := func(buffer uint32, shape ...uint32) uint32 {
		return op(4, 0, nil, []uint32{tensor(1, buffer, shape...)}, shape...)
	}
	codes := []uint32{3, 4, 0, 19, 6, 34, 17, 23, 22, 2, 54}
	var kinds []*object
	for _, c := range codes {
		kinds = append(kinds, w.table(byteField(byte(c)), nil, nil, scalar(c)))
	}
	input := tensor(0, 0, 1, 4, 4, 4)
	a := op(0, 1, w.table(byteField(0), scalar(1), scalar(1)), []uint32{input, constant(1, 4, 3, 3, 4), constant(2, 4)}, 1, 4, 4, 4)
	a = op(3, 0, nil, []uint32{a}, 1, 4, 4, 4)
	d := op(1, 2, w.table(byteField(0), scalar(1), scalar(1), scalar(1)), []uint32{a, constant(3, 1, 3, 3, 4), constant(2, 4)}, 1, 4, 4, 4)
	e := op(0, 1, w.table(byteField(1), scalar(1), scalar(1)), []uint32{d, constant(4, 6, 1, 1, 4), constant(5, 6)}, 1, 4, 4, 6)
	p := op(5, 0, nil, []uint32{a, tensor(2, 6, 4, 2)}, 1, 4, 4, 6)
	e = op(10, 0, nil, []uint32{op(2, 11, w.table(), []uint32{p, e}, 1, 4, 4, 6), constant(5, 1, 1, 6)}, 1, 4, 4, 6)
	half := op(6, 5, w.table(byteField(0), scalar(2), scalar(2), scalar(2), scalar(2)), []uint32{e}, 1, 2, 2, 6)
	back := op(7, 15, w.table(nil, nil, nil, byteField(1)), []uint32{half, tensor(2, 0, 2)}, 1, 4, 4, 6)
	one, two := op(8, 17, w.table(), []uint32{e}, 1, 16, 6), op(8, 17, w.table(), []uint32{back}, 1, 16, 6)
	out := op(9, 10, w.table(scalar(1)), []uint32{one, two}, 1, 32, 6)
	graph := w.table(w.tables(tensors...), w.uint32s(input), w.uint32s(out), w.tables(operators...))
	return w.file(w.table(scalar(3), w.tables(kinds...), w.tables(graph), nil, buffers))
}

// small writes a net in TFLite's format: one convolution of 1x1 over 3 x 2 pixels of
// i+1 channels, to two channels.
func small(i int) []byte {
	w := &writer{}
	channels := uint32(i + 1)
	one := func(n uint32) (b []byte) {
		for range n {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(1))
		}
		return b
	}
	tensor := func(buffer uint32, shape ...uint32) *object {
		return w.table(w.uint32s(shape...), nil, scalar(buffer))
	}
	options := w.table(byteField(1), scalar(1), scalar(1))
	operator := w.table(nil, w.uint32s(0, 1, 2), w.uint32s(3), byteField(1), options)
	graph := w.table(
		w.tables(tensor(0, 1, 3, 2, channels), tensor(1, 2, 1, 1, channels), tensor(2, 2), tensor(0, 1, 3, 2, 2)),
		w.uint32s(0), w.uint32s(3), w.tables(operator))
	buffers := w.tables(w.table(), w.table(w.bytes(one(2*channels))), w.table(w.bytes(one(2))))
	code := w.table(byteField(3), nil, nil, scalar(3))
	return w.file(w.table(scalar(3), w.tables(code), w.tables(graph), nil, buffers))
}
