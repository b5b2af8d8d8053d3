package heic

import "github.com/imgvet/imgvet/internal/verify"

// zeroRun is how many zero bytes at the end of what cannot end in zeros are taken
// for a file whose rest was never written: uploads and copies that break off
// after the space was reserved.
const zeroRun = 16

// endsInZeros tells whether data, which is not meant to, ends in zeros.
func endsInZeros(data *payload) bool {
	n := min(len(data.b), zeroRun)
	return n > 0 && !anyNonZero(data.b[len(data.b)-n:])
}

// endsInZero tells whether data stands at the end of the file, and its last byte is
// zero. No slice ends so (H.265, 7.3.2.11 and 7.3.2.10: a stop bit, or 0x03), and of
// a lost tail a byte may be enough.
func (f *file) endsInZero(data *payload) bool {
	n := len(data.spans)
	if n == 0 || len(data.b) == 0 || data.b[len(data.b)-1] != 0 {
		return false
	}
	last := data.spans[n-1]
	return last.at+last.n == len(f.b)
}

func lostTail(data *payload) error {
	return verify.Faultf(verify.Truncated, data.start(), "an item ends in zeros: its rest was never written")
}
