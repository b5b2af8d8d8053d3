package dib

import (
	"math"

	"github.com/imgvet/imgvet/internal/cursor"
	"github.com/imgvet/imgvet/internal/verify"
)

// Values of biCompression.
const (
	RGB            = 0  // rows of pixels, no coding
	RLE8           = 1  // runs of bytes
	RLE4           = 2  // runs of half bytes
	BitFields      = 3  // rows of pixels with channels given by masks; OS/2 v2: Huffman 1D
	JPEG           = 4  // OS/2 v2: RLE24
	PNG            = 5  //
	AlphaBitFields = 6  // BitFields with a fourth mask (Windows CE)
	firstCMYK      = 11 // BI_CMYK, BI_CMYKRLE8 and BI_CMYKRLE4: for printer drivers
	lastCMYK       = 13
)

// Sizes in bytes, and limits.
const (
	fileHeaderSize = 14
	sizeOS2v1      = 12  // BITMAPCOREHEADER
	minSizeOS2v2   = 16  // BITMAPINFOHEADER2, which may be cut short
	maxSizeOS2v2   = 64  //
	sizeInfo       = 40  // BITMAPINFOHEADER
	sizeV2         = 52  // with masks of red, green and blue
	sizeV3         = 56  // with a mask of alpha
	sizeV4         = 108 // BITMAPV4HEADER
	sizeV5         = 124 // BITMAPV5HEADER

	// Above maxSide Chromium shows nothing (width and height), nor does Firefox (width).
	maxSide = 1<<16 - 1

	// HeadSize is more than the headers, masks and palette take.
	HeadSize = fileHeaderSize + sizeV5 + 4*256

	maxPad = 3 // zeros after the pixels that need no warning
)

// Offsets in the file of fields that faults point at.
const (
	atFileSize    = 2
	atDataOffset  = 10
	atHeaderSize  = 14
	atSize        = 18 // width, then height
	atPlanes12    = 22 // after a BITMAPCOREHEADER's two short sides
	atPlanes      = 26
	atBits12      = 24
	atBits        = 28
	atCompression = 30
	atImageSize   = 34
	atClrUsed     = 46
	atMasks       = 54 // in headers of 52 bytes and more, or after one of 40
	atCSType      = 70
	atProfile     = 126 // offset and size of the profile, in a BITMAPV5HEADER
)

// Header is the contents of a BMP file's headers, checked against each other and against the
// length of the file.
type Header struct {
	Width, Height int // 1 to 65535 each
	TopDown       bool
	Bits          int    // per pixel: 1, 2, 4, 8, 16, 24, 32
	Compression   uint32 // RGB, RLE8, RLE4, BitFields or AlphaBitFields

	// Palette holds the colours of a picture of 8 bits or fewer, PaletteStep bytes each: blue,
	// green, red and perhaps an unused byte. It may have fewer colours than the bits can index.
	// It aliases the file.
	Palette     []byte
	PaletteStep int // 3 or 4

	// Masks are the bits of red, green, blue and alpha in a pixel of 16 bits or more. Each is
	// one run of bits, and no two overlap. 0 means that the channel is missing.
	Masks [4]uint32

	Profile []byte // the embedded colour profile, nil if there is none; aliases the file

	Lenient bool // run-length codes need no end of bitmap if they leave out no pixel

	Data      int   // offset of the pixels, inside the file
	RowSize   int64 // bytes from one row to the next; 0 for run-length codes
	imageSize int64 // biSizeImage: 0 if not stated
	end       int64 // end of the profile after the pixels, 0 if there is none
	fileSize  int64 // bfSize
	size      int   // of the info header
	os2       bool  // one of the OS/2 headers
}

// IsRLE reports whether the pixels are run-length codes.
func (h *Header) IsRLE() bool { return h.Compression == RLE8 || h.Compression == RLE4 }

// Parse reads the headers of b and, unless the pixels are run-length codes, checks that every
// row is present. It fills in info's size and warnings. The error is a [*verify.Fault].
func Parse(b []byte, lim verify.Limits, info *verify.Info) (Header, error) {
	h := Header{Lenient: lim.Lenient}
	c := cursor.New(b, 0)
	if sig := c.Bytes(2, "BMP signature"); sig != nil && string(sig) != "BM" {
		return h, verify.Faultf(verify.Malformed, 0, "no BMP signature")
	}
	h.fileSize = int64(c.Uint32LE("bfSize"))
	c.Skip(4, "bfReserved")
	data := int64(c.Uint32LE("bfOffBits"))
	size := c.Uint32LE("biSize")
	if err := c.Err(); err != nil {
		return h, err
	}
	if err := h.setSize(size); err != nil {
		return h, err
	}
	clrUsed, err := h.readInfo(b, lim, info)
	if err != nil {
		return h, err
	}
	at := fileHeaderSize + h.size
	if h.Bits >= 16 {
		at, err = h.readMasks(b, at, info)
	} else {
		at, err = h.readPalette(b, at, clrUsed, data, info)
	}
	if err != nil {
		return h, err
	}
	// Chromium reads 0 as "right after the headers", Firefox refuses it.
	if data < int64(at) {
		return h, verify.Faultf(verify.Malformed, atDataOffset, "pixels at %d, inside the %d bytes of headers", data, at)
	}
	if err := h.readProfile(b); err != nil {
		return h, err
	}
	return h, h.placeRows(b, data, info)
}

// setSize determines the kind of header from its size.
func (h *Header) setSize(size uint32) error {
	switch {
	case size == sizeInfo, size == sizeV2, size == sizeV3, size == sizeV4, size == sizeV5:
	case size == sizeOS2v1:
		h.os2 = true
	// Chromium's list of the lengths to which an OS/2 v2 header may be cut.
	case size >= minSizeOS2v2 && size <= maxSizeOS2v2 && (size%4 == 0 || size == 42 || size == 46):
		h.os2 = true
	default:
		return verify.Faultf(verify.Unsupported, atHeaderSize, "info header of %d bytes", size)
	}
	h.size = int(size)
	return nil
}

// readInfo reads the info header up to biClrUsed, which it returns.
func (h *Header) readInfo(b []byte, lim verify.Limits, info *verify.Info) (clrUsed uint32, err error) {
	c := cursor.New(b, 0)
	c.Skip(fileHeaderSize, "file header")
	c = c.Sub(h.size, "info header")
	c.Skip(4, "biSize")
	var (
		width, height    int64
		planes           uint16
		planesAt, bitsAt = atPlanes, atBits
	)
	if h.size == sizeOS2v1 {
		width, height = int64(c.Uint16LE("bcWidth")), int64(c.Uint16LE("bcHeight"))
		planesAt, bitsAt = atPlanes12, atBits12
	} else {
		width, height = int64(int32(c.Uint32LE("biWidth"))), int64(int32(c.Uint32LE("biHeight")))
	}
	planes, h.Bits = c.Uint16LE("biPlanes"), int(c.Uint16LE("biBitCount"))
	// Fields that the short OS/2 headers leave out count as 0.
	if h.size >= 20 {
		h.Compression = c.Uint32LE("biCompression")
	}
	if h.size >= 24 {
		h.imageSize = int64(c.Uint32LE("biSizeImage"))
	}
	if h.size >= 36 {
		c.Skip(8, "biXPelsPerMeter, biYPelsPerMeter")
		clrUsed = c.Uint32LE("biClrUsed")
	}
	if err := c.Err(); err != nil {
		return 0, err
	}

	// As int64, so that the smallest int32 has a positive counterpart.
	if height < 0 {
		h.TopDown, height = true, -height
	}
	if width < 0 {
		return 0, verify.Faultf(verify.Malformed, atSize, "negative width")
	}
	if width > 0 && height <= math.MaxInt32 {
		info.Width, info.Height = int(width), int(height)
	}
	if err := verify.CheckSize(width, height, lim, atSize); err != nil {
		return 0, err
	}
	if width > maxSide || height > maxSide {
		return 0, verify.Faultf(verify.Unsupported, atSize, "%dx%d: browsers show no BMP with a side over %d", width, height, maxSide)
	}
	h.Width, h.Height = int(width), int(height)
	if h.TopDown && h.os2 {
		return 0, verify.Faultf(verify.Malformed, atSize+4, "negative height in an OS/2 header")
	}
	if planes != 1 {
		info.Warn(verify.ReservedValue, int64(planesAt), "number of planes is not 1")
	}
	return clrUsed, h.checkCoding(bitsAt, info)
}

// checkCoding checks bits and compression against each other.
func (h *Header) checkCoding(bitsAt int, info *verify.Info) error {
	switch h.Bits {
	case 1, 4, 8, 24:
	case 2, 16, 32:
		if h.os2 {
			return verify.Faultf(verify.Unsupported, bitsAt, "%d bits in an OS/2 header", h.Bits)
		}
	case 0: // JPEG and PNG
	case 64: // GDI+ writes these; nothing else shows them
		return verify.Faultf(verify.Unsupported, bitsAt, "64 bits a pixel")
	default:
		return verify.Faultf(verify.Malformed, bitsAt, "%d bits a pixel", h.Bits)
	}
	ok := false
	switch h.Compression {
	case RGB:
		ok = h.Bits != 0
	case RLE8:
		ok = h.Bits == 8
	case RLE4:
		ok = h.Bits == 4
	case BitFields, AlphaBitFields:
		if h.Compression == BitFields && h.Bits == 1 {
			return verify.Faultf(verify.Unsupported, atCompression, "OS/2 Huffman coding")
		}
		ok = !h.os2 && (h.Bits == 16 || h.Bits == 32)
	case JPEG, PNG:
		if h.Bits == 24 && h.Compression == JPEG {
			return verify.Faultf(verify.Unsupported, atCompression, "OS/2 RLE24 coding")
		}
		return verify.Faultf(verify.Unsupported, atCompression, "JPEG or PNG inside BMP")
	default:
		if h.Compression >= firstCMYK && h.Compression <= lastCMYK {
			return verify.Faultf(verify.Unsupported, atCompression, "CMYK")
		}
		return verify.Faultf(verify.Malformed, atCompression, "unknown compression")
	}
	if !ok {
		return verify.Faultf(verify.Malformed, atCompression, "compression %d of %d bits a pixel", h.Compression, h.Bits)
	}
	if h.TopDown && h.IsRLE() {
		// "Top-down DIBs cannot be compressed" (BITMAPINFOHEADER), but all viewers show them.
		info.Warn(verify.ReservedValue, atSize+4, "top-down rows of run-length codes")
	}
	return nil
}

// placeRows checks that the rows of pixels are inside the file.
func (h *Header) placeRows(b []byte, data int64, info *verify.Info) error {
	have := int64(len(b))
	if data > have {
		return verify.Faultf(verify.Truncated, len(b), "pixels at %d, past the end", data)
	}
	h.Data = int(data)
	if h.IsRLE() {
		return nil
	}
	// Less than 2^21, so the product with maxSide fits.
	h.RowSize = (int64(h.Width)*int64(h.Bits) + 31) / 32 * 4
	want := h.RowSize * int64(h.Height)
	// The pad bytes of the last row count: without them Chromium, Firefox, ImageMagick and
	// x/image do not show that row.
	if have-data < want {
		return verify.Faultf(verify.Truncated, len(b), "pixels: %d bytes needed, %d left", want, have-data)
	}
	h.CheckEnd(b, data+want, info)
	return nil
}

// CheckEnd warns if the end of the pixels, at byte end, is not where the headers and the length
// of the file say.
func (h *Header) CheckEnd(b []byte, end int64, info *verify.Info) {
	have, size := int64(len(b)), end-int64(h.Data)
	end = max(end, h.end)
	// Photoshop pads the file with zeros to a multiple of 4 bytes, and counts them in both
	// fields.
	if pad := have - end; pad > 0 && pad <= maxPad && h.fileSize == have && isZero(b[end:]) {
		end = have
		if h.imageSize == size+pad {
			size += pad
		}
	}
	if h.imageSize != 0 && h.imageSize != size {
		info.Warn(verify.SizeDisagrees, atImageSize, "biSizeImage is not the size of the pixels")
	}
	// OS/2 writes the size of its two headers here, as its reference says.
	if h.fileSize != have && !(h.os2 && h.fileSize == fileHeaderSize+int64(h.size)) {
		info.Warn(verify.SizeDisagrees, atFileSize, "bfSize is not the size of the file")
	}
	if end < have {
		info.Warn(verify.TrailingData, end, "bytes after the end of the picture")
	}
}

func isZero(b []byte) bool {
	for _, v := range b {
		if v != 0 {
			return false
		}
	}
	return true
}
