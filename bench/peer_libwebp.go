//go:build cgo && peers

package main

/*
#cgo LDFLAGS: -lwebp
#include <webp/decode.h>

// check_webp decodes to YUV, or a lossless file to its ARGB.
static int check_webp(const uint8_t *b, size_t n) {
	WebPDecoderConfig c;
	if (!WebPInitDecoderConfig(&c) || WebPGetFeatures(b, n, &c.input) != VP8_STATUS_OK) return 1;
	c.output.colorspace = c.input.format == 2 ? MODE_BGRA : MODE_YUV;
	int code = WebPDecode(b, n, &c);
	WebPFreeDecBuffer(&c.output);
	return code;
}
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// libWebP decodes a WebP with libwebp, a lossy one without its conversion to RGB.
func libWebP(b []byte) error {
	if code := C.check_webp((*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(b))), C.size_t(len(b))); code != 0 {
		return fmt.Errorf("status %d", code)
	}
	return nil
}
