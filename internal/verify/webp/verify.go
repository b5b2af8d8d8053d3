package webp

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/imgvet/imgvet/internal/verify"
)

const (
	riffHeaderSize  = 12 // "RIFF", size, "WEBP"
	chunkHeaderSize = 8  // four characters, size

	// maxChunkSize is the largest size that, with padding and header, still fits 32 bits.
	// libwebp refuses larger ones (MAX_CHUNK_PAYLOAD).
	maxChunkSize = 1<<32 - 1 - chunkHeaderSize - 1
)

// Verify is [VerifyInput] for a file in memory.
func Verify(b []byte, lim verify.Limits) (verify.Info, error) {
	return verify.Whole(b, lim, VerifyInput)
}

// VerifyInput returns nil if in is one well-formed WebP file, still or animated, else a
// [*verify.Fault], or the error of in.
//
// Info.Width and Height are those of the canvas. Frames counts the frames of an animation.
// VerifyInput is safe for concurrent use, and keeps nothing of the file.
func VerifyInput(in *verify.Input, lim verify.Limits) (verify.Info, error) {
	v := verifier{in: in, b: in.File(), lim: lim}
	if !in.InMemory() {
		v.b = in.Bytes()
	}
	err := v.file()
	if in.Err() != nil {
		err = in.Err()
	}
	return v.info, err
}

// reach waits until v.b has n bytes. It returns false if the file ends before.
func (v *verifier) reach(n int64) bool {
	if n <= int64(len(v.b)) {
		return true
	}
	if v.in.InMemory() {
		return false
	}
	ok := v.in.Reach(int(min(n, math.MaxInt)))
	v.b = v.in.Bytes()
	return ok
}

// verifier is the state of one call of Verify.
type verifier struct {
	in   *verify.Input
	b    []byte // the file, as far as it has arrived
	lim  verify.Limits
	info verify.Info

	// For an extended file, which starts with VP8X.
	flags       byte
	hasMetadata byte // the flags of the metadata chunks that were found
	hasANIM     bool
	hasImage    bool
	alph        chunk // waiting for its VP8; id is 0 if there is none
	totalPixels int64 // of all frames
}

// file verifies the whole file.
func (v *verifier) file() error {
	if err := v.checkSignature(); err != nil {
		return err
	}
	// RFC 9649 section 2.4: the size counts from byte 8 on, and includes "WEBP". libwebp demands
	// room for at least one chunk.
	size := int64(binary.LittleEndian.Uint32(v.b[4:]))
	if size < riffHeaderSize || size > maxChunkSize {
		return verify.Faultf(verify.Malformed, 4, "RIFF: size %d is impossible", size)
	}
	end := size + 8
	if missing := end - v.in.Size(); v.in.Size() >= 0 && missing > 1 && !v.lim.Lenient {
		v.peekSize()
		return verify.Faultf(verify.Truncated, int(v.in.Size()), "RIFF: %d bytes are missing", missing)
	}
	v.in.Allow(workBase, workPerByte)
	// One byte may be missing: the pad byte of the last chunk. The walker allows that.
	w := walker{v: v, pos: riffHeaderSize, end: end, outer: true}
	first, err := w.next()
	if err != nil {
		return err
	}
	switch first.id {
	case fccVP8X:
		err = v.extended(&w, first)
	case fccVP8, fccVP8L:
		err = v.simple(&w, first)
	default:
		return verify.Faultf(verify.Malformed, first.at, "the first chunk is neither VP8, VP8L nor VP8X")
	}
	if err != nil {
		return err
	}
	if v.reach(w.end + 1) {
		v.info.Warn(verify.TrailingData, w.end, "data after the end of the RIFF container")
	}
	return nil
}

// forgive takes, under Lenient alone, a file that breaks off after the last byte of its still
// picture. Chromium shows the whole picture: libwebp draws as data arrives.
func (v *verifier) forgive(err error) error {
	var fault *verify.Fault
	if !v.lim.Lenient || !errors.As(err, &fault) || fault.Reason != verify.Truncated {
		return err
	}
	v.info.Warn(verify.MissingEnd, fault.Offset, "file is cut behind the picture: "+fault.Text)
	return nil
}

// checkSignature demands "RIFF....WEBP", as far as b reaches.
func (v *verifier) checkSignature() error {
	const want = "RIFF\x00\x00\x00\x00WEBP"
	v.reach(riffHeaderSize)
	for i := range min(len(v.b), riffHeaderSize) {
		if v.b[i] != want[i] && (i < 4 || i >= 8) {
			return verify.Faultf(verify.Malformed, i, "no RIFF WEBP signature")
		}
	}
	if len(v.b) < riffHeaderSize {
		return verify.Faultf(verify.Truncated, len(v.b), "RIFF: header is cut")
	}
	return nil
}

// peekSize fills in the picture's size, for the log, when a file is refused because it is cut.
// The size must be at the head of the file.
func (v *verifier) peekSize() {
	v.reach(riffHeaderSize + chunkHeaderSize + 10)
	p := v.b[riffHeaderSize:]
	if len(p) < chunkHeaderSize+10 {
		return
	}
	id, p := binary.LittleEndian.Uint32(p), p[chunkHeaderSize:]
	switch id {
	case fccVP8X:
		v.info.Width, v.info.Height = 1+uint24(p[4:]), 1+uint24(p[7:])
	case fccVP8:
		v.info.Width = int(binary.LittleEndian.Uint16(p[6:])) & 0x3fff
		v.info.Height = int(binary.LittleEndian.Uint16(p[8:])) & 0x3fff
	case fccVP8L:
		n := binary.LittleEndian.Uint32(p[1:])
		v.info.Width, v.info.Height = 1+int(n&0x3fff), 1+int(n>>14&0x3fff)
	}
}

// simple verifies a file that starts with its picture (RFC 9649 sections 2.5
// and 2.6).
func (v *verifier) simple(w *walker, image chunk) error {
	width, height, err := v.imageSize(&image)
	if err != nil {
		return err
	}
	v.info.Width, v.info.Height, v.info.Frames = width, height, 1
	if err := v.image(image, chunk{}, width, height); err != nil {
		return err
	}
	if err := w.finish(image); err != nil {
		return err
	}
	if w.done() {
		return nil
	}
	// "Readers SHOULD ignore" what follows. libwebp's demuxer, and thus a browser, still demands
	// that the next chunk be whole, and looks no further.
	after, err := w.skip()
	if err != nil {
		return v.forgive(err)
	}
	v.info.Warn(verify.MisplacedChunk, int64(after.at), "chunk after the picture of a simple file")
	for !w.done() {
		if _, err := w.skip(); err != nil && !v.reach(w.end) {
			return v.forgive(err)
		} else if err != nil {
			v.info.Warn(verify.TrailingData, w.pos, "data after the picture of a simple file")
			w.pos = w.end
		}
	}
	return nil
}

func uint24(p []byte) int { return int(p[0]) | int(p[1])<<8 | int(p[2])<<16 }
