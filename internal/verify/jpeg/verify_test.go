package jpeg

import (
	"bytes"
	"image/jpeg"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
)

func TestGoodFiles(t *testing.T) {
	for _, f := range goodFiles(t) {
		info, err := Verify(f.data, lim)
		require.NoError(t, err, f.name)
		cfg, err := jpeg.DecodeConfig(bytes.NewReader(f.data))
		if err == nil { // image/jpeg does not know arithmetic coding
			require.Equal(t, cfg.Width, info.Width, f.name)
			require.Equal(t, cfg.Height, info.Height, f.name)
		}
		require.Equal(t, 1, info.Frames, f.name)
	}
}

// Every cut of a good file has lost at least its EOI. A cut after the EOI has lost a further
// picture, which is a warning.
func TestPrefixesAreTruncated(t *testing.T) {
	testenv.OneGoroutine(t)
	for _, f := range goodFiles(t) {
		step := 1 + len(f.data)/500
		for n := 0; n < len(f.data); n++ {
			if n%step != 0 && n < len(f.data)-64 {
				continue
			}
			info, err := Verify(f.data[:n], lim)
			if err == nil {
				require.NotEmpty(t, info.Warnings, "%s cut to %d bytes", f.name, n)
				require.Equal(t, verify.BadAuxiliary, info.Warnings[0].Reason, "%s cut to %d bytes", f.name, n)
				continue
			}
			require.Equal(t, verify.Truncated, reason(t, err), "%s cut to %d bytes: %v", f.name, n, err)
		}
	}
}

func TestPixelLimit(t *testing.T) {
	f := goodFiles(t)[0]
	info, err := Verify(f.data, lim)
	require.NoError(t, err)
	pixels := int64(info.Width) * int64(info.Height)
	for _, c := range []struct {
		max  int64
		want verify.Reason
	}{{pixels - 1, verify.TooManyPixels}, {pixels, ""}, {pixels + 1, ""}} {
		_, err := Verify(f.data, verify.Limits{MaxPixels: c.max})
		require.Equal(t, c.want, reason(t, err))
	}
}
