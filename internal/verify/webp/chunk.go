package webp

import (
	"encoding/binary"
	"math"
	"slices"

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
	id     uint32
	at     int            // offset of its header in the file
	data   []byte         // payload, without the pad byte; nil if coded is set
	coded  verify.Section // the payload of what holds a picture, which may still be arriving
	padded bool           // a pad byte is due
	late   bool           // finish has yet to see the end of the chunk
	warned int            // how many warnings there were when the chunk began
}

// holdsPicture reports whether the chunk is read as it arrives.
func (c *chunk) holdsPicture() bool { return c.id == fccVP8 || c.id == fccVP8L || c.id == fccANMF }

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

// next returns the next chunk. It refuses one that is cut or reaches past its container. The end
// of one that holds a picture may still be arriving: finish waits for it.
func (w *walker) next() (chunk, error) {
	at := int(w.pos)
	if !w.v.reach(min(w.pos+chunkHeaderSize, w.end)) {
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
	c.padded, c.warned = n&1 != 0, len(w.v.info.Warnings)
	c.late = c.holdsPicture() && !w.v.in.InMemory()
	if !c.late && !w.v.reach(dataEnd) {
		return chunk{}, isCut(len(w.v.b), n)
	}
	if c.holdsPicture() {
		c.coded = w.v.in.Section(c.dataAt(), int(min(dataEnd, math.MaxInt)))
	} else {
		c.data = w.v.b[c.dataAt():dataEnd:dataEnd]
	}
	w.pos = dataEnd
	if c.padded && !c.late {
		return c, w.pad()
	}
	return c, nil
}

func isCut(size int, n int64) error {
	return verify.Faultf(verify.Truncated, size, "chunk of %d bytes is cut", n)
}

// finish waits for the end of the chunk that next has returned.
func (w *walker) finish(c chunk) error {
	if !c.late {
		return nil
	}
	if !w.v.reach(w.pos) {
		return isCut(len(w.v.b), int64(c.coded.Len()))
	}
	if !c.padded {
		return nil
	}
	// What pad warns of stands before what was found in the chunk.
	info := &w.v.info
	inside := slices.Clone(info.Warnings[c.warned:])
	info.Warnings = info.Warnings[:c.warned]
	err := w.pad()
	for _, warning := range inside {
		info.Warn(warning.Reason, warning.Offset, warning.Text)
	}
	return err
}

// skip returns the next chunk, once it is whole.
func (w *walker) skip() (chunk, error) {
	c, err := w.next()
	if err == nil {
		err = w.finish(c)
	}
	return c, err
}

// pad skips the byte that pads a chunk to an even size (RFC 9649 section 2.3). Writers forget it
// at the end of a file, or forget to count it in the size of the container; it holds nothing of
// the picture. If the byte is counted but missing, it has been cut off, and libwebp refuses the
// file.
func (w *walker) pad() error {
	at := w.pos
	w.pos++
	missing := !w.v.reach(w.pos)
	switch {
	case missing && at < w.end && w.v.lim.Lenient:
		w.v.info.Warn(verify.MissingEnd, at, "the last byte, which is padding, is cut")
	case missing && at < w.end:
		return verify.Faultf(verify.Truncated, len(w.v.b), "the last byte, which is padding, is cut")
	case missing:
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
