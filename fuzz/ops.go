package fuzz

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
	"github.com/imgvet/imgvet/fuzz/internal/parts"
)

// Op is one way to damage a file. It returns new bytes and leaves its input
// alone; what it does depends on the input and the random source only. On bytes
// that have no place for the damage it returns a copy.
type Op func(r *rand.Rand, b []byte) []byte

// Corrupt applies ops to b in their order. The same seed, bytes and ops give the
// same result on every platform and in every run; b is not changed. Without ops
// it applies one of [AllOps] that the seed chooses.
//
// A damaged file is not always a bad one: a bit flipped in a comment harms
// nobody. Compare with what [validate.Bytes] says, or use [Cases], where every
// verdict is known.
func Corrupt(seed uint64, b []byte, ops ...Op) []byte {
	r := rand.New(rand.NewPCG(seed, 0x696d67766574)) // "imgvet"
	if len(ops) == 0 {
		all := AllOps()
		ops = []Op{all[r.IntN(len(all))].Op}
	}
	out := slices.Clone(b)
	for _, op := range ops {
		out = op(r, out)
	}
	return out
}

// NamedOp is an operation with the name that the command line knows it by.
type NamedOp struct {
	Name string
	Op   Op
	For  string // what it is for, in one line
}

// AllOps returns every operation, those with parameters at a usual setting.
func AllOps() []NamedOp {
	return []NamedOp{
		{"truncate", Truncate, "an upload that broke off"},
		{"cut-last-byte", CutLast(1), "an upload that lost its last byte"},
		{"flip-bits", FlipBits, "a bad disk or line"},
		{"zero-tail", ZeroTail, "a download that was preallocated and never filled"},
		{"zero-block", ZeroBlock(512), "a sector that was never written"},
		{"bad-crc", BadCRC, "a checksum or end marker that is wrong"},
		{"lie-dimensions", LieDimensions, "a header that claims another size"},
		{"drop-chunk", DropChunk, "a chunk, segment or box that is missing"},
		{"repeat-chunk", RepeatChunk, "a chunk, segment or box that is there twice"},
		{"swap-chunks", SwapChunks, "two neighbouring parts in the wrong order"},
		{"lie-length", LieLength, "a part whose length field is wrong"},
		{"damage-data", DamageData, "damage in the coded picture, structure intact and checksums right"},
		{"insert-bytes", InsertBytes, "bytes that a filter added"},
		{"newlines", Newlines, "a transfer in text mode"},
		{"swap-magic", SwapMagic, "a file that claims to be of another format"},
		{"append", Append, "a payload behind the picture"},
	}
}

// Truncate cuts b at a random place before its end.
func Truncate(r *rand.Rand, b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return slices.Clone(b[:r.IntN(len(b))])
}

// CutLast cuts n bytes from the end.
func CutLast(n int) Op {
	return func(_ *rand.Rand, b []byte) []byte { return slices.Clone(b[:max(len(b)-n, 0)]) }
}

// FlipBits flips eight random bits.
func FlipBits(r *rand.Rand, b []byte) []byte { return FlipSomeBits(8)(r, b) }

// FlipSomeBits flips n random bits.
func FlipSomeBits(n int) Op {
	return func(r *rand.Rand, b []byte) []byte {
		b = slices.Clone(b)
		for range n {
			if len(b) > 0 {
				b[r.IntN(len(b))] ^= 1 << r.IntN(8)
			}
		}
		return b
	}
}

// ZeroTail sets everything behind a random place to zero; the size stays.
func ZeroTail(r *rand.Rand, b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	at := r.IntN(len(b))
	return pack.Zeroed(b, at, len(b)-at)
}

// ZeroBlock sets n bytes at a random place to zero.
func ZeroBlock(n int) Op {
	return func(r *rand.Rand, b []byte) []byte {
		if len(b) == 0 {
			return nil
		}
		at := r.IntN(len(b))
		return pack.Zeroed(b, at, min(n, len(b)-at))
	}
}

// BadCRC spoils the CRC of a random PNG chunk. Other formats have no checksums:
// of them it changes the last byte.
func BadCRC(r *rand.Rand, b []byte) []byte {
	b = slices.Clone(b)
	at := len(b) - 1
	if detect.Detect(b) == detect.PNG {
		if chunks := parts.PNG(b); len(chunks) > 0 {
			at = chunks[r.IntN(len(chunks))].End - 1
		}
	}
	if at >= 0 {
		b[at] ^= 0x55
	}
	return b
}

// LieDimensions makes the header claim another width or height: one more, twice
// as much, zero, or the most that the field holds. PNG's checksum is made right
// again.
func LieDimensions(r *rand.Rand, b []byte) []byte {
	b = slices.Clone(b)
	fields := sizeFields(b)
	if len(fields) == 0 {
		return b
	}
	f := fields[r.IntN(len(fields))]
	old := f.get(b)
	f.set(b, [...]uint32{old + 1, 2 * old, 0, 1<<32 - 1}[r.IntN(4)])
	return parts.Reseal(b)
}

// sizeField is where a header states a width or height.
type sizeField struct {
	at, bytes int
	little    bool
	mask      uint32 // of the field's own bits
}

func (f sizeField) get(b []byte) uint32 {
	var v uint32
	for i := range f.bytes {
		shift := 8 * (f.bytes - 1 - i)
		if f.little {
			shift = 8 * i
		}
		v |= uint32(b[f.at+i]) << shift
	}
	return v & f.mask
}

func (f sizeField) set(b []byte, v uint32) {
	keep := f
	keep.mask = ^f.mask
	v = v&f.mask | keep.get(b)
	for i := range f.bytes {
		shift := 8 * (f.bytes - 1 - i)
		if f.little {
			shift = 8 * i
		}
		b[f.at+i] = byte(v >> shift)
	}
}

// sizeFields finds where a file states its size.
func sizeFields(b []byte) []sizeField {
	var fields []sizeField
	add := func(at, bytes int, little bool, mask uint32) {
		if at+bytes <= len(b) {
			fields = append(fields, sizeField{at, bytes, little, mask})
		}
	}
	pair := func(at, bytes int, little bool, mask uint32) {
		add(at, bytes, little, mask)
		add(at+bytes, bytes, little, mask)
	}
	const whole = 1<<32 - 1
	all := parts.Of(b)
	switch detect.Detect(b) {
	case detect.PNG:
		pair(16, 4, false, whole)
	case detect.BMP:
		if b[14] == 12 {
			pair(18, 2, true, 0xffff)
		} else {
			pair(18, 4, true, whole)
		}
	case detect.JPEG:
		for _, p := range all {
			if p.Kind >= "ffc0" && p.Kind <= "ffcf" && p.Kind != "ffc4" && p.Kind != "ffc8" && p.Kind != "ffcc" {
				pair(p.Data+1, 2, false, 0xffff)
			}
		}
	case detect.WebP:
		for _, p := range all {
			switch p.Kind {
			case "VP8 ":
				pair(p.Data+6, 2, true, 0x3fff)
			case "VP8L":
				add(p.Data+1, 4, true, 0x3fff)
			case "VP8X":
				pair(p.Data+4, 3, true, 0xffffff)
			}
		}
	case detect.HEIC:
		for _, p := range all {
			if p.Kind == "ispe" {
				pair(p.Data+4, 4, false, whole)
			}
		}
	}
	return fields
}

// pick returns a random part that want accepts.
func pick(r *rand.Rand, b []byte, want func(p parts.Part) bool) (parts.Part, bool) {
	found := slices.DeleteFunc(parts.Of(b), func(p parts.Part) bool { return !want(p) })
	if len(found) == 0 {
		return parts.Part{}, false
	}
	return found[r.IntN(len(found))], true
}

func anyPart(parts.Part) bool { return true }

// DropChunk removes a random chunk, marker segment, RIFF chunk or box. The size
// of a RIFF file is made right again; boxes around a box are not.
func DropChunk(r *rand.Rand, b []byte) []byte {
	p, ok := pick(r, b, anyPart)
	if !ok {
		return slices.Clone(b)
	}
	return resizedRIFF(slices.Delete(slices.Clone(b), p.At, p.End))
}

// RepeatChunk writes a random chunk, segment or box twice.
func RepeatChunk(r *rand.Rand, b []byte) []byte {
	p, ok := pick(r, b, anyPart)
	if !ok {
		return slices.Clone(b)
	}
	return resizedRIFF(slices.Insert(slices.Clone(b), p.End, b[p.At:p.End]...))
}

// SwapChunks exchanges two neighbours.
func SwapChunks(r *rand.Rand, b []byte) []byte {
	all := parts.Of(b)
	if len(all) < 2 {
		return slices.Clone(b)
	}
	i := r.IntN(len(all) - 1)
	p, q := all[i], all[i+1]
	if q.At != p.End { // a container and its first child
		return slices.Clone(b)
	}
	return pack.Join(b[:p.At], b[q.At:q.End], b[p.At:p.End], b[q.End:])
}

// resizedRIFF makes the size field of a RIFF file right.
func resizedRIFF(b []byte) []byte {
	if len(b) >= 12 && string(b[:4]) == "RIFF" {
		binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	}
	return b
}

// LieLength changes the length field of a random part: by one, to zero, or to
// the most it holds. PNG's checksums are made right where they then are.
func LieLength(r *rand.Rand, b []byte) []byte {
	p, ok := pick(r, b, func(p parts.Part) bool { return p.Data > p.At })
	if !ok {
		return slices.Clone(b)
	}
	f := sizeField{at: p.At, bytes: 4, mask: 1<<32 - 1}
	switch detect.Detect(b) {
	case detect.JPEG:
		if p.Data != p.At+4 {
			return slices.Clone(b) // a marker without a length
		}
		f = sizeField{at: p.At + 2, bytes: 2, mask: 0xffff}
	case detect.WebP:
		f.at, f.little = p.At+4, true
	}
	b = slices.Clone(b)
	old := f.get(b)
	f.set(b, [...]uint32{old + 1, old - 1, 0, 1<<32 - 1}[r.IntN(4)])
	return parts.Reseal(b)
}

// DamageData changes a random byte of the coded picture: IDAT, an entropy-coded
// segment, VP8 or VP8L, mdat, pixels. Checksums of PNG chunks are made right
// again; the Adler-32 inside is not.
func DamageData(r *rand.Rand, b []byte) []byte {
	p, ok := pick(r, b, func(p parts.Part) bool {
		return p.DataEnd > p.Data && slices.Contains([]string{"IDAT", "fdAT", "ecs", "VP8 ", "VP8L", "ALPH", "ANMF", "mdat", "pixels"}, p.Kind)
	})
	b = slices.Clone(b)
	if !ok {
		return b
	}
	b[p.Data+r.IntN(p.DataEnd-p.Data)] ^= byte(1 + r.IntN(255))
	return parts.Reseal(b)
}

// InsertBytes puts up to eight random bytes at a random place.
func InsertBytes(r *rand.Rand, b []byte) []byte {
	extra := make([]byte, 1+r.IntN(8))
	for i := range extra {
		extra[i] = byte(r.IntN(256))
	}
	return slices.Insert(slices.Clone(b), r.IntN(len(b)+1), extra...)
}

// Newlines writes every LF as CR LF, as a transfer in text mode does.
func Newlines(_ *rand.Rand, b []byte) []byte {
	var out []byte
	for _, v := range b {
		if v == '\n' {
			out = append(out, '\r')
		}
		out = append(out, v)
	}
	return out
}

// SwapMagic writes the signature of another format over the start of b.
func SwapMagic(r *rand.Rand, b []byte) []byte {
	magic := [...]string{parts.PNGSignature, "\xff\xd8\xff\xe0", "BM", "RIFF\x00\x00\x00\x00WEBPVP8 ", "\x00\x00\x00\x18ftypheic", "GIF89a"}[r.IntN(6)]
	b = slices.Clone(b)
	copy(b, magic)
	return b
}

// Append puts a payload behind the end: a script, as attackers hide it in pictures.
func Append(r *rand.Rand, b []byte) []byte {
	return AppendBytes([]byte("<script>alert(1)</script>"))(r, b)
}

// AppendBytes puts tail behind the end.
func AppendBytes(tail []byte) Op {
	return func(_ *rand.Rand, b []byte) []byte { return pack.Join(b, tail) }
}
