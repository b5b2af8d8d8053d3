//go:build (!amd64 && !arm64) || purego

package inflate

// There is no vectorSum for this processor.
const (
	hasVectorSum = false
	vectorGroup  = 64
)

func vectorSum(*byte, int) (sum, weighted uint64) { return 0, 0 }
