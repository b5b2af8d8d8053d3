package verify

// Weight is what a coded byte of a dense picture costs to verify, relative to the cheapest kind of
// coded data: units of one to three nanoseconds. docs/speed.md holds the figures, which BenchmarkWorst of
// each verifier measures.
type Weight int64

// Weights of a coded byte.
const (
	WeightBMP             Weight = 1
	WeightPNG             Weight = 3
	WeightJPEG            Weight = 4
	WeightWebPLossless    Weight = 6
	WeightJPEGProgressive Weight = 10
	WeightHEIC            Weight = 25
	WeightWebPLossy       Weight = 35
	WeightJPEGArithmetic  Weight = 80
)

// InflatedPerUnit is how many bytes that a PNG inflates to cost as much as a unit: of a picture
// that hardly compresses none of the time, of a bomb all of it.
const InflatedPerUnit = 16
