package png

import (
	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build/deflate"
	"github.com/imgvet/imgvet/fuzz/internal/build/png"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
)

// Deflate are files with one defect in the zlib stream of an otherwise perfect file.
// RFC 1950 and RFC 1951 are what PNG (3rd ed.) 10.1 refers to.
func Deflate() []cases.Case {
	s := &cases.Suite{Format: detect.PNG}
	raw := png.Base.Rows()
	z := deflate.ZlibStored(raw)
	file := func(z []byte) []byte { return png.File(png.Base.Chunk(), png.IDAT(z), png.IEND) }
	block := func(f func(w *deflate.Writer)) []byte {
		var w deflate.Writer
		f(&w)
		return file(deflate.ZlibOf(w.Bytes, raw))
	}
	s.Bad("zlib_method_7", file(pack.Join([]byte{0x77, 0x09}, z[2:])), "RFC 1950 2.2: CM is 8")
	s.Bad("zlib_window_64k", file(pack.Join([]byte{0x88, 0x1c}, z[2:])), "RFC 1950 2.2: CINFO is at most 7")
	s.Bad("zlib_header_check", file(pack.Patched(z, 1, 0x02)), "RFC 1950 2.2: CMF and FLG are a multiple of 31")
	s.Bad("zlib_preset_dictionary", file(pack.Join([]byte{0x78, 0x20}, pack.BE32(1), z[2:])), "10.1: no preset dictionary in PNG")
	s.Bad("zlib_adler", file(pack.Join(z[:len(z)-4], deflate.BadSum(raw))), "RFC 1950 2.2: Adler-32 of the data")
	s.Bad("zlib_adler_cut", file(z[:len(z)-1]), "RFC 1950 2.2: four bytes of Adler-32")
	s.Bad("deflate_no_last_block", file(pack.Join([]byte{0x78, 0x01, 0}, z[3:])), "RFC 1951 3.2.3: one block has BFINAL")
	s.Bad("deflate_block_type_3", file(pack.Patched(z, 2, 7)), "RFC 1951 3.2.3: BTYPE 11 is an error")
	s.Bad("deflate_stored_length", file(pack.Patched(z, 5, z[5]^1)), "RFC 1951 3.2.4: NLEN is the complement of LEN")
	s.Bad("deflate_stored_past_the_end", file(pack.Join(z[:3], pack.LE16(0xfff), pack.LE16(^0xfff), z[7:])), "RFC 1951 3.2.4: LEN bytes follow")

	literals := func(w *deflate.Writer) {
		for _, v := range raw {
			w.FixedSymbol(int(v))
		}
	}
	s.Bad("deflate_length_symbol_286", block(func(w *deflate.Writer) {
		w.Put(3, 3)
		literals(w)
		w.FixedSymbol(286)
		w.Put(0, 5)
		w.FixedSymbol(256)
	}), "RFC 1951 3.2.6: 286 and 287 never occur")
	s.Bad("deflate_distance_symbol_30", block(func(w *deflate.Writer) {
		w.Put(3, 3)
		w.FixedSymbol(0)
		w.FixedSymbol(257)
		w.Code(30, 5)
		w.Put(0, 13)
		w.FixedSymbol(256)
	}), "RFC 1951 3.2.6: 30 and 31 never occur")
	s.Bad("deflate_distance_too_far", block(func(w *deflate.Writer) {
		w.Put(3, 3)
		w.FixedSymbol(0)
		w.FixedSymbol(257)
		w.Code(1, 5) // distance 2, and one byte is there
		for range len(raw) - 4 {
			w.FixedSymbol(0)
		}
		w.FixedSymbol(256)
	}), "RFC 1951 3.2.5: a distance does not pass the start")
	s.Bad("deflate_no_end_of_block", block(func(w *deflate.Writer) {
		w.Put(3, 3)
		literals(w)
	}), "RFC 1951 3.2.3: symbol 256 ends a block")

	lengths := func(n int, at map[int]int) []int {
		l := make([]int, n)
		for sym, bits := range at {
			l[sym] = bits
		}
		return l
	}
	dynamic := func(name, why string, litlen, dist []int) {
		s.Bad("deflate_"+name, block(func(w *deflate.Writer) {
			w.DynamicHeader(litlen, dist)
			w.Put(0, 64)
		}), why)
	}
	dynamic("287_length_codes", "RFC 1951 3.2.7: at most 286", lengths(287, map[int]int{0: 1, 256: 1}), []int{1})
	dynamic("31_distance_codes", "RFC 1951 3.2.7: at most 30", lengths(257, map[int]int{0: 1, 256: 1}), lengths(31, map[int]int{0: 1}))
	dynamic("lengths_oversubscribed", "RFC 1951 3.2.2: more codes than bits allow", lengths(257, map[int]int{0: 1, 1: 1, 256: 1}), []int{1})
	dynamic("lengths_incomplete", "RFC 1951 3.2.2, zlib inftrees.c: fewer codes than bits allow", lengths(257, map[int]int{0: 2, 256: 2}), []int{1})
	dynamic("no_end_symbol", "RFC 1951 3.2.7: symbol 256 has a code", lengths(257, map[int]int{0: 1, 1: 1}), []int{1})
	dynamic("distances_oversubscribed", "RFC 1951 3.2.2: more codes than bits allow", lengths(257, map[int]int{0: 1, 256: 1}), []int{1, 1, 1})
	s.Bad("deflate_repeat_without_previous", block(func(w *deflate.Writer) {
		w.Put(5, 3)
		w.Put(0, 5)
		w.Put(0, 5)
		w.Put(0, 4)
		for _, n := range []uint64{1, 0, 0, 1} { // symbols 16, 17, 18, 0
			w.Put(n, 3)
		}
		w.Put(1, 1) // symbol 16: repeat the length before the first
		w.Put(0, 2)
		w.Put(0, 64)
	}), "RFC 1951 3.2.7: code 16 copies the previous length")
	s.Bad("deflate_repeat_past_the_end", block(func(w *deflate.Writer) {
		w.Put(5, 3)
		w.Put(0, 5)
		w.Put(0, 5)
		w.Put(0, 4)
		for _, n := range []uint64{0, 0, 1, 1} {
			w.Put(n, 3)
		}
		for range 3 { // three times 138 zero lengths, for 258
			w.Put(1, 1)
			w.Put(127, 7)
		}
		w.Put(0, 64)
	}), "RFC 1951 3.2.7: HLIT + HDIST + 258 lengths and no more")
	return s.Cases
}
