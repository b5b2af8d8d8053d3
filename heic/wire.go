//go:build !imgvet_verdictonly

package heic

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"time"

	"github.com/imgvet/imgvet/internal/verify"
)

// job is one picture to decode.
type job struct {
	lim  Limits
	size size // what the result must measure
}

// bytesPerPixel bounds what a worker may allocate for each coded pixel: the
// library's samples (two bytes, three planes) with its side tables, their copy in
// Go, and two canvases.
const bytesPerPixel = 40

// baseMemory is what a worker may allocate besides: the Go runtime, the library,
// the program's own start-up.
const baseMemory = 512 << 20

// memory is the worker's RLIMIT_DATA.
func (j *job) memory(layers int64) uint64 {
	return baseMemory + uint64(bytesPerPixel*layers)
}

// The job and its result pass through pipes, big-endian:
//
//	job:    MaxPixels int64, memory uint64, seconds uint64, length uint64, the file
//	result: kind uint8; then
//	        for a picture: ratio uint8, width, height uint32, and its rows: Y, Cb
//	        and Cr planes, NRGBA or gray, without gaps
//	        else: reason length uint8, reason, text to the end
const (
	kindYCbCr = iota + 1
	kindNRGBA
	kindGray
	kindRefusal
	kindNoPixels
	kindFailure
)

const jobHead = 4 * 8

func (j *job) header(memory uint64, n int) []byte {
	b := make([]byte, 0, jobHead)
	b = binary.BigEndian.AppendUint64(b, uint64(j.lim.maxPixels()))
	b = binary.BigEndian.AppendUint64(b, memory)
	b = binary.BigEndian.AppendUint64(b, uint64(j.lim.timeout()/time.Second)+1)
	return binary.BigEndian.AppendUint64(b, uint64(n))
}

// writeImage writes a result.
func writeImage(w io.Writer, img image.Image) error {
	size := img.Bounds().Size()
	head := func(kind, ratio uint8) []byte {
		b := []byte{kind, ratio}
		b = binary.BigEndian.AppendUint32(b, uint32(size.X))
		return binary.BigEndian.AppendUint32(b, uint32(size.Y))
	}
	out := bufio.NewWriterSize(w, 1<<16)
	rows := func(p []byte, stride, n, h int) {
		for y := range h {
			_, _ = out.Write(p[y*stride : y*stride+n]) // the writer keeps its error for Flush
		}
	}
	switch m := img.(type) {
	case *image.YCbCr:
		_, _ = out.Write(head(kindYCbCr, uint8(m.SubsampleRatio)))
		cw, ch, _ := chromaSize(m.SubsampleRatio, size)
		rows(m.Y[m.YOffset(m.Rect.Min.X, m.Rect.Min.Y):], m.YStride, size.X, size.Y)
		at := m.COffset(m.Rect.Min.X, m.Rect.Min.Y)
		rows(m.Cb[at:], m.CStride, cw, ch)
		rows(m.Cr[at:], m.CStride, cw, ch)
	case *image.NRGBA:
		_, _ = out.Write(head(kindNRGBA, 0))
		rows(m.Pix[m.PixOffset(m.Rect.Min.X, m.Rect.Min.Y):], m.Stride, 4*size.X, size.Y)
	case *image.Gray:
		_, _ = out.Write(head(kindGray, 0))
		rows(m.Pix[m.PixOffset(m.Rect.Min.X, m.Rect.Min.Y):], m.Stride, size.X, size.Y)
	default:
		return fmt.Errorf("a picture of type %T", img)
	}
	return out.Flush()
}

// writeError writes an error as a result.
func writeError(w io.Writer, err error) error {
	kind, reason := uint8(kindFailure), ""
	var f *verify.Fault
	switch {
	case errors.As(err, &f):
		kind, reason = kindRefusal, string(f.Reason)
	case errors.Is(err, ErrNoPixels):
		kind = kindNoPixels
	}
	b := append([]byte{kind, uint8(len(reason))}, reason...)
	_, werr := w.Write(append(b, err.Error()...))
	return werr
}

// errWorker marks what a worker said that no sound worker says.
var errWorker = errors.New("heic: the pixel worker failed")

// readResult reads a result, and trusts nothing in it: the picture must measure
// want, and its planes are read to the length that this asks for.
func readResult(r io.Reader, want size) (image.Image, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, fmt.Errorf("%w: no result", errWorker)
	}
	if head[0] >= kindRefusal {
		return nil, readError(r, head[0], int(head[1]))
	}
	var dims [8]byte
	if _, err := io.ReadFull(r, dims[:]); err != nil {
		return nil, fmt.Errorf("%w: half a result", errWorker)
	}
	got := size{int64(binary.BigEndian.Uint32(dims[:])), int64(binary.BigEndian.Uint32(dims[4:]))}
	if got != want {
		return nil, fmt.Errorf("%w: a picture of %dx%d for one of %dx%d", errWorker, got.w, got.h, want.w, want.h)
	}
	bounds := image.Rect(0, 0, int(got.w), int(got.h))
	var img image.Image
	var planes [][]byte
	switch head[0] {
	case kindYCbCr:
		ratio := image.YCbCrSubsampleRatio(head[1])
		if ratio > image.YCbCrSubsampleRatio440 {
			return nil, fmt.Errorf("%w: chroma format %d", errWorker, head[1])
		}
		m := image.NewYCbCr(bounds, ratio)
		img, planes = m, [][]byte{m.Y, m.Cb, m.Cr}
	case kindNRGBA:
		m := image.NewNRGBA(bounds)
		img, planes = m, [][]byte{m.Pix}
	case kindGray:
		m := image.NewGray(bounds)
		img, planes = m, [][]byte{m.Pix}
	default:
		return nil, fmt.Errorf("%w: result of kind %d", errWorker, head[0])
	}
	for _, p := range planes {
		if _, err := io.ReadFull(r, p); err != nil {
			return nil, fmt.Errorf("%w: half a picture", errWorker)
		}
	}
	if n, _ := io.ReadFull(r, head[:1]); n != 0 {
		return nil, fmt.Errorf("%w: more than a picture", errWorker)
	}
	return img, nil
}

func readError(r io.Reader, kind uint8, n int) error {
	text, err := io.ReadAll(io.LimitReader(r, 4096))
	if err != nil || n > len(text) {
		return fmt.Errorf("%w: half a result", errWorker)
	}
	reason, cause := verify.Reason(text[:n]), errors.New(printableText(text[n:]))
	switch kind {
	case kindRefusal:
		switch reason {
		case verify.Malformed, verify.Truncated, verify.Unsupported, verify.TooManyPixels, verify.TooMuchWork:
			return &verify.Fault{Reason: reason, Offset: -1, Text: "decoding failed", Cause: cause}
		}
	case kindNoPixels:
		return fmt.Errorf("%w: %w", ErrNoPixels, cause)
	}
	return fmt.Errorf("%w: %w", errWorker, cause)
}

func printableText(b []byte) string {
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '?'
		}
	}
	return string(b)
}
