package hevc

import "github.com/imgvet/imgvet/internal/verify"

// checkSEI refuses an SEI NAL unit that ends in zeros and lacks its end: no decoder
// needs it, but no NAL unit ends in a zero byte (7.4.1, 7.3.2.11), and a file whose
// tail was never written may end in one. Zeros behind a whole SEI are padding.
func checkSEI(u Unit) error {
	n := len(u.Data)
	if u.Data[n-1] != 0 || seiWhole(u.Data) {
		return nil
	}
	return verify.Faultf(verify.Truncated, u.Offset+n, "SEI ends in zeros: its rest was never written")
}

// seiWhole tells whether sei_rbsp (7.3.2.4) has its trailing bits behind its last
// sei_message (7.3.5).
func seiWhole(nal []byte) bool {
	r := newBitReader(nal, 0)
	for r.err == nil {
		var size int
		for range 2 { // payload type, then payload size
			size = 0
			for b := uint32(0xff); b == 0xff && r.err == nil; {
				b = r.u(8)
				size += int(b)
			}
		}
		if size > len(nal) {
			return false
		}
		r.skip(8 * uint(size))
		end := r
		if end.trailingBits("SEI"); end.err == nil {
			return r.err == nil
		}
	}
	return false
}
