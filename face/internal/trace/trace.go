package trace

import (
	"context"

	"github.com/imgvet/imgvet/face/internal/signs"
)

// Candidate is what may be a face, and the scores, 0..1, of the looks at it.
type Candidate struct {
	Side     float64 // of its box, as part of the longer side of the picture
	Proposal float64 // of the net that proposed it
	Far      float64 // of the short-range net in a square of three times its side; 0 if it saw nothing
	Wide     float64 // of the full-range net in a square of four times its side; 0 if it saw nothing or did not look
	Score    float64 // of all looks together
	Doubt    float64 // by how much the looks had to be surer, as a logit
	Frame    bool    // it fills the frame
	Quarters int     // by how many quarters clockwise the picture was turned
	Signs    signs.Signs
}

type key struct{}

// With returns a context with which a search calls see for each candidate, in the order of the
// looks.
func With(ctx context.Context, see func(Candidate)) context.Context {
	return context.WithValue(ctx, key{}, see)
}

// Of returns the function that With was called with, or nil.
func Of(ctx context.Context) func(Candidate) {
	see, _ := ctx.Value(key{}).(func(Candidate))
	return see
}
