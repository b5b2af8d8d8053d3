//go:build cgo && peers

package main

/*
#cgo LDFLAGS: -ldeflate
#include <libdeflate.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct libdeflate_decompressor *decompressor;
static uint8_t *joined, *rows; // kept from call to call, so that no call waits for fresh pages
static size_t joined_size, rows_size;

static uint32_t be32(const uint8_t *p) {
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int room(uint8_t **p, size_t *have, size_t need) {
	if (*have >= need) return 1;
	free(*p);
	*have = (*p = malloc(need)) ? need : 0;
	return *have != 0;
}

// pass checks the filter bytes of rows of the given number of bits, and returns where they end.
static const uint8_t *pass(const uint8_t *p, const uint8_t *end, size_t bits, size_t height) {
	size_t step = 1 + (bits + 7) / 8;
	if (bits == 0 || height == 0) return p;
	if (p == NULL || (size_t)(end - p) < step * height) return NULL;
	for (; height > 0; height--, p += step)
		if (*p > 4) return NULL;
	return p;
}

// check_png returns 0 if the chunks, their CRC-32, the zlib stream, its Adler-32 and the filter
// bytes are right.
static int check_png(const uint8_t *b, size_t n) {
	static const uint8_t samples[7] = {1, 0, 3, 1, 2, 0, 4};
	static const uint8_t x0[7] = {0, 4, 0, 2, 0, 1, 0}, dx[7] = {8, 8, 4, 4, 2, 2, 1};
	static const uint8_t y0[7] = {0, 0, 4, 0, 2, 0, 1}, dy[7] = {8, 8, 8, 4, 4, 2, 2};
	size_t at = 8, used = 0, pieces = 0, got;
	const uint8_t *data = NULL, *ihdr = b + 16, *p;
	if (decompressor == NULL) decompressor = libdeflate_alloc_decompressor();
	if (decompressor == NULL || n < 57 || !room(&joined, &joined_size, n)) return 1;
	for (;;) {
		uint32_t length;
		if (n - at < 12) return 2;
		length = be32(b + at);
		if (length > n - at - 12) return 3;
		if (libdeflate_crc32(0, b + at + 4, length + 4) != be32(b + at + 8 + length)) return 4;
		if (memcmp(b + at + 4, "IDAT", 4) == 0) {
			if (pieces++ == 0) data = b + at + 8;
			else {
				if (pieces == 2) memcpy(joined, data, used), data = joined;
				memcpy(joined + used, b + at + 8, length);
			}
			used += length;
		} else if (memcmp(b + at + 4, "IEND", 4) == 0) break;
		at += 12 + length;
	}
	size_t width = be32(ihdr), height = be32(ihdr + 4), bits = (size_t)samples[ihdr[9] % 7] * ihdr[8];
	size_t need = (1 + (width * bits + 7) / 8) * height + 16 * (width + height);
	if (!room(&rows, &rows_size, need)) return 1;
	if (libdeflate_zlib_decompress(decompressor, data, used, rows, need, &got) != LIBDEFLATE_SUCCESS) return 5;
	p = rows;
	if (ihdr[12] == 0) p = pass(p, rows + got, width * bits, height);
	else for (int i = 0; i < 7; i++)
		p = pass(p, rows + got, (width + dx[i] - 1 - x0[i]) / dx[i] * bits, (height + dy[i] - 1 - y0[i]) / dy[i]);
	return p == rows + got ? 0 : 6;
}
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// deflatePNG checks a PNG with libdeflate: CRC-32 of each chunk, inflation with Adler-32 into
// memory that is kept, and the filter bytes.
func deflatePNG(b []byte) error {
	if code := C.check_png((*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(b))), C.size_t(len(b))); code != 0 {
		return fmt.Errorf("check %d failed", code)
	}
	return nil
}
