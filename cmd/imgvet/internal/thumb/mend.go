package thumb

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"slices"

	"golang.org/x/image/bmp"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/pixels"
)

// This file completes broken files so far that Go's decoders show what is there.
// fill is what stands for lost bytes. Each function allocates within maxPixels and
// maxRaw, and ends soon after ctx is done, since the decoders read all the time.

// impatient is a reader that ends when ctx does. Its portions are small, so that
// little is decoded between two looks at ctx.
type impatient struct {
	ctx context.Context
	r   io.Reader
}

func (i impatient) Read(b []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(b[:min(len(b), 512)])
}

// filler is n bytes alike.
type filler struct {
	fill byte
	n    int64
}

func (f *filler) Read(b []byte) (int, error) {
	if f.n <= 0 {
		return 0, io.EOF
	}
	b = b[:min(int64(len(b)), f.n)]
	for i := range b {
		b[i] = f.fill
	}
	f.n -= int64(len(b))
	return len(b), nil
}

// affordable reports whether a picture is small enough to be decoded for a report.
func affordable(width, height int) bool {
	return width > 0 && height > 0 && int64(width)*int64(height) <= maxPixels
}

// Markers of JPEG (ITU-T T.81, table B.1).
const (
	jpegSOF2 = 0xC2
	jpegSOI  = 0xD8
	jpegEOI  = 0xD9
	jpegSOS  = 0xDA
	jpegRST0 = 0xD0
	jpegRST7 = 0xD7
)

// mendJPEG ends a JPEG that is cut: a progressive one after the last scan that is
// whole, any other by filling up the scan.
func mendJPEG(ctx context.Context, b []byte, fill byte) (image.Image, error) {
	config, err := jpeg.DecodeConfig(impatient{ctx, bytes.NewReader(b)})
	if err != nil || !affordable(config.Width, config.Height) {
		return nil, errUnseen
	}
	rest := &filler{fill, int64(config.Width)*int64(config.Height) + 4096}
	if scans, progressive := jpegScans(b); progressive && len(scans) > 1 {
		b, rest.n = b[:scans[len(scans)-1]], 0
	}
	return jpeg.Decode(impatient{ctx, io.MultiReader(bytes.NewReader(b), rest, bytes.NewReader([]byte{0xFF, jpegEOI}))})
}

// jpegScans returns where the scans of a JPEG begin, as far as it goes, and whether
// it is progressive.
func jpegScans(b []byte) (scans []int, progressive bool) {
	for at := 2; ; {
		// To the next marker; in a scan, over stuffed zeros and restart markers.
		for at+3 < len(b) && (b[at] != 0xFF || b[at+1] == 0 || b[at+1] == 0xFF || jpegRST0 <= b[at+1] && b[at+1] <= jpegRST7) {
			at++
		}
		if at+3 >= len(b) || b[at+1] == jpegEOI || b[at+1] == jpegSOI {
			return scans, progressive
		}
		switch b[at+1] {
		case jpegSOF2:
			progressive = true
		case jpegSOS:
			scans = append(scans, at)
		}
		at += 2 + int(binary.BigEndian.Uint16(b[at+2:]))
	}
}

// mendBMP appends the pixels that a BMP lost.
func mendBMP(ctx context.Context, b []byte, fill byte) (image.Image, error) {
	config, err := bmp.DecodeConfig(bytes.NewReader(b))
	if err != nil || !affordable(config.Width, config.Height) || ctx.Err() != nil {
		return nil, errUnseen
	}
	rest := 4*int64(config.Width)*int64(config.Height) + 4096 // at 32 bits, a table of colours before them
	if rest > maxRaw {
		return nil, errUnseen
	}
	return pixels.Decode(ctx, detect.BMP, append(slices.Clip(b), bytes.Repeat([]byte{fill}, int(rest))...), 1)
}

// pngHeader is an IHDR (PNG, 3rd edition, 11.2.1) that can be mended.
type pngHeader struct {
	width, height int
	bits          int // of a pixel
	interlaced    bool
}

// mendPNG makes a new PNG of all compressed data that can be read, whatever the
// checksums say, and fills up the rows.
func mendPNG(ctx context.Context, b []byte, fill byte) (image.Image, error) {
	const signature = 8
	var (
		head, palette, alpha []byte
		data                 bytes.Buffer
	)
	for at := signature; at+8 <= len(b); {
		size, kind := binary.BigEndian.Uint32(b[at:]), string(b[at+4:at+8])
		at += 8
		body := b[at:min(int64(len(b)), int64(at)+int64(size))]
		switch kind {
		case "IHDR":
			head = body
		case "PLTE":
			palette = body
		case "tRNS":
			alpha = body
		case "IDAT":
			data.Write(body)
		case "IEND":
			at = len(b)
		}
		if int64(size)+4 > int64(len(b)-at) {
			break
		}
		at += int(size) + 4
	}
	h, ok := parsePNGHeader(head)
	if !ok {
		return nil, errUnseen
	}
	raw, ok := h.inflate(ctx, &data, fill)
	if !ok {
		return nil, errUnseen
	}
	var out bytes.Buffer
	out.Write(b[:signature])
	pngChunk(&out, "IHDR", head)
	if palette != nil {
		pngChunk(&out, "PLTE", palette)
	}
	if alpha != nil {
		pngChunk(&out, "tRNS", alpha)
	}
	var packed bytes.Buffer
	z, err := zlib.NewWriterLevel(&packed, zlib.NoCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(raw); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	pngChunk(&out, "IDAT", packed.Bytes())
	pngChunk(&out, "IEND", nil)
	return png.Decode(impatient{ctx, &out})
}

// parsePNGHeader reads the body of IHDR.
func parsePNGHeader(b []byte) (h pngHeader, ok bool) {
	if len(b) != 13 {
		return h, false
	}
	width, height := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	if width > maxPixels || height > maxPixels || !affordable(int(width), int(height)) || b[8] > 16 {
		return h, false
	}
	channels, known := map[byte]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[b[9]]
	h = pngHeader{int(width), int(height), channels * int(b[8]), b[12] == 1}
	return h, known && h.bits > 0 && h.rawSize() <= maxRaw
}

// rowSize returns the bytes of a row of that many pixels, its filter byte included.
func (h pngHeader) rowSize(width int) int64 { return 1 + (int64(width)*int64(h.bits)+7)/8 }

// rawSize returns the bytes of all rows; of an interlaced picture, at least as many.
func (h pngHeader) rawSize() int64 {
	if !h.interlaced {
		return h.rowSize(h.width) * int64(h.height)
	}
	// Seven passes (clause 8.2), each with part of the columns and of the rows.
	var size int64
	for _, p := range [7][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}} {
		columns, rows := (h.width-p[0]+p[2]-1)/p[2], (h.height-p[1]+p[3]-1)/p[3]
		if columns > 0 && rows > 0 {
			size += h.rowSize(columns) * int64(rows)
		}
	}
	return size
}

// inflate returns the rows, what is lost of them filled up. It fails if all is.
func (h pngHeader) inflate(ctx context.Context, data io.Reader, fill byte) ([]byte, bool) {
	z, err := zlib.NewReader(impatient{ctx, data})
	if err != nil {
		return nil, false
	}
	defer z.Close()
	raw := make([]byte, h.rawSize())
	n, _ := io.ReadFull(z, raw) // what there is
	row := int(h.rowSize(h.width))
	if h.interlaced {
		return raw, n > 0 && ctx.Err() == nil
	}
	// Damage may have made rows of a filter that does not exist (clause 9.2): there
	// the picture ends for sure.
	end := 0
	for end+row <= n && raw[end] <= 4 {
		end += row
	}
	for n = end; n+row <= len(raw); n += row {
		raw[n] = 0 // no filter
		for i := n + 1; i < n+row; i++ {
			raw[i] = fill
		}
	}
	return raw, ctx.Err() == nil
}

// pngChunk writes a chunk with its checksum.
func pngChunk(out *bytes.Buffer, kind string, body []byte) {
	_ = binary.Write(out, binary.BigEndian, uint32(len(body))) // a buffer takes all
	sum := crc32.NewIEEE()
	_, _ = io.MultiWriter(out, sum).Write(append([]byte(kind), body...))
	_ = binary.Write(out, binary.BigEndian, sum.Sum32())
}
