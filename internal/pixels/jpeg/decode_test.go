package jpeg_test

import (
	"bytes"
	gojpeg "image/jpeg"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
	verifyjpeg "github.com/imgvet/imgvet/internal/verify/jpeg"
)

// At full size the planes are those of image/jpeg, except for the rounding of the two inverse
// transforms.
func TestEqualsImageJPEG(t *testing.T) {
	compared := 0
	for _, f := range goodFiles(t) {
		want, err := gojpeg.Decode(bytes.NewReader(f.data))
		got := decode(t, f.name, f.data, 1)
		if err != nil {
			continue // TestVariants has these
		}
		compared++
		require.IsType(t, want, got, f.name)
		require.Equal(t, want.Bounds(), got.Bounds(), f.name)
		require.Equal(t, want.ColorModel(), got.ColorModel(), f.name)
		wants, wantSizes := planesOf(t, want)
		gots, gotSizes := planesOf(t, got)
		require.Equal(t, wantSizes, gotSizes, f.name)
		for i := range wants {
			mean, largest := difference(wants[i], gots[i])
			limit := 1
			if len(wants) == 4 {
				limit = 2 // of YCCK, whose conversion magnifies
			}
			if largest > limit || mean > 0.1 {
				t.Errorf("%s: plane %d: mean %.3f, largest %d", f.name, i, mean, largest)
			}
		}
	}
	require.GreaterOrEqual(t, compared, 55)
}

// The files that image/jpeg cannot decode are those that libjpeg-turbo shows.
func TestBuiltFilesAreGood(t *testing.T) {
	for _, f := range builtFiles() {
		_, err := verifyjpeg.Verify(f.data, verify.Limits{MaxPixels: 1 << 20})
		require.NoError(t, err, f.name)
		holds(t, f.data)
	}
}
