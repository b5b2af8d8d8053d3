//go:build cgo && peers

package main

/*
#cgo LDFLAGS: -ljpeg
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <jpeglib.h>

struct errors {
	struct jpeg_error_mgr mgr;
	jmp_buf back;
};

static void fail(j_common_ptr c) { longjmp(((struct errors *)c->err)->back, 1); }
static void quiet(j_common_ptr c, int level) { if (level < 0) c->err->num_warnings++; }

// check_jpeg decodes at an eighth of the size, without upsampling and colours: a sample of a
// block is then its DC coefficient. What is left is the entropy decoder.
static int check_jpeg(const unsigned char *b, unsigned long n) {
	struct jpeg_decompress_struct c;
	struct errors e;
	static JSAMPLE sink[4][32][1 << 13];
	static JSAMPROW lines[4][32];
	JSAMPARRAY planes[4];
	c.err = jpeg_std_error(&e.mgr);
	e.mgr.error_exit = fail;
	e.mgr.emit_message = quiet;
	if (setjmp(e.back)) {
		jpeg_destroy_decompress(&c);
		return 1;
	}
	jpeg_create_decompress(&c);
	jpeg_mem_src(&c, b, n);
	jpeg_read_header(&c, TRUE);
	c.scale_num = 1;
	c.scale_denom = 8;
	c.raw_data_out = TRUE;
	jpeg_start_decompress(&c);
	for (int i = 0; i < 4; i++) {
		for (int y = 0; y < 32; y++) lines[i][y] = sink[i][y];
		planes[i] = lines[i];
	}
	while (c.output_scanline < c.output_height)
		if (jpeg_read_raw_data(&c, planes, 32) == 0) break;
	jpeg_finish_decompress(&c);
	jpeg_destroy_decompress(&c);
	return e.mgr.num_warnings ? 2 : 0;
}
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// turboJPEG decodes the entropy-coded data of a JPEG with libjpeg-turbo, and next to nothing
// else.
func turboJPEG(b []byte) error {
	if code := C.check_jpeg((*C.uchar)(unsafe.Pointer(unsafe.SliceData(b))), C.ulong(len(b))); code != 0 {
		return fmt.Errorf("check %d failed", code)
	}
	return nil
}
