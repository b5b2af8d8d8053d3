package signs

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Signs are the logits of what the features say of a face. A sign is told where it is above 0:
// the fit moved each bias to where it errs rarely enough.
type Signs struct {
	Eyes  float64 // the eyes are covered: sunglasses, a hand, a blindfold
	Mouth float64 // mouth and nose are covered: a mask, a veil, a hand
	Paint float64 // the skin is painted or tattooed
	Drawn float64 // the face is drawn: a cartoon, an avatar
}

// Covered returns the surest of the signs that something is over the face, or 0 if there is none.
func (s Signs) Covered() float64 { return max(0, s.Eyes, s.Mouth, s.Paint) }

// count is how many signs there are.
const count = 4

// all returns pointers to the signs, in the order of a file of weights.
func (s *Signs) all() [count]*float64 { return [count]*float64{&s.Eyes, &s.Mouth, &s.Paint, &s.Drawn} }

// Heads are the logistic regressions, one for each sign. They never change.
type Heads struct {
	weights [count][]float32
	bias    [count]float64
}

// A file of weights holds for each sign the bias as a float32 and then the weight of each feature as a
// bfloat16, the upper half of a float32; all little-endian.
const biasBytes, weightBytes = 4, 2

// Parse reads a file of weights for so many features.
func Parse(b []byte, features int) (*Heads, error) {
	if want := count * (biasBytes + weightBytes*features); len(b) != want {
		return nil, fmt.Errorf("signs: weights of %d bytes, not %d", len(b), want)
	}
	h := &Heads{}
	for i := range count {
		h.bias[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
		b = b[biasBytes:]
		h.weights[i] = make([]float32, features)
		for k := range h.weights[i] {
			h.weights[i][k] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16)
			b = b[weightBytes:]
		}
	}
	return h, nil
}

// Append appends a regression to a file of weights, in the order of Signs.
func Append(b []byte, bias float64, weights []float64) []byte {
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(bias)))
	for _, w := range weights {
		bits := math.Float32bits(float32(w))
		b = binary.LittleEndian.AppendUint16(b, uint16((bits+0x7FFF+bits>>16&1)>>16)) // to the nearest
	}
	return b
}

// Of returns the signs of a face with these features.
func (h *Heads) Of(features []float32) Signs {
	var s Signs
	for i, z := range s.all() {
		*z = h.bias[i]
		for k, w := range h.weights[i] {
			*z += float64(w) * float64(features[k])
		}
	}
	return s
}
