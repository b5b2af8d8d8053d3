package exif_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/exif"
)

// little is a TIFF stream whose IFD0 holds ImageDescription and Orientation 6.
const little = "II*\x00\x08\x00\x00\x00" + "\x02\x00" +
	"\x0e\x01\x02\x00\x04\x00\x00\x00abc\x00" +
	"\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00" +
	"\x00\x00\x00\x00"

// big is Orientation 8 in the other byte order.
const big = "MM\x00*\x00\x00\x00\x08" + "\x00\x01" +
	"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x08\x00\x00" +
	"\x00\x00\x00\x00"

func TestOrientation(t *testing.T) {
	require.Equal(t, 6, exif.Orientation([]byte(little)))
	require.Equal(t, 8, exif.Orientation([]byte(big)))
}

func TestOrientationUnreadable(t *testing.T) {
	edit := func(at int, b byte) []byte {
		e := []byte(big)
		e[at] = b
		return e
	}
	for name, b := range map[string][]byte{
		"empty":              nil,
		"no byte order":      edit(0, 'X'),
		"directory past end": edit(4, 0xff),
		"no entries":         edit(9, 0),
		"another tag":        edit(11, 0x13),
		"not a SHORT":        edit(13, 4),
		"two values":         edit(17, 2),
		"zero":               edit(19, 0),
		"nine":               edit(19, 9),
	} {
		require.Zero(t, exif.Orientation(b), name)
	}
}

func TestOrientationPrefixes(t *testing.T) {
	for i := range len(big) - len("\x00\x00\x00\x00") {
		require.Zero(t, exif.Orientation([]byte(big[:i])), "prefix of %d bytes", i)
	}
}
