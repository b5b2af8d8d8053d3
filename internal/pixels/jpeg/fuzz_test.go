package jpeg_test

import (
	"context"
	"errors"
	"image"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/internal/pixels/jpeg"
	"github.com/imgvet/imgvet/internal/verify"
	verifyjpeg "github.com/imgvet/imgvet/internal/verify/jpeg"
)

const (
	minSeeds = 60 // how many seeds a fuzz run must start from
	// Decode allocates by the header's size, which its caller has checked.
	fuzzPixels = 1 << 20
)

// FuzzDecode holds what no input may break: Decode does not panic, gives its errors
// as Faults, and decodes what the verifier accepts at every scale, to the right size.
func FuzzDecode(f *testing.F) {
	seeds := 0
	for i, file := range goodFiles(f) {
		if len(file.data) > 40<<10 {
			continue
		}
		f.Add(file.data)
		f.Add(fuzz.Corrupt(uint64(i), file.data))
		seeds += 2
	}
	for _, c := range builtFiles() {
		f.Add(c.data)
		seeds++
	}
	require.GreaterOrEqual(f, seeds, minSeeds)
	f.Fuzz(func(t *testing.T, data []byte) { holds(t, data) })
}

// holds checks the properties of FuzzDecode.
func holds(t testing.TB, data []byte) {
	t.Helper()
	info, refusal := verifyjpeg.Verify(data, verify.Limits{MaxPixels: fuzzPixels})
	if int64(info.Width)*int64(info.Height) > fuzzPixels {
		return
	}
	for _, scale := range []int{1, 2, 4, 8} {
		img, err := jpeg.Decode(context.Background(), data, scale)
		if refusal == nil {
			require.NoError(t, err, "at 1/%d", scale)
		}
		if err != nil {
			var fault *verify.Fault
			require.True(t, errors.As(err, &fault), "%v", err)
			require.LessOrEqual(t, fault.Offset, int64(len(data)))
			continue
		}
		require.Equal(t, image.Rect(0, 0, (info.Width+scale-1)/scale, (info.Height+scale-1)/scale), img.Bounds())
		planesOf(t, img) // every sample can be read
	}
}
