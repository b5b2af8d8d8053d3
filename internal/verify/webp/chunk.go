package webp

import (
	"encoding/binary"

	"github.com/imgvet/imgvet/internal/verify"
)

// Four-character codes, as little-endian numbers.
const (
	fccVP8X = 'V' | 'P'<<8 | '8'<<16 | 'X'<<24
	fccVP8  = 'V' | 'P'<<8 | '8'<<16 | ' '<<24
	fccVP8L = 'V' | 'P'<<8 | '8'<<16 | 'L'<<24
	fccALPH = 'A' | 'L'<<8 | 'P'<<16 | 'H'<<24
	fccANIM = 'A' | 'N'<<8 | 'I'<<16 | 'M'<<24
	fccANMF = 'A' | 'N'<<8 | 'M'<<16 | 'F'<<24
	fccICCP = 'I' | 'C'<<8 | 'C'<<16 | 'P'<<24
	fccEXIF = 'E' | 'X'<<8 | 'I'<<16 | 'F'<<24
	fccC2PA = 'C' | '2'<<8 | 'P'<<16 | 'A'<<24
	fccXMP  = 'X' | 'M'<<8 | 'P'<<16 | ' '<<24
)

// chunk is one chunk of the container.
type chunk struct {
	id   uint32
	at   int    // offset of its header in the file
	data []byte // payload, without the pad byte
}

// dataAt returns the offset of the payload in the file.
func (c chunk) dataAt() int { return c.at + chunkHeaderSize }

// walker goes through the chunks of a file, or of a frame.
type walker struct {
	v        *verifier
	pos, end int64
	outer    bool // these are the file's own chunks
}

// done reports whether no chunk is left.
func (w *walker) done() bool { return w.pos >= w.end }

// next returns the next chunk. It refuses one that is cut or reaches past its container.
func (w *walker) next() (chunk, error) {
	at, size := int(w.pos), int64(len(w.v.b))
	if w.end > size && size-w.pos < chunkHeaderSize {
		return chunk{}, verify.Faultf(verify.Truncated, len(w.v.b), "chunk header is cut")
	}
	if w.end-w.pos < chunkHeaderSize {
		// libwebp's demuxer waits for the rest of the header, in vain.
		return chunk{}, verify.Faultf(verify.Malformed, at, "%d bytes are no chunk", w.end-w.pos)
	}
	c := chunk{id: binary.LittleEndian.Uint32(w.v.b[at:]), at: at}
	n := int64(binary.LittleEndian.Uint32(w.v.b[at+4:]))
	dataEnd := w.pos + chunkHeaderSize + n
	if n > maxChunkSize || dataEnd > w.end {
		return chunk{}, verify.Faultf(verify.Malformed, at+4, "chunk of %d bytes reaches past its container", n)
	}
	if dataEnd > size {
		return chunk{}, verify.Faultf(verify.Truncated, len(w.v.b), "chunk of %d bytes is cut", n)
	}
	c.data = w.v.b[c.dataAt():dataEnd:dataEnd]
	w.pos = dataEnd
	if n&1 != 0 {
		return c, w.pad()
	}
	return c, nil
}

// pad skips the byte that pads a chunk to an even size (RFC 9649 section 2.3). Writers forget it
// at the end of a file, or forget to count it in the size of the container; it holds nothing of
// the picture. If the byte is counted but missing, it has been cut off, and libwebp refuses the
// file.
func (w *walker) pad() error {
	at := w.pos
	w.pos++
	switch {
	case at >= int64(len(w.v.b)) && at < w.end && w.v.lim.Lenient:
		w.v.info.Warn(verify.MissingEnd, at, "the last byte, which is padding, is cut")
	case at >= int64(len(w.v.b)) && at < w.end:
		return verify.Faultf(verify.Truncated, len(w.v.b), "the last byte, which is padding, is cut")
	case at >= int64(len(w.v.b)):
		w.v.info.Warn(verify.MissingPadding, at, "pad byte of the last chunk is missing")
	case at >= w.end:
		w.v.info.Warn(verify.MissingPadding, at, "pad byte of the last chunk is not counted in its container")
		// The byte may still be present, uncounted.
		if w.outer && w.v.b[at] == 0 {
			w.end = w.pos
		}
	case w.v.b[at] != 0:
		w.v.info.Warn(verify.ReservedValue, at, "pad byte is not zero")
	}
	return nil
}
