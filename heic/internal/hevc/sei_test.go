package hevc

import (
	"slices"
	"testing"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/stretchr/testify/require"
)

// An SEI behind the slices is not needed; but one whose end is zeros is the lost
// tail of a file.
func TestSEIBehindTheSlices(t *testing.T) {
	v := vectors(t)[0]
	for _, c := range []struct {
		name string
		sei  []byte
		ok   bool
	}{
		{"whole", []byte{0x50, 1, 132, 3, 9, 8, 7, 0x80}, true},
		{"two messages", []byte{0x50, 1, 132, 3, 9, 8, 7, 0xff, 1, 1, 5, 0x80}, true},
		{"padded", []byte{0x50, 1, 132, 3, 9, 8, 7, 0x80, 0, 0, 0}, true},
		{"two messages, padded", []byte{0x50, 1, 132, 3, 9, 8, 7, 0xff, 1, 1, 5, 0x80, 0}, true},
		{"ends in zeros that are escaped", []byte{0x50, 1, 132, 3, 0, 0, 3, 0, 0x80, 0}, true},
		{"odd, but not in zeros", []byte{0x50, 1, 132, 200, 9}, true},
		{"no stop bit", []byte{0x50, 1, 132, 3, 9, 8, 7, 0}, false},
		{"zeroed payload", []byte{0x50, 1, 132, 3, 9, 0, 0, 0}, false},
		{"zeroed size", []byte{0x50, 1, 132, 0, 0, 0, 0, 0}, false},
		{"size that is not there", []byte{0x50, 1, 132, 0xff, 0xff, 0xff, 1, 0}, false},
		{"nothing but zeros", []byte{0x50, 1, 0, 0}, false},
	} {
		_, err := verifyItem(codedItem{v.sets, append(slices.Clone(v.units), Unit{Data: c.sei, Offset: 1 << 20})})
		if c.ok {
			require.NoError(t, err, c.name)
			continue
		}
		requireFault(t, err, verify.Truncated)
	}
}
