package validate_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

func TestProblemsAreToldAllAtOnce(t *testing.T) {
	bad := validate.Options{
		MaxBytes:  -1,
		MaxPixels: -1,
		Formats:   []detect.Format{detect.PNG, "gif", detect.Unknown},
		Checks:    []validate.Check{nil},
	}
	err := bad.Problems()
	require.Error(t, err)
	for _, part := range []string{"MaxBytes", "MaxPixels", "Formats[1]", "Formats[2]", "Checks[0]"} {
		require.ErrorContains(t, err, part)
	}
	require.Error(t, validate.Options{Formats: []detect.Format{}}.Problems())
	require.Error(t, validate.Options{MaxBytes: 1 << 40}.Problems())

	require.ErrorContains(t, validate.Options{Faces: validate.FacePresence(nil)}.Problems(), "Faces")
	require.NoError(t, validate.Options{}.Problems())
	require.NoError(t, validate.Options{MaxBytes: 1, MaxPixels: 1, Formats: []detect.Format{detect.HEIC}}.Problems())
}

func TestBadOptionsAreNoVerdict(t *testing.T) {
	bad := validate.Options{MaxBytes: -1}
	png := good(t, "png")
	for name, call := range ways(t, png) {
		res, err := call(context.Background(), bad)
		require.NotNil(t, res, name)
		requireOperational(t, err, name)
	}
}

// TestZeroOptionsAreTheDefaults checks that the zero value equals the documented defaults.
func TestZeroOptionsAreTheDefaults(t *testing.T) {
	explicit := validate.Options{
		MaxBytes:  validate.MaxBytes,
		MaxPixels: validate.DefaultMaxPixels,
		Formats:   []detect.Format{detect.PNG, detect.JPEG, detect.HEIC, detect.BMP, detect.WebP},
	}
	for _, b := range [][]byte{
		good(t, "png"), bmp(10000, 10000)[:54], padded(good(t, "png"), validate.MaxBytes-1), padded(good(t, "png"), validate.MaxBytes),
		bytes.Repeat([]byte{0}, validate.MaxBytes), {},
	} {
		r1, err1 := validate.Bytes(context.Background(), b, validate.Options{})
		r2, err2 := validate.Bytes(context.Background(), b, explicit)
		require.Equal(t, r1, r2)
		require.Equal(t, err1, err2)
	}
}
