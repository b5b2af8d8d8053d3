package webp

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
)

// part is a part of a file that a test makes.
var (
	lossless = oneColour(6, 4)
	unknown  = chunkOf("abcd", []byte("12345678"))
	odd      = chunkOf("abcd", []byte("12345"))
)

// lossyParts returns the ALPH and VP8 chunks of a good file, and its size.
func lossyParts(tb testing.TB) (alph, image []byte, width, height int) {
	for _, f := range goodFiles(tb) {
		if f.name != "cwebp-lossy-alpha-raw.webp" {
			continue
		}
		info, err := Verify(f.data, limits)
		require.NoError(tb, err)
		rest := f.data[riffHeaderSize+chunkHeaderSize+vp8xSize:]
		n := int(binary.LittleEndian.Uint32(rest[4:]))
		n += chunkHeaderSize + n&1
		return rest[:n], rest[n:], info.Width, info.Height
	}
	tb.Fatal("no file with alpha")
	return nil, nil, 0, 0
}

// cut drops the last n bytes.
func cut(b []byte, n int) []byte { return b[:len(b)-n] }

// resize adds n to the size of the container.
func resize(b []byte, n int) []byte {
	b = bytes.Clone(b)
	binary.LittleEndian.PutUint32(b[4:], uint32(int(binary.LittleEndian.Uint32(b[4:]))+n))
	return b
}

// set changes one byte.
func set(b []byte, at int, v byte) []byte {
	b = bytes.Clone(b)
	b[at] = v
	return b
}

type containerCase struct {
	name   string
	data   []byte
	refuse verify.Reason   // "" to take it
	warn   []verify.Reason // in order
	libweb bool            // that libwebp's decoder (stills only) and demuxer take it, if they differ from us
}

// containerCases are odd containers. Each was tried with libwebp 1.2.4.
func containerCases(tb testing.TB) []containerCase {
	const w, h = 6, 4
	alph, lossy, lw, lh := lossyParts(tb)
	badALPH := set(alph, 8, 2)
	still, anim := vp8xOf(0, w, h), vp8xOf(flagAnimation, w, h)
	frame := anmfOf(0, 0, w, h, lossless)
	icc := make([]byte, 140)
	icc[3] = 140
	copy(icc[36:], "acsp")
	tiff := []byte("II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	const (
		bad, short = verify.Malformed, verify.Truncated
		alien      = verify.UnknownMetadata
		misplaced  = verify.MisplacedChunk
		trailing   = verify.TrailingData
		pad        = verify.MissingPadding
		reserved   = verify.ReservedValue
	)
	warn := func(r ...verify.Reason) []verify.Reason { return r }
	return []containerCase{
		{name: "simple", data: riffOf(lossless)},
		{name: "simple, unknown after", data: riffOf(lossless, unknown), warn: warn(misplaced)},
		{name: "simple, second picture after", data: riffOf(lossless, lossless), warn: warn(misplaced)},
		{name: "simple, four bytes after", data: riffOf(lossless, []byte("1234")), refuse: bad},
		{name: "simple, chunk past the end after", data: riffOf(lossless, []byte("abcd\xff\xff\x00\x00xx")), refuse: bad},
		{name: "simple, the same after a good chunk", data: riffOf(lossless, unknown, []byte("abcd\xff\xff\x00\x00xx")), warn: warn(misplaced, trailing)},
		{name: "simple, cut in a chunk after", data: cut(riffOf(lossless, unknown, unknown), 1), refuse: short},
		{name: "data after the file", data: append(riffOf(lossless), "1234"...), warn: warn(trailing)},
		{name: "unknown first", data: riffOf(unknown, lossless), refuse: bad},
		{name: "ALPH first", data: riffOf(alph, lossy), refuse: bad},
		{name: "nothing", data: riffOf(), refuse: bad},
		{name: "extended", data: riffOf(still, lossless)},
		{name: "extended, four bytes after", data: riffOf(still, lossless, []byte("1234")), refuse: bad},
		{name: "extended, no picture", data: riffOf(still, unknown), refuse: bad},
		{name: "extended, ALPH only", data: riffOf(vp8xOf(flagAlpha, lw, lh), alph), refuse: bad},
		{name: "alpha flag, no ALPH", data: riffOf(vp8xOf(flagAlpha, lw, lh), lossy)},
		{name: "ALPH, no alpha flag", data: riffOf(vp8xOf(0, lw, lh), alph, lossy)},
		{name: "bad ALPH, no alpha flag", data: riffOf(vp8xOf(0, lw, lh), badALPH, lossy), refuse: bad},
		{name: "bad ALPH", data: riffOf(vp8xOf(flagAlpha, lw, lh), badALPH, lossy), refuse: bad},
		{name: "ALPH, unknown, VP8", data: riffOf(vp8xOf(flagAlpha, lw, lh), alph, unknown, lossy), refuse: bad},
		{name: "unknown, ALPH, VP8", data: riffOf(vp8xOf(flagAlpha, lw, lh), unknown, alph, lossy), warn: warn(alien)},
		{name: "ALPH twice", data: riffOf(vp8xOf(flagAlpha, lw, lh), alph, alph, lossy), refuse: bad},
		{name: "ALPH, VP8L", data: riffOf(vp8xOf(flagAlpha, w, h), alph, lossless), refuse: bad},
		{name: "VP8, ALPH", data: riffOf(vp8xOf(flagAlpha, lw, lh), lossy, alph), refuse: bad},
		{name: "VP8, ALPH, no alpha flag", data: riffOf(vp8xOf(0, lw, lh), lossy, alph), refuse: bad, libweb: true},
		{name: "VP8 twice", data: riffOf(vp8xOf(0, lw, lh), lossy, lossy), refuse: bad},
		{name: "reserved flag", data: riffOf(vp8xOf(1, w, h), lossless), refuse: bad},
		{name: "reserved byte", data: riffOf(set(still, 9, 1), lossless), warn: warn(reserved)},
		{name: "VP8X too long", data: riffOf(chunkOf("VP8X", still[8:], []byte{0, 0}), lossless), refuse: bad},
		{name: "VP8X twice", data: riffOf(still, still, lossless), refuse: bad},
		{name: "VP8X after the picture", data: riffOf(still, lossless, still), refuse: bad},
		{name: "canvas of another size", data: riffOf(vp8xOf(0, w+1, h), lossless), refuse: bad},
		{name: "ICCP flag only", data: riffOf(vp8xOf(flagICCP, w, h), lossless), warn: warn(verify.BadMetadata)},
		{name: "ICCP after the picture", data: riffOf(vp8xOf(flagICCP, w, h), lossless, chunkOf("ICCP", icc)), warn: warn(misplaced)},
		{name: "ICCP cut", data: riffOf(vp8xOf(flagICCP, w, h), chunkOf("ICCP", icc[:139]), lossless), warn: warn(verify.BadMetadata)},
		{name: "EXIF cut", data: riffOf(vp8xOf(flagEXIF, w, h), lossless, chunkOf("EXIF", []byte("II*\x00\x08\x00"))), warn: warn(verify.BadMetadata)},
		{name: "EXIF empty", data: riffOf(vp8xOf(flagEXIF, w, h), lossless, chunkOf("EXIF", []byte("Exif\x00\x00"))), warn: warn(verify.BadMetadata)},
		{name: "EXIF twice", data: riffOf(vp8xOf(flagEXIF, w, h), lossless, chunkOf("EXIF", tiff), chunkOf("EXIF", tiff)), warn: warn(misplaced)},
		{name: "still, animation flag", data: riffOf(anim, lossless), refuse: bad},
		{name: "still after ANIM", data: riffOf(anim, animOf, lossless), refuse: bad},
		{name: "ANIM in a still", data: riffOf(still, animOf, lossless), refuse: bad},
		{name: "ANIM after a still", data: riffOf(still, lossless, animOf), warn: warn(misplaced)},
		{name: "ANIM, ANMF after a still", data: riffOf(still, lossless, animOf, frame), refuse: bad, libweb: true},
		{name: "animation", data: riffOf(anim, animOf, frame, frame)},
		{name: "animation, lossy with alpha", data: riffOf(vp8xOf(flagAnimation|flagAlpha, lw, lh), animOf, anmfOf(0, 0, lw, lh, alph, lossy))},
		{name: "animation, bad ALPH", data: riffOf(vp8xOf(flagAnimation, lw, lh), animOf, anmfOf(0, 0, lw, lh, badALPH, lossy)), refuse: bad},
		{name: "frame inside of the canvas", data: riffOf(vp8xOf(flagAnimation, w+2, h+2), animOf, anmfOf(2, 2, w, h, lossless))},
		{name: "frame out of the canvas", data: riffOf(vp8xOf(flagAnimation, w+1, h+2), animOf, anmfOf(2, 2, w, h, lossless)), refuse: bad},
		{name: "frame of another size", data: riffOf(vp8xOf(flagAnimation, w+2, h), animOf, anmfOf(0, 0, w+1, h, lossless)), warn: warn(verify.SizeDisagrees)},
		{name: "no ANIM", data: riffOf(anim, frame), refuse: bad},
		{name: "ANIM twice", data: riffOf(anim, animOf, animOf, frame), warn: warn(misplaced)},
		{name: "ANIM too short", data: riffOf(anim, chunkOf("ANIM", make([]byte, 5)), frame), refuse: bad, libweb: true},
		{name: "ANIM too long", data: riffOf(anim, chunkOf("ANIM", make([]byte, 8)), frame), warn: warn(verify.SizeDisagrees)},
		{name: "no frames", data: riffOf(anim, animOf), refuse: bad},
		{name: "frames, no animation flag", data: riffOf(still, animOf, frame), refuse: bad},
		{name: "reserved bits of ANMF", data: riffOf(anim, animOf, set(frame, 8+15, 0x80)), warn: warn(reserved)},
		{name: "unknown after the picture of a frame", data: riffOf(anim, animOf, anmfOf(0, 0, w, h, lossless, unknown)), warn: warn(alien)},
		{name: "unknown before the picture of a frame", data: riffOf(anim, animOf, anmfOf(0, 0, w, h, unknown, lossless)), refuse: bad},
		{name: "four bytes after the picture of a frame", data: riffOf(anim, animOf, anmfOf(0, 0, w, h, lossless, []byte("1234"))), refuse: bad},
		{name: "two pictures in a frame", data: riffOf(anim, animOf, anmfOf(0, 0, w, h, lossless, lossless)), refuse: bad},
		{name: "a frame in a frame", data: riffOf(anim, animOf, anmfOf(0, 0, w, h, lossless, frame)), refuse: bad, libweb: true},
		{name: "an empty frame", data: riffOf(anim, animOf, anmfOf(0, 0, w, h), frame), refuse: bad, libweb: true},
		{name: "ALPH, VP8L in a frame", data: riffOf(anim, animOf, anmfOf(0, 0, w, h, alph, lossless)), refuse: bad},
		{name: "ANMF too short", data: riffOf(anim, animOf, frame, chunkOf("ANMF", make([]byte, 10))), refuse: bad},
		{name: "picture reaches out of its frame", data: riffOf(anim, animOf, anmfOf(0, 0, w, h, cut(lossless, 4)), lossless[len(lossless)-4:]), refuse: bad},
		{name: "frame, then a still", data: riffOf(anim, animOf, frame, lossless), refuse: bad},
		{name: "pad byte not zero", data: set(riffOf(still, lossless, odd), len(riffOf(still, lossless, odd))-1, 7), warn: warn(reserved, alien)},
		{name: "last pad byte cut", data: cut(riffOf(still, lossless, odd), 1), refuse: short},
		{name: "last pad byte not there", data: riffOf(still, lossless, cut(odd, 1)), warn: warn(pad, alien)},
		{name: "last pad byte not counted", data: resize(riffOf(still, lossless, odd), -1), warn: warn(pad, alien)},
		{name: "last byte cut", data: cut(riffOf(still, lossless, unknown), 1), refuse: short},
		{name: "RIFF size 0", data: resize(riffOf(lossless), 8-len(riffOf(lossless))), refuse: bad},
		{name: "RIFF size too large", data: resize(riffOf(lossless), 2), refuse: short},
		{name: "signature", data: set(riffOf(lossless), 8, 'w'), refuse: bad},
	}
}

// madeFiles are animations and the like, for the tests that take any file.
func madeFiles() []file {
	frame := anmfOf(0, 0, 6, 4, lossless)
	return []file{
		{"animation", riffOf(vp8xOf(flagAnimation, 6, 4), animOf, frame, frame)},
		{"one colour", riffOf(lossless)},
	}
}

func TestContainers(t *testing.T) {
	for _, c := range containerCases(t) {
		info, err := Verify(c.data, limits)
		if c.refuse != "" {
			fault := new(verify.Fault)
			require.ErrorAs(t, err, &fault, c.name)
			require.Equal(t, c.refuse, fault.Reason, "%s: %v", c.name, err)
			require.GreaterOrEqual(t, fault.Offset, int64(0), c.name)
			require.LessOrEqual(t, fault.Offset, int64(len(c.data)), c.name)
			continue
		}
		require.NoError(t, err, c.name)
		var got []verify.Reason
		for _, w := range info.Warnings {
			got = append(got, w.Reason)
			require.LessOrEqual(t, w.Offset, int64(len(c.data)), c.name)
		}
		require.Equal(t, c.warn, got, "%s: %v", c.name, info.Warnings)
	}
}

func TestInfo(t *testing.T) {
	frame := anmfOf(2, 0, 6, 4, lossless)
	b := riffOf(vp8xOf(flagAnimation, 10, 8), animOf, frame, frame, frame)
	info, err := Verify(b, limits)
	require.NoError(t, err)
	require.Equal(t, verify.Info{Width: 10, Height: 8, Frames: 3, Facts: verify.Facts{BitDepth: 8}}, info)

	// The size of a cut file is known.
	info, err = Verify(b[:60], limits)
	requireReason(t, verify.Truncated, err)
	require.Equal(t, 10, info.Width)
	require.Equal(t, 8, info.Height)

	tiff := []byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00")
	for _, prefix := range []string{"", "Exif\x00\x00"} {
		info, err = Verify(riffOf(vp8xOf(flagEXIF, 6, 4), lossless, chunkOf("EXIF", []byte(prefix), tiff)), limits)
		require.NoError(t, err)
		require.Equal(t, 6, info.RawOrientation)
		require.Zero(t, info.Orientation, "Chromium shows it as stored")
		require.Empty(t, info.Warnings)
	}
}

func TestPixelLimit(t *testing.T) {
	for _, b := range [][]byte{
		riffOf(lossless),
		riffOf(vp8xOf(0, 6, 4), lossless),
		riffOf(vp8xOf(flagAnimation, 6, 4), animOf, anmfOf(0, 0, 6, 4, lossless)),
	} {
		for n, want := range map[int64]verify.Reason{23: verify.TooManyPixels, 24: "", 25: ""} {
			info, err := Verify(b, verify.Limits{MaxPixels: n})
			require.Equal(t, 6, info.Width)
			if want == "" {
				require.NoError(t, err)
				continue
			}
			requireReason(t, want, err)
			fault := new(verify.Fault)
			require.ErrorAs(t, err, &fault)
			require.Equal(t, n, fault.Limit)
			require.Equal(t, int64(24), fault.Got)
		}
	}
}

// TestLenient: a file may end after its whole still picture, but no frame of an animation may be
// missing.
func TestLenient(t *testing.T) {
	lenient := limits
	lenient.Lenient = true
	xmp := chunkOf("XMP ", []byte("some text, of an odd length"))
	_, lossy, lw, lh := lossyParts(t)
	for name, parts := range map[string][][]byte{
		"simple":         {lossless},
		"simple, more":   {lossless, unknown},
		"lossy":          {lossy},
		"extended":       {vp8xOf(flagXMP, 6, 4), lossless, xmp},
		"extended lossy": {vp8xOf(flagXMP, lw, lh), lossy, xmp},
	} {
		whole := riffOf(parts...)
		picture := riffHeaderSize
		for _, p := range parts {
			picture += len(p)
			if id := string(p[:4]); id == "VP8 " || id == "VP8L" {
				break
			}
		}
		for n := range whole {
			_, err := Verify(whole[:n], limits)
			require.Error(t, err, "%s cut to %d", name, n)
			info, err := Verify(whole[:n], lenient)
			if n < picture-1 { // the last byte may be padding
				require.Error(t, err, "%s cut to %d: the picture ends at %d", name, n, picture)
			} else if n >= picture {
				require.NoError(t, err, "%s cut to %d: the picture ends at %d", name, n, picture)
				require.NotEmpty(t, info.Warnings)
				require.Equal(t, verify.MissingEnd, info.Warnings[0].Reason)
			}
		}
	}
	frame := anmfOf(0, 0, 6, 4, lossless)
	b := riffOf(vp8xOf(flagAnimation, 6, 4), animOf, frame, frame)
	for n := range len(b) - 1 {
		_, err := Verify(b[:n], lenient)
		require.Error(t, err, "animation cut to %d of %d", n, len(b))
	}
}
