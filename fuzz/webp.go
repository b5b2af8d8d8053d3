package fuzz

import "slices"

// riffChunk is a chunk to be written. Size and padding come out true unless
// longer says otherwise.
type riffChunk struct {
	kind   string
	data   []byte
	longer int // added to the size field
}

func riffFile(chunks ...riffChunk) []byte {
	b := []byte("RIFF\x00\x00\x00\x00WEBP")
	for _, c := range chunks {
		b = append(b, c.kind...)
		b = append(b, le32(uint32(len(c.data)+c.longer))...)
		b = append(b, c.data...)
		if len(c.data)%2 == 1 {
			b = append(b, 0)
		}
	}
	return patched(b, 4, le32(uint32(len(b)-8))...)
}

// riffChunks takes a good file apart.
func riffChunks(b []byte) []riffChunk {
	var chunks []riffChunk
	for _, p := range riffParts(b) {
		chunks = append(chunks, riffChunk{kind: p.kind, data: slices.Clone(b[p.data:p.dataEnd])})
	}
	return chunks
}

// webpEdit edits the chunks of a seed.
func webpEdit(name string, edit func(c []riffChunk) []riffChunk) []byte {
	return riffFile(edit(riffChunks(seed(name)))...)
}

// webpPatch overwrites bytes in the data of the first chunk of a kind.
func webpPatch(name, kind string, at int, data ...byte) []byte {
	return webpEdit(name, func(c []riffChunk) []riffChunk {
		for i := range c {
			if c[i].kind == kind {
				c[i].data = patched(c[i].data, at, data...)
				break
			}
		}
		return c
	})
}

// VP8X flags (RFC 9649 2.7.1.1).
const (
	vp8xAnimation = 1 << 1
	vp8xXMP       = 1 << 2
	vp8xEXIF      = 1 << 3
	vp8xAlpha     = 1 << 4
	vp8xICC       = 1 << 5
)

func le24(v int) []byte { return le32(uint32(v))[:3] }

func vp8x(flags byte, w, h int) riffChunk {
	return riffChunk{kind: "VP8X", data: join([]byte{flags, 0, 0, 0}, le24(w-1), le24(h-1))}
}

// flatVP8L returns the data of a VP8L chunk of one colour: five prefix codes of
// one symbol each, which take no bits for a pixel (VP8L specification, 5.2.1).
func flatVP8L(w, h int) []byte {
	var b lsbWriter
	b.put(0x2f, 8)
	b.put(uint64(w-1), 14)
	b.put(uint64(h-1), 14)
	b.put(0, 1) // alpha is not used
	b.put(0, 3) // version
	b.put(0, 1) // no transform
	b.put(0, 1) // no colour cache
	b.put(0, 1) // one set of prefix codes
	for range 5 {
		b.put(1, 1) // simple
		b.put(0, 1) // one symbol
		b.put(0, 1) // of one bit
		b.put(0, 1) // symbol 0
	}
	return b.b
}
