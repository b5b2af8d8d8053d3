//go:build cgo && peers

package main

/*
#cgo LDFLAGS: -lheif
#include <libheif/heif.h>

// check_heif decodes the primary image, without a conversion of its colours.
static int check_heif(const void *b, size_t n) {
	struct heif_context *c = heif_context_alloc();
	struct heif_image_handle *h = NULL;
	struct heif_image *img = NULL;
	struct heif_error e = heif_context_read_from_memory_without_copy(c, b, n, NULL);
	heif_context_set_max_decoding_threads(c, 0);
	if (e.code == 0) e = heif_context_get_primary_image_handle(c, &h);
	if (e.code == 0) e = heif_decode_image(h, &img, heif_colorspace_undefined, heif_chroma_undefined, NULL);
	if (img) heif_image_release(img);
	if (h) heif_image_handle_release(h);
	heif_context_free(c);
	return e.code;
}
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// libHEIF decodes a HEIC with libheif, in one thread.
func libHEIF(b []byte) error {
	if code := C.check_heif(unsafe.Pointer(unsafe.SliceData(b)), C.size_t(len(b))); code != 0 {
		return fmt.Errorf("error %d", code)
	}
	return nil
}
