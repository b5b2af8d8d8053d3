//go:build cgo && (linux || darwin) && !imgvet_verdictonly

package heic

import (
	"encoding/binary"
	"fmt"
	"image"

	"github.com/jdeng/goheif/libde265"

	"github.com/imgvet/imgvet/internal/verify"
)

// errMonochrome is an ErrNoPixels; what that says in words is added by the parent.
var errMonochrome = noPixels("the decoder takes no monochrome pictures")

// noPixels is the reason of an ErrNoPixels, without its words.
type noPixels string

func (e noPixels) Error() string      { return string(e) }
func (noPixels) Is(target error) bool { return target == ErrNoPixels }

// decodeHEVC decodes one coded picture with libde265. It must run in a worker
// process only: the library is C++ and reads what a stranger sent.
//
// Each picture gets a decoder of its own, so that none can return what is left of
// another, and a copy of the planes, since the library frees its own
// (SafeEncoding in goheif).
func decodeHEVC(c *config, units [][]byte) (img *image.YCbCr, err error) {
	if c.sps.ChromaFormat == 0 {
		// The binding asks for chroma planes, and fails where there are none.
		return nil, errMonochrome
	}
	defer func() {
		if r := recover(); r != nil {
			img, err = nil, decoderFault(fmt.Errorf("panic: %v", r))
		}
	}()
	dec, err := libde265.NewDecoder(libde265.WithSafeEncoding(true))
	if err != nil {
		return nil, err
	}
	defer dec.Free()
	// The binding takes NAL units behind lengths of four bytes, whatever hvcC says.
	var stream []byte
	for _, u := range units {
		stream = binary.BigEndian.AppendUint32(stream, uint32(len(u)))
		stream = append(stream, u...)
	}
	out, err := dec.DecodeImage(stream)
	if err != nil {
		return nil, decoderFault(err)
	}
	ycc, ok := out.(*image.YCbCr)
	if !ok {
		return nil, decoderFault(fmt.Errorf("%T", out))
	}
	if err := checkPlanes(ycc, c); err != nil {
		return nil, decoderFault(err)
	}
	return ycc, nil
}

func decoderFault(err error) error {
	return &verify.Fault{Reason: verify.Malformed, Offset: -1, Text: "the decoder refuses the picture", Cause: err}
}
