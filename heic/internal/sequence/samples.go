package sequence

import (
	"encoding/binary"

	"github.com/imgvet/imgvet/heic/internal/heif"
	"github.com/imgvet/imgvet/internal/verify"
)

// verify checks that every sample lies in the file, and of HEVC samples that they
// are cut into NAL units to their last byte. They may be pictures predicted from
// others, and are not read further.
func (t *track) verify(b []byte, shared *int64) error {
	if t.external {
		return nil
	}
	var odd error
	sample := int64(0)
	runs, each := t.runs, int64(0)
	for i := range t.chunkCount() {
		if len(runs) > 0 && int64(binary.BigEndian.Uint32(runs)) == i+1 {
			each, runs = int64(binary.BigEndian.Uint32(runs[4:])), runs[runSize:]
		}
		// parseRuns has checked that all chunks together hold t.samples.
		last := sample + each
		total := each * t.fixed // both are below 2^32: the product may be negative, but not wrap to a small one
		if t.fixed == 0 {
			for j := sample; j < last; j++ {
				total += t.size(j)
			}
		}
		at := t.chunk(i)
		if left := uint64(len(b)); at > left || total < 0 || uint64(total) > left-at {
			return verify.Faultf(verify.Truncated, len(b), "chunk %d of an image sequence reaches past the end of the file", i+1)
		}
		if t.unitSize == 0 {
			sample = last
			continue
		}
		// Samples may share bytes; many that do must not cost more than the file.
		if *shared -= total; *shared >= 0 {
			err := t.verifyChunk(b, int64(at), sample, last)
			if isTruncated(err) {
				return err
			}
			if odd == nil {
				odd = err
			}
		}
		sample = last
	}
	return odd
}

// verifyChunk looks at the HEVC samples first..last-1, which lie in the file from
// at on.
func (t *track) verifyChunk(b []byte, at, first, last int64) error {
	var odd error
	for i := first; i < last; i++ {
		n := t.size(i)
		data := b[at : at+n : at+n]
		p := heif.Payload{Bytes: data, Spans: []heif.Span{{At: int(at), N: int(n)}}}
		at += n
		if heif.EndsInZeros(&p) {
			return heif.LostTail(&p)
		}
		if odd == nil && !wholeUnits(data, t.unitSize) {
			odd = verify.Faultf(verify.Malformed, p.Start(), "sample %d is not cut into NAL units", i+1)
		}
	}
	return odd
}

// wholeUnits tells whether NAL units of two bytes at least, with their lengths,
// fill b (14496-15, 4.3.2).
func wholeUnits(b []byte, lengthSize int) bool {
	for len(b) > 0 {
		if len(b) < lengthSize {
			return false
		}
		n := uint64(0)
		for _, v := range b[:lengthSize] {
			n = n<<8 | uint64(v)
		}
		b = b[lengthSize:]
		if n < 2 || n > uint64(len(b)) {
			return false
		}
		b = b[n:]
	}
	return true
}
