package heif

import (
	"bytes"

	"github.com/imgvet/imgvet/internal/verify"
)

// zeroRun is how many zero bytes at the end of what cannot end in zeros are taken
// for a file whose rest was never written: uploads and copies that break off
// after the space was reserved.
const zeroRun = 16

// EndsInZeros tells whether data, which is not meant to, ends in zeros.
func EndsInZeros(data *Payload) bool {
	n := min(len(data.Bytes), zeroRun)
	return n > 0 && len(bytes.TrimLeft(data.Bytes[len(data.Bytes)-n:], "\x00")) == 0
}

// EndsInZero tells whether data stands at the end of the file, and its last byte is
// zero. No slice ends so (H.265, 7.3.2.11 and 7.3.2.10: a stop bit, or 0x03), and of
// a lost tail a byte may be enough.
func (f *File) EndsInZero(data *Payload) bool {
	n := len(data.Spans)
	if n == 0 || len(data.Bytes) == 0 || data.Bytes[len(data.Bytes)-1] != 0 {
		return false
	}
	last := data.Spans[n-1]
	return last.At+last.N == len(f.Bytes)
}

// LostTail is the fault of data that ends in zeros.
func LostTail(data *Payload) error {
	return verify.Faultf(verify.Truncated, data.Start(), "an item ends in zeros: its rest was never written")
}
