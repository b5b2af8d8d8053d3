//go:build !purego

package inflate

const (
	// Every arm64 processor can run vectorSum.
	hasVectorSum = true
	// vectorGroup is how many bytes vectorSum adds at a time.
	vectorGroup = 64
)

// vectorSum returns the sum of n bytes at p, and the sum of those bytes by how many come from
// each to the last: n times the first, once the last. n is a multiple of vectorGroup, at least
// that and at most bufferSize.
//
//go:noescape
func vectorSum(p *byte, n int) (sum, weighted uint64)
