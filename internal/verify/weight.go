package verify

// Weight is what a coded byte costs to verify, relative to the cheapest kind of coded data. The
// densest legal file of each kind was measured: BenchmarkWorstPerMiB of package validate repeats
// that, and docs/speed.md holds the figures.
type Weight int64

// Weights of a coded byte.
const (
	WeightBMP             Weight = 1
	WeightJPEG            Weight = 2
	WeightJPEGProgressive Weight = 3
	WeightPNG             Weight = 3
	WeightWebPLossless    Weight = 6
	WeightWebPLossy       Weight = 12
	WeightHEIC            Weight = 12
	WeightJPEGArithmetic  Weight = 24
)
