package webp

import (
	"slices"

	"github.com/imgvet/imgvet/fuzz/internal/pack"
	"github.com/imgvet/imgvet/fuzz/internal/parts"
	"github.com/imgvet/imgvet/fuzz/internal/seeds"
)

// Chunk is a chunk to be written. Size and padding come out true unless
// longer says otherwise.
type Chunk struct {
	Kind   string
	Data   []byte
	longer int // added to the size field
}

// File writes chunks into a RIFF file of form WEBP.
func File(chunks ...Chunk) []byte {
	b := []byte("RIFF\x00\x00\x00\x00WEBP")
	for _, c := range chunks {
		b = append(b, c.Kind...)
		b = append(b, pack.LE32(uint32(len(c.Data)+c.longer))...)
		b = append(b, c.Data...)
		if len(c.Data)%2 == 1 {
			b = append(b, 0)
		}
	}
	return pack.Patched(b, 4, pack.LE32(uint32(len(b)-8))...)
}

// Split takes a good file apart.
func Split(b []byte) []Chunk {
	var chunks []Chunk
	for _, p := range parts.RIFF(b) {
		chunks = append(chunks, Chunk{Kind: p.Kind, Data: slices.Clone(b[p.Data:p.DataEnd])})
	}
	return chunks
}

// Edit edits the chunks of a seed.
func Edit(name string, edit func(c []Chunk) []Chunk) []byte {
	return File(edit(Split(seeds.Get(name)))...)
}

// Patch overwrites bytes in the data of the first chunk of a kind.
func Patch(name, kind string, at int, data ...byte) []byte {
	return Edit(name, func(c []Chunk) []Chunk {
		for i := range c {
			if c[i].Kind == kind {
				c[i].Data = pack.Patched(c[i].Data, at, data...)
				break
			}
		}
		return c
	})
}

// VP8X flags (RFC 9649 2.7.1.1).
const (
	FlagXMP  = 1 << 2
	FlagEXIF = 1 << 3
	FlagICC  = 1 << 5
)

// VP8X returns the chunk of an extended file with a canvas of w x h.
func VP8X(flags byte, w, h int) Chunk {
	return Chunk{Kind: "VP8X", Data: pack.Join([]byte{flags, 0, 0, 0}, pack.LE24(w-1), pack.LE24(h-1))}
}

// FlatVP8L returns the data of a VP8L chunk of one colour: five prefix codes of
// one symbol each, which take no bits for a pixel (VP8L specification, 5.2.1).
func FlatVP8L(w, h int) []byte {
	var b pack.LSB
	b.Put(0x2f, 8)
	b.Put(uint64(w-1), 14)
	b.Put(uint64(h-1), 14)
	b.Put(0, 1) // alpha is not used
	b.Put(0, 3) // version
	b.Put(0, 1) // no transform
	b.Put(0, 1) // no colour cache
	b.Put(0, 1) // one set of prefix codes
	for range 5 {
		b.Put(1, 1) // simple
		b.Put(0, 1) // one symbol
		b.Put(0, 1) // of one bit
		b.Put(0, 1) // symbol 0
	}
	return b.Bytes
}

// AnimationOf returns an animation of so many frames, all of them alike.
func AnimationOf(frames int) []byte {
	return Edit("animated.webp", func(c []Chunk) []Chunk {
		var head []Chunk
		var frame Chunk
		for _, chunk := range c {
			if chunk.Kind != "ANMF" {
				head = append(head, chunk)
			} else if frame.Kind == "" {
				frame = chunk
			}
		}
		for range frames {
			head = append(head, frame)
		}
		return head
	})
}
