package nn

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/face/internal/tflite"
	"github.com/imgvet/imgvet/internal/testenv"
)

// nets are the weights' files.
var nets = map[string]string{
	"short": "../../weights/face_detection_short_range.tflite",
	"full":  "../../weights/face_detection_full_range.tflite",
}

func read(t testing.TB, name string) *tflite.Model {
	b, err := os.ReadFile(nets[name])
	require.NoError(t, err)
	m, err := tflite.Parse(b)
	require.NoError(t, err)
	return m
}

// TestNets holds the two nets to the naive twin.
func TestNets(t *testing.T) {
	if !testenv.Long() || testenv.Race {
		t.Skip("SKIPPED: a hundred million multiplications one by one")
	}
	for name := range nets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := read(t, name)
			rng := rand.New(rand.NewPCG(1, 2))
			input := make([]float32, m.Tensors[m.Inputs[0]].Elements())
			for i := range input {
				input[i] = 2*rng.Float32() - 1
			}
			requireEqual(t, m, input)
		})
	}
}

// builder makes small models.
type builder struct {
	tflite.Model
	rng *rand.Rand
}

// tensor adds a tensor; constants get random numbers.
func (b *builder) tensor(constant bool, shape ...int) int {
	v := tflite.Tensor{Shape: shape}
	if constant {
		for range v.Elements() {
			v.Data = binary.LittleEndian.AppendUint32(v.Data, math.Float32bits(2*b.rng.Float32()-1))
		}
	}
	b.Tensors = append(b.Tensors, v)
	return len(b.Tensors) - 1
}

// op adds an operation that makes a tensor of that shape.
func (b *builder) op(op tflite.Op, shape ...int) int {
	op.Outputs = []int{b.tensor(false, shape...)}
	b.Ops = append(b.Ops, op)
	return op.Outputs[0]
}

func (b *builder) shape(t int) []int { return b.Tensors[t].Shape }

// conv adds a convolution of k x k to n channels, with padding SAME.
func (b *builder) conv(in, n, k, stride int) int {
	s := b.shape(in)
	weights, bias := b.tensor(true, n, k, k, s[3]), b.tensor(true, n)
	return b.op(tflite.Op{Kind: tflite.Conv2D, Inputs: []int{in, weights, bias}, Same: true, StrideX: stride, StrideY: stride},
		1, (s[1]+stride-1)/stride, (s[2]+stride-1)/stride, n)
}

func (b *builder) depthwise(in, stride int) int {
	s := b.shape(in)
	weights, bias := b.tensor(true, 1, 3, 3, s[3]), b.tensor(true, s[3])
	return b.op(tflite.Op{Kind: tflite.DepthwiseConv2D, Inputs: []int{in, weights, bias}, Same: true, StrideX: stride, StrideY: stride},
		1, (s[1]+stride-1)/stride, (s[2]+stride-1)/stride, s[3])
}

// prelu adds an activation with random slopes.
func (b *builder) prelu(in int) int {
	slopes := b.tensor(true, 1, 1, b.shape(in)[3])
	return b.op(tflite.Op{Kind: tflite.PReLU, Inputs: []int{in, slopes}}, b.shape(in)...)
}

func (b *builder) relu(in int) int {
	return b.op(tflite.Op{Kind: tflite.ReLU, Inputs: []int{in}}, b.shape(in)...)
}

func (b *builder) add(x, y int) int {
	return b.op(tflite.Op{Kind: tflite.Add, Inputs: []int{x, y}}, b.shape(x)...)
}

// pad adds channels of zeros up to n.
func (b *builder) pad(in, n int) int {
	s := b.shape(in)
	pads := tflite.Tensor{Shape: []int{4, 2}, Type: tflite.Int32, Data: make([]byte, 32)}
	pads.Data[28] = byte(n - s[3])
	b.Tensors = append(b.Tensors, pads)
	return b.op(tflite.Op{Kind: tflite.Pad, Inputs: []int{in, len(b.Tensors) - 1}}, 1, s[1], s[2], n)
}

func (b *builder) pool(in int) int {
	s := b.shape(in)
	return b.op(tflite.Op{Kind: tflite.MaxPool2D, Inputs: []int{in}, Same: true, StrideX: 2, StrideY: 2, FilterX: 2, FilterY: 2},
		1, (s[1]+1)/2, (s[2]+1)/2, s[3])
}

func (b *builder) resize(in, h, w int) int {
	size := b.tensor(false, 2)
	return b.op(tflite.Op{Kind: tflite.ResizeBilinear, Inputs: []int{in, size}, HalfPixels: true}, 1, h, w, b.shape(in)[3])
}

// TestOperators holds every pattern to the naive twin, at sizes that no net has: odd, of
// one pixel, of channels that fill no register.
func TestOperators(t *testing.T) {
	for _, c := range []struct{ h, w, in, mid, out int }{
		{1, 1, 1, 1, 1}, {2, 3, 3, 5, 7}, {9, 7, 8, 8, 8}, {5, 1, 12, 20, 36}, {1, 9, 17, 16, 2}, {6, 6, 33, 8, 42}, {13, 11, 3, 24, 28}, {3, 8, 40, 4, 64},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			b := &builder{rng: rand.New(rand.NewPCG(uint64(c.h), uint64(c.in)))}
			input := b.tensor(false, 1, c.h, c.w, c.in)
			b.Inputs = []int{input}
			first := b.relu(b.conv(input, c.mid, 5, 1))
			same := b.relu(b.add(first, b.conv(b.depthwise(first, 1), c.mid, 1, 1)))
			var wider int
			if c.out > c.mid {
				wider = b.conv(b.depthwise(same, 1), c.out, 1, 1)
				wider = b.relu(b.add(b.pad(same, c.out), wider))
			} else {
				wider = b.relu(b.conv(b.depthwise(same, 1), c.out, 1, 1))
			}
			pooled := b.pool(wider)
			half := b.prelu(b.add(pooled, b.prelu(b.conv(b.depthwise(wider, 2), c.out, 1, 1))))
			strided := b.prelu(b.conv(wider, 3, 3, 2))
			other := b.prelu(b.add(b.pool(same), b.pool(first)))
			back := b.resize(half, c.h, c.w)
			sum := b.relu(b.add(back, wider))
			flat := b.op(tflite.Op{Kind: tflite.Reshape, Inputs: []int{sum}}, 1, c.h*c.w, c.out)
			joined := b.op(tflite.Op{Kind: tflite.Concatenation, Inputs: []int{flat, flat}, Axis: 1}, 1, 2*c.h*c.w, c.out)
			b.Outputs = []int{strided, joined, half, other}
			values := make([]float32, c.h*c.w*c.in)
			for i := range values {
				values[i] = 2*b.rng.Float32() - 1
			}
			requireEqual(t, &b.Model, values)
		})
	}
}

// TestCompileRefuses has models that would read or write outside a buffer, or that mean
// something else than a fused step computes.
func TestCompileRefuses(t *testing.T) {
	for name, edit := range map[string]func(b *builder, in int) int{
		"depthwise alone":     func(b *builder, in int) int { return b.depthwise(in, 1) },
		"pad alone":           func(b *builder, in int) int { return b.pad(in, 9) },
		"output of no size":   func(b *builder, in int) int { t := b.conv(in, 4, 3, 2); b.Tensors[t].Shape[1]++; return t },
		"kernel too deep":     func(b *builder, in int) int { t := b.conv(in, 4, 3, 2); b.Tensors[t-2].Shape[3]++; return t },
		"bias too long":       func(b *builder, in int) int { t := b.conv(in, 4, 3, 2); b.Tensors[t-1].Shape[0]++; return t },
		"kernel not constant": func(b *builder, in int) int { t := b.conv(in, 4, 3, 2); b.Tensors[t-2].Data = nil; return t },
		"1x1 with a stride":   func(b *builder, in int) int { return b.conv(in, 4, 1, 2) },
		"sum of two sizes":    func(b *builder, in int) int { return b.add(in, b.conv(in, 9, 3, 1)) },
		"reshape to more": func(b *builder, in int) int {
			return b.op(tflite.Op{Kind: tflite.Reshape, Inputs: []int{in}}, 1, 1000, 4)
		},
		"slopes of another size": func(b *builder, in int) int {
			t := b.prelu(b.conv(in, 4, 3, 2))
			b.Tensors[t-1].Shape[2]++
			return t
		},
		"slopes not constant": func(b *builder, in int) int {
			t := b.prelu(b.conv(in, 4, 3, 2))
			b.Tensors[t-1].Data = nil
			return t
		},
		"slopes of input":     func(b *builder, in int) int { return b.prelu(in) },
		"activation of input": func(b *builder, in int) int { return b.relu(in) },
		"pool loses channels": func(b *builder, in int) int { t := b.pool(in); b.Tensors[t].Shape[3]--; return t },
		"batch of two":        func(b *builder, in int) int { t := b.conv(in, 4, 3, 2); b.Tensors[t].Shape[0] = 2; return t },
		"no value":            func(b *builder, in int) int { return b.conv(b.tensor(false, 1, 4, 4, 4), 4, 3, 1) },
		"pad moves": func(b *builder, in int) int {
			t := b.pad(in, 9)
			b.Tensors[t-1].Data[0] = 1
			return b.add(t, b.conv(in, 9, 3, 1))
		},
		"writes twice": func(b *builder, in int) int {
			t := b.conv(in, 4, 3, 2)
			b.Ops = append(b.Ops, b.Ops[len(b.Ops)-1])
			return t
		},
		"too much work": func(b *builder, in int) int { return huge(b, in) },
		"resize without half": func(b *builder, in int) int {
			t := b.resize(in, 8, 8)
			b.Ops[len(b.Ops)-1].HalfPixels = false
			return t
		},
		"concat of other axis": func(b *builder, in int) int {
			return b.op(tflite.Op{Kind: tflite.Concatenation, Inputs: []int{in}, Axis: 2}, 1, 8, 4)
		},
	} {
		b := &builder{rng: rand.New(rand.NewPCG(1, 1))}
		in := b.tensor(false, 1, 8, 8, 4)
		b.Inputs = []int{in}
		b.Outputs = []int{edit(b, in)}
		for _, vector := range kernels() {
			_, err := compile(&b.Model, vector)
			require.Error(t, err, name)
		}
	}
}

// huge adds convolutions until they cost too much, none of which needs much memory.
func huge(b *builder, in int) int {
	t := b.conv(b.resize(in, 400, 400), 64, 3, 1)
	return b.conv(b.relu(t), 64, 5, 1)
}

// TestRunHonoursTheContext holds that a run ends between two layers.
func TestRunHonoursTheContext(t *testing.T) {
	n, err := Compile(read(t, "short"))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, n.Run(ctx, n.NewScratch()), context.Canceled)
}

func BenchmarkRun(b *testing.B) {
	for name := range nets {
		for _, vector := range kernels() {
			b.Run(fmt.Sprintf("%s/vector=%v", name, vector), func(b *testing.B) {
				n, err := compile(read(b, name), vector)
				require.NoError(b, err)
				s := n.NewScratch()
				best := time.Hour
				for b.Loop() {
					start := time.Now()
					require.NoError(b, n.Run(b.Context(), s))
					best = min(best, time.Since(start))
				}
				b.ReportMetric(float64(best.Microseconds())/1000, "min-ms")
			})
		}
	}
}
