package webp

import (
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/imgvet/imgvet/internal/verify/webp/vp8"
	"github.com/imgvet/imgvet/internal/verify/webp/vp8l"
)

// The work that a file may cost, in steps of 3 to 6 nanoseconds: a coefficient of VP8 passed, or
// a run of pixels of VP8L that take no bits. Photographs take 3 to 7 steps a byte, smooth
// gradients 23 on few bytes. But a coefficient may take as little as 1/180 of a bit, and a pixel
// none, so the number of bytes alone does not bound the time.
const (
	workBase    = 1 << 23
	workPerByte = 16
)

// image verifies a coded picture of width x height pixels, and its alpha plane if alph.id is not
// 0.
func (v *verifier) image(c, alph chunk, width, height int) error {
	if err := verify.CheckSize(int64(width), int64(height), v.lim, c.dataAt()); err != nil {
		return err
	}
	v.info.Facts.BitDepth = 8
	v.info.Facts.Alpha = v.info.Facts.Alpha || alph.id != 0 || c.id == fccVP8L && usesAlpha(c.coded.B)
	if c.id == fccVP8L {
		if alph.id != 0 {
			return verify.Faultf(verify.Malformed, alph.at, "ALPH before VP8L, which has its own alpha")
		}
		return v.lossless(c.coded.From(vp8l.HeaderSize), c.dataAt()+vp8l.HeaderSize, width, height)
	}
	if alph.id != 0 {
		if err := v.alpha(alph, width, height); err != nil {
			return err
		}
	}
	return v.lossy(c)
}

// usesAlpha reads alpha_is_used of a VP8L header (RFC 9649 section 3.4), which viewers obey.
func usesAlpha(header []byte) bool { return header[4]&0x10 != 0 }

// imageSize reads the size in the picture's own header.
func (v *verifier) imageSize(c *chunk) (width, height int, err error) {
	if c.id == fccVP8L {
		c.coded.Reach(vp8l.HeaderSize)
		h, err := vp8l.ReadHeader(c.coded.B, c.dataAt())
		return h.Width, h.Height, err
	}
	c.coded.Reach(vp8.HeaderSize)
	h, err := vp8.ReadHeader(c.coded.B, c.dataAt())
	if err == nil && h.Scaled {
		v.info.Warn(verify.ReservedValue, int64(c.dataAt()+7), "VP8: asks to be scaled up, which no viewer does")
	}
	return h.Width, h.Height, err
}

func (v *verifier) lossy(c chunk) error {
	if !v.in.Spend(int64(c.coded.Len()), verify.WeightWebPLossy, c.dataAt()) {
		return v.in.Err()
	}
	res, err := vp8.Verify(v.in, c.coded, c.dataAt())
	if err != nil {
		return err
	}
	if res.Reserved {
		v.info.Warn(verify.ReservedValue, int64(c.dataAt()), "VP8: reserved colour space")
	}
	if res.Surplus {
		v.info.Warn(verify.TrailingData, int64(c.dataAt()), "VP8: data after the end of a partition")
	}
	return nil
}

// lossless verifies the bitstream p, which is at offset base of the file.
func (v *verifier) lossless(p verify.Section, base, width, height int) error {
	if !v.in.Spend(int64(p.Len()), verify.WeightWebPLossless, base) {
		return v.in.Err()
	}
	used, err := vp8l.Verify(v.in, p, base, width, height)
	if err != nil {
		return err
	}
	// Padding is shorter than 8 bytes.
	if p.Reach(min(p.Len(), used+8)); !isPadding(p.B[min(used, len(p.B)):]) {
		v.info.Warn(verify.TrailingData, int64(base+used), "data after the end of a lossless bitstream")
	}
	return nil
}

// isPadding reports whether p may come from an encoder that writes its bits in words of up to
// 64.
func isPadding(p []byte) bool {
	for _, c := range p {
		if c != 0 {
			return false
		}
	}
	return len(p) < 8
}

// alphaHeaderSize is the size of the byte before the alpha plane.
const alphaHeaderSize = 1

// alpha verifies an ALPH chunk (RFC 9649 section 2.7.1.2).
func (v *verifier) alpha(c chunk, width, height int) error {
	if len(c.data) <= alphaHeaderSize {
		return verify.Faultf(verify.Truncated, c.dataAt()+len(c.data), "ALPH: no data")
	}
	header, data := c.data[0], c.data[alphaHeaderSize:]
	compression, preprocessing, reserved := header&3, header>>4&3, header>>6
	// libwebp refuses the unknown values, and the reserved bits too, which RFC 9649 tells
	// readers to ignore. All four filters are known.
	switch {
	case compression > 1:
		return verify.Faultf(verify.Malformed, c.dataAt(), "ALPH: compression %d", compression)
	case preprocessing > 1:
		return verify.Faultf(verify.Malformed, c.dataAt(), "ALPH: preprocessing %d", preprocessing)
	case reserved != 0:
		return verify.Faultf(verify.Malformed, c.dataAt(), "ALPH: reserved bits %d", reserved)
	}
	if compression == 1 {
		at := c.dataAt() + alphaHeaderSize
		return v.lossless(v.in.Section(at, at+len(data)), at, width, height)
	}
	if n := int64(width) * int64(height); int64(len(data)) < n {
		return verify.Faultf(verify.Truncated, c.dataAt()+len(c.data), "ALPH: %d bytes of %d", len(data), n)
	} else if int64(len(data)) > n {
		v.info.Warn(verify.TrailingData, int64(c.dataAt())+alphaHeaderSize+n, "ALPH: data after the alpha plane")
	}
	return nil
}
