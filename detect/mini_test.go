package detect_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
)

// A file in the low-overhead structure of HEIF is described as a picture that is not taken, not
// as video.
func TestMiniIsNamed(t *testing.T) {
	for _, ftyp := range []string{
		"\x00\x00\x00\x10ftypmif3heic", "\x00\x00\x00\x14ftypmif3heicheic", "\x00\x00\x00\x14ftypmif3avifmif3",
	} {
		head := []byte(ftyp + "\x00\x00\x00\x20mini\x08" + strings.Repeat("\x00", 23))
		require.Equal(t, detect.Unknown, detect.Detect(head), "%q", ftyp)
		require.Equal(t, "image/heif", detect.Describe(head), "%q", ftyp)
	}
}
