package png

import (
	"github.com/imgvet/imgvet/fuzz/internal/build/deflate"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
)

// Animation returns an animation of three frames: the default image, a part of it,
// and all of it again.
func Animation(edit func([]Chunk) []Chunk) []byte {
	fctl := func(seq, w, h, x, y uint32, dispose, blend byte) Chunk {
		return Chunk{Kind: "fcTL", Data: pack.Join(pack.BE32(seq), pack.BE32(w), pack.BE32(h), pack.BE32(x), pack.BE32(y), pack.BE16(1), pack.BE16(10), []byte{dispose, blend})}
	}
	fdat := func(seq uint32, p Info) Chunk {
		return Chunk{Kind: "fdAT", Data: pack.Join(pack.BE32(seq), deflate.ZlibStored(p.Rows()))}
	}
	part := Info{W: 3, H: 2, Depth: Base.Depth, Colour: Base.Colour}
	chunks := []Chunk{
		Base.Chunk(),
		{Kind: "acTL", Data: pack.Join(pack.BE32(3), pack.BE32(0))},
		fctl(0, Base.W, Base.H, 0, 0, 0, 0),
		IDAT(deflate.ZlibStored(Base.Rows())),
		fctl(1, part.W, part.H, 4, 3, 1, 1),
		fdat(2, part),
		fctl(3, Base.W, Base.H, 0, 0, 2, 0),
		fdat(4, Base),
		IEND,
	}
	if edit != nil {
		chunks = edit(chunks)
	}
	return File(chunks...)
}

// AnimationOf returns an animation of so many frames, all of them the whole picture.
func AnimationOf(frames int) []byte {
	p := Info{W: 9, H: 5, Depth: 8, Colour: Gray}
	chunks := []Chunk{p.Chunk(), {Kind: "acTL", Data: pack.Join(pack.BE32(uint32(frames)), pack.BE32(0))}}
	seq := uint32(0)
	for i := range frames {
		chunks = append(chunks, Chunk{Kind: "fcTL", Data: pack.Join(pack.BE32(seq), pack.BE32(p.W), pack.BE32(p.H), pack.BE32(0), pack.BE32(0), pack.BE16(1), pack.BE16(10), []byte{0, 0})})
		seq++
		if i == 0 {
			chunks = append(chunks, IDAT(deflate.ZlibStored(p.Rows())))
			continue
		}
		chunks = append(chunks, Chunk{Kind: "fdAT", Data: pack.Join(pack.BE32(seq), deflate.ZlibStored(p.Rows()))})
		seq++
	}
	return File(append(chunks, IEND)...)
}
