package heic_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/verify"
)

// movie is a track of an image sequence in the making: six samples of one picture
// in three chunks, two and two and two.
type movie struct {
	entry string // type of the sample entry
	wide  bool   // co64
	runs  []uint64
	sizes []byte // stsz or stz2, the whole box
	times []byte
	sync  []byte
	dref  uint64 // flags of its url
	extra []byte // boxes at the end of stbl
}

const sampleSize = len(tileStream) / 2

func newMovie() *movie {
	m := &movie{entry: "hvc1", runs: []uint64{1, 2, 1}, dref: 1}
	m.sizes = mkfull("stsz", 0, 0, be(4, 0), be(4, 6), bytes.Repeat(be(4, uint64(sampleSize)), 6))
	m.times = mkfull("stts", 0, 0, be(4, 2), be(4, 5), be(4, 1000), be(4, 1), be(4, 2000))
	m.sync = mkfull("stss", 0, 0, be(4, 2), be(4, 1), be(4, 4))
	return m
}

// bytes returns a still with the sequence behind it: mdat, then moov.
func (m *movie) bytes() []byte {
	f := single()
	f.brands = "heicmsf1mif1hevc"
	still := f.bytes()
	samples := bytes.Repeat(unhex(tileStream), 6)
	return cat(still, mkbox("mdat", samples), m.moov(len(still)+8))
}

// moov returns the movie's tables, for samples that begin at an offset.
func (m *movie) moov(at int) []byte {
	var chunks []byte
	width := 4
	kind := "stco"
	if m.wide {
		width, kind = 8, "co64"
	}
	for i := range 3 {
		chunks = append(chunks, be(width, uint64(at+2*i*sampleSize))...)
	}
	var runs []byte
	for _, v := range m.runs {
		runs = append(runs, be(4, v)...)
	}
	entry := mkbox(m.entry, make([]byte, 6), be(2, 1), make([]byte, 70), hvcC())
	stbl := mkbox("stbl",
		mkfull("stsd", 0, 0, be(4, 1), entry),
		m.times, m.sync,
		mkfull("stsc", 0, 0, be(4, uint64(len(m.runs)/3)), runs),
		m.sizes,
		mkfull(kind, 0, 0, be(4, 3), chunks), m.extra)
	dinf := mkbox("dinf", mkfull("dref", 0, 0, be(4, 1), mkfull("url ", 0, m.dref)))
	handler := mkfull("hdlr", 0, 0, be(4, 0), []byte("pict"), make([]byte, 13))
	return mkbox("moov", mkfull("mvhd", 0, 0, make([]byte, 96)),
		mkbox("trak", mkfull("tkhd", 0, 0, make([]byte, 80)),
			mkbox("mdia", handler, mkbox("minf", dinf, stbl))))
}

func TestSequenceBesideAStill(t *testing.T) {
	wide, external, fixed, other := newMovie(), newMovie(), newMovie(), newMovie()
	wide.wide = true
	external.dref = 0
	fixed.sizes = mkfull("stsz", 0, 0, be(4, uint64(sampleSize)), be(4, 6))
	other.entry = "av01"
	uneven, nibbles := newMovie(), newMovie()
	uneven.runs = []uint64{1, 1, 1, 2, 4, 1, 3, 1, 1}
	nibbles.entry = "mp4a"
	nibbles.sizes = mkfull("stz2", 0, 0, be(4, 4), be(4, 6), []byte{0x12, 0x34, 0x56})
	for name, m := range map[string]*movie{
		"": newMovie(), "co64": wide, "in another file": external, "one size": fixed, "another codec": other,
		"stz2": nibbles,
	} {
		info, err := heic.Verify(m.bytes(), heic.Limits{})
		require.NoError(t, err, name)
		require.Equal(t, 1, info.Frames)
		require.Empty(t, info.Warnings, name)
	}
	// Four samples in the second chunk overlap those of the third.
	_, err := heic.Verify(uneven.bytes(), heic.Limits{})
	require.NoError(t, err)
}

// The still decides: what is wrong with the sequence beside it is a warning.
func TestBrokenSequenceIsAWarning(t *testing.T) {
	for name, edit := range map[string]func(*movie){
		"stsc begins at chunk 2":    func(m *movie) { m.runs[0] = 2 },
		"stsc names a chunk twice":  func(m *movie) { m.runs = []uint64{1, 2, 1, 1, 2, 1} },
		"stsc names chunk 4":        func(m *movie) { m.runs = []uint64{1, 2, 1, 4, 2, 1} },
		"stsc of 0 samples":         func(m *movie) { m.runs[1] = 0 },
		"stsc of 3 samples":         func(m *movie) { m.runs[1] = 3 },
		"stsc of 2^32-1 samples":    func(m *movie) { m.runs[1] = 1<<32 - 1 },
		"stsc, description 0":       func(m *movie) { m.runs[2] = 0 },
		"stsc, description 2":       func(m *movie) { m.runs[2] = 2 },
		"stsc is empty":             func(m *movie) { m.runs = nil },
		"stsz of 5 samples":         func(m *movie) { m.sizes = mkfull("stsz", 0, 0, be(4, 9), be(4, 5)) },
		"stsz of 2^32-1 samples":    func(m *movie) { m.sizes = mkfull("stsz", 0, 0, be(4, 9), be(4, 1<<32-1)) },
		"stsz longer than its box":  func(m *movie) { m.sizes = mkfull("stsz", 0, 0, be(4, 0), be(4, 6), make([]byte, 20)) },
		"stsz of 2^32-1 rows":       func(m *movie) { m.sizes = mkfull("stsz", 0, 0, be(4, 0), be(4, 1<<32-1)) },
		"stz2 of 5 bits":            func(m *movie) { m.sizes = mkfull("stz2", 0, 0, be(4, 5), be(4, 6), make([]byte, 20)) },
		"stz2 longer than its box":  func(m *movie) { m.sizes = mkfull("stz2", 0, 0, be(4, 16), be(4, 6), make([]byte, 11)) },
		"stsz and stz2":             func(m *movie) { m.extra = mkfull("stz2", 0, 0, be(4, 8), be(4, 6), make([]byte, 6)) },
		"no sizes":                  func(m *movie) { m.sizes = nil },
		"stts counts 7":             func(m *movie) { m.times = mkfull("stts", 0, 0, be(4, 1), be(4, 7), be(4, 1)) },
		"stts longer than its box":  func(m *movie) { m.times = mkfull("stts", 0, 0, be(4, 1<<32-1), be(4, 6), be(4, 1)) },
		"no stts":                   func(m *movie) { m.times = nil },
		"ctts counts 5":             func(m *movie) { m.extra = mkfull("ctts", 0, 0, be(4, 1), be(4, 5), be(4, 1)) },
		"stss names sample 7":       func(m *movie) { m.sync = mkfull("stss", 0, 0, be(4, 1), be(4, 7)) },
		"stss names sample 0":       func(m *movie) { m.sync = mkfull("stss", 0, 0, be(4, 1), be(4, 0)) },
		"stss in disorder":          func(m *movie) { m.sync = mkfull("stss", 0, 0, be(4, 2), be(4, 4), be(4, 1)) },
		"two stss":                  func(m *movie) { m.extra = m.sync },
		"samples of half a picture": func(m *movie) { m.sizes = mkfull("stsz", 0, 0, be(4, 20), be(4, 6)) },
		"cut off box":               func(m *movie) { m.extra = cat(be(4, 1<<20), []byte("free")) },
	} {
		m := newMovie()
		edit(m)
		info, err := heic.Verify(m.bytes(), heic.Limits{})
		require.NoError(t, err, name)
		require.Len(t, info.Warnings, 1, name)
		require.Equal(t, verify.BadAuxiliary, info.Warnings[0].Reason, name)
	}
}

// A sequence whose samples lie past the end of the file, or were never written, is
// an upload that lost its tail, though viewers show the still.
func TestSequenceThatLostItsTail(t *testing.T) {
	m := newMovie()
	// The tables first, as for streaming: the last sample ends the file.
	f := single()
	f.brands = "msf1hevcmif1heic"
	still := f.bytes()
	moov := m.moov(0)
	moov = m.moov(len(still) + len(moov) + 8)
	samples := bytes.Repeat(unhex(tileStream), 6)
	whole := cat(still, moov, mkbox("mdat", samples))
	_, err := heic.Verify(whole, heic.Limits{})
	require.NoError(t, err)

	for n := len(still) + 4; n < len(whole); n++ {
		_, err := heic.Verify(whole[:n], heic.Limits{})
		refused(t, err, verify.Truncated)
	}
	// The same where mdat says that it goes on to the end of the file.
	open := cat(still, moov, be(4, 0), []byte("mdat"), samples)
	for n := len(still) + len(moov) + 8; n < len(open); n++ {
		_, err := heic.Verify(open[:n], heic.Limits{})
		refused(t, err, verify.Truncated)
	}
	zeroed := bytes.Clone(whole)
	for n := len(whole) - 1; n >= len(still)+len(moov)+8; n-- {
		zeroed[n] = 0
		_, err := heic.Verify(zeroed, heic.Limits{})
		if len(whole)-n >= 16 {
			refused(t, err, verify.Truncated)
		}
	}
	far := newMovie()
	far.wide = true
	b := far.bytes()
	at := bytes.Index(b, []byte("co64")) + 12
	for _, v := range []uint64{1<<64 - 1, 1 << 63, uint64(len(b))} {
		copy(b[at:], be(8, v))
		_, err := heic.Verify(b, heic.Limits{})
		refused(t, err, verify.Truncated)
	}
}

// Tables that claim much cost little.
func TestHostileSequencesAreCheap(t *testing.T) {
	many := newMovie()
	many.runs = []uint64{1, 1 << 31, 1}
	many.sizes = mkfull("stsz", 0, 0, be(4, 1), be(4, 3<<31))
	require.NoError(t, cost(t, many.bytes()))

	// Each chunk holds all samples, 250,000 times: by its extents it is sound.
	const chunks, each = 250_000, 10_000
	f := single()
	at := len(f.bytes()) + 8
	entry := mkbox("hvc1", make([]byte, 6), be(2, 1), make([]byte, 70), hvcC())
	stbl := mkbox("stbl",
		mkfull("stsd", 0, 0, be(4, 1), entry),
		mkfull("stsc", 0, 0, be(4, 1), be(4, 1), be(4, each), be(4, 1)),
		mkfull("stsz", 0, 0, be(4, uint64(sampleSize)), be(4, chunks*each)),
		mkfull("stts", 0, 0, be(4, 1), be(4, chunks*each), be(4, 1)),
		mkfull("stco", 0, 0, be(4, chunks), bytes.Repeat(be(4, uint64(at)), chunks)))
	f.tail = cat(mkbox("mdat", bytes.Repeat(unhex(tileStream), each)), mkbox("moov", mkbox("trak", mkbox("mdia", mkbox("minf", stbl)))))
	require.NoError(t, cost(t, f.bytes()))

	f.tail = mkbox("moov", bytes.Repeat(mkbox("trak"), 100_000))
	require.NoError(t, cost(t, f.bytes()))
}

// The tables of a real movie, as ffmpeg writes them, are read without a warning;
// and without its last byte it is refused.
func TestSequenceOfFFmpeg(t *testing.T) {
	ffmpeg := tool(t, "ffmpeg")
	for i, options := range [][]string{{"-movflags", "+faststart"}, {"-bf", "3", "-g", "5"}} {
		name := filepath.Join(t.TempDir(), "movie.mp4")
		args := append([]string{"-loglevel", "error", "-f", "lavfi", "-i", "testsrc=size=128x96:rate=10:duration=1", "-pix_fmt", "yuv420p",
			"-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", "log-level=none"}, append(options, "-y", name)...)
		if msg, err := exec.Command(ffmpeg, args...).CombinedOutput(); err != nil {
			t.Skipf("SKIPPED: this ffmpeg has no libx265: %v: %s", err, msg)
		}
		mp4, err := os.ReadFile(name)
		require.NoError(t, err)
		// The movie's ftyp gives way to a still of equal length in front: each of its
		// boxes stays where the tables say.
		ftyp := int(mp4[3])
		f := single()
		f.brands = "msf1hevcmif1heic"
		still := f.bytes()
		shift := len(still) - ftyp
		b := cat(still, shiftChunks(t, mp4[ftyp:], shift))
		info, err := heic.Verify(b, heic.Limits{})
		require.NoError(t, err, "movie %d", i)
		require.Empty(t, info.Warnings, "movie %d", i)
		_, err = heic.Verify(b[:len(b)-1], heic.Limits{})
		refused(t, err, verify.Truncated)
		// One byte less in front: no sample lies where the tables say.
		info, err = heic.Verify(cat(still, shiftChunks(t, mp4[ftyp:], shift-1)), heic.Limits{})
		require.NoError(t, err)
		require.Len(t, info.Warnings, 1, fmt.Sprint(options))
	}
}

// shiftChunks adds to the chunk offsets of a movie with one stco.
func shiftChunks(t *testing.T, b []byte, by int) []byte {
	t.Helper()
	b = bytes.Clone(b)
	require.Equal(t, 1, bytes.Count(b, []byte("stco")))
	at := bytes.Index(b, []byte("stco")) + 8
	number := func(at int) uint64 {
		return uint64(b[at])<<24 | uint64(b[at+1])<<16 | uint64(b[at+2])<<8 | uint64(b[at+3])
	}
	for i := range int(number(at)) {
		p := at + 4 + 4*i
		copy(b[p:], be(4, number(p)+uint64(by)))
	}
	return b
}
