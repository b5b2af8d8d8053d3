package sequence

import (
	"encoding/binary"
	"errors"

	"github.com/imgvet/imgvet/heic/internal/bmff"
	"github.com/imgvet/imgvet/heic/internal/heif"
	"github.com/imgvet/imgvet/internal/cursor"
	"github.com/imgvet/imgvet/internal/verify"
)

// Verify looks at the image sequences beside the still (ISO/IEC 23008-12,
// 7): the tables that say where samples lie, and whether samples lie there. The
// still is what viewers show, so that a broken sequence is a warning; but samples
// past the end of the file, or of zeros, are the lost tail of an upload.
func Verify(b []byte, movies []bmff.Box, warn func(verify.Reason, int, string)) error {
	shared := int64(2 * len(b)) // bytes of samples to look at, in all tracks together
	for i := range movies {
		moov := &movies[i]
		err := walkContainers(moov, 0)
		if err == nil {
			err = verifyMovie(b, moov, &shared)
		}
		if isTruncated(err) {
			return err
		}
		if p := (heif.Payload{Bytes: moov.Data, Spans: []heif.Span{{At: moov.Base, N: len(moov.Data)}}}); err != nil && heif.EndsInZeros(&p) {
			return heif.LostTail(&p)
		}
		if err != nil {
			warn(verify.BadAuxiliary, moov.At, "broken image sequence: "+verify.DetailOf(err))
		}
	}
	return nil
}

// verifyMovie verifies every track of a moov box. The nesting of its boxes has been
// checked. A fault of reason Truncated goes before any other.
func verifyMovie(b []byte, moov *bmff.Box, shared *int64) error {
	var odd error
	tracks := 0
	for c := moov.Cursor(); c.Len() > 0; {
		trak, err := bmff.Next(&c)
		if err != nil {
			return err
		}
		if trak.Type != "trak" {
			continue
		}
		if tracks++; tracks > maxTracks {
			return verify.TooMany(trak.At, "tracks", maxTracks, int64(tracks))
		}
		t, err := parseTrack(&trak)
		if err != nil {
			err = bmff.InBox(err)
		} else {
			err = t.verify(b, shared)
		}
		if isTruncated(err) {
			return err
		}
		if odd == nil {
			odd = err
		}
	}
	return odd
}

// Bounds on what a moov box may hold.
const (
	maxBoxDepth = 10 // boxes in boxes
	maxTracks   = 64
)

// track is where the samples of a trak box lie: tables of its stbl, left in the
// file's bytes.
type track struct {
	at       int
	external bool // the samples lie in another file
	entries  int  // sample entries
	unitSize int  // bytes of the length before each NAL unit; 0 if the samples are not HEVC

	samples int64
	fixed   int64  // size of every sample; 0: see sizes
	sizes   []byte // big-endian, bits wide each
	bits    int
	runs    []byte // stsc: first_chunk, samples_per_chunk, sample_description_index
	chunks  []byte // offsets of 4 or 8 bytes
	wide    bool
}

// parseTrack reads the tables of a trak box, and checks each against the others
// (14496-12, 8.5 to 8.7).
func parseTrack(trak *bmff.Box) (*track, error) {
	found := map[string]*bmff.Box{}
	if err := collect(trak, found); err != nil {
		return nil, err
	}
	t := &track{at: trak.At}
	for _, part := range []struct {
		name  string
		must  bool
		parse func(*bmff.Box) error
	}{
		{"dref", false, t.parseDataReferences},
		{"stsd", true, t.parseDescriptions},
		{"stsz", false, t.parseSizes},
		{"stz2", false, t.parseCompactSizes},
		{"stco", false, t.parseChunks},
		{"co64", false, t.parseChunks},
		{"stsc", true, t.parseRuns},
		{"stts", true, t.parseTimes},
		{"ctts", false, t.parseTimes},
		{"stss", false, t.parseSync},
	} {
		b := found[part.name]
		if b == nil && part.must {
			return nil, verify.Faultf(verify.Malformed, trak.At, "trak without %s", part.name)
		}
		if b == nil {
			continue
		}
		if err := part.parse(b); err != nil {
			return nil, err
		}
	}
	if (found["stsz"] == nil) == (found["stz2"] == nil) || (found["stco"] == nil) == (found["co64"] == nil) {
		return nil, verify.Faultf(verify.Malformed, trak.At, "trak without sizes or chunk offsets, or with two of a kind")
	}
	return t, nil
}

// collect finds the boxes that hold tables, at any depth. The depth is bounded by
// walkContainers, which has run.
func collect(b *bmff.Box, found map[string]*bmff.Box) error {
	for c := b.Cursor(); c.Len() > 0; {
		child, err := bmff.Next(&c)
		if err != nil {
			return err
		}
		switch child.Type {
		case "mdia", "minf", "dinf", "stbl":
			if err := collect(&child, found); err != nil {
				return err
			}
		case "dref", "stsd", "stsz", "stz2", "stco", "co64", "stsc", "stts", "ctts", "stss":
			// 14496-12, 8.5 to 8.7: "exactly one" or "zero or one" of each.
			if found[child.Type] != nil {
				return verify.Faultf(verify.Malformed, child.At, "second %s box in a trak", child.Type)
			}
			found[child.Type] = &child
		}
	}
	return nil
}

// parseDataReferences reads dref (8.7.2). Flag 1: the samples lie in this file.
func (t *track) parseDataReferences(b *bmff.Box) error {
	c, _, _ := b.FullBox()
	for range c.Uint32BE("entry_count") {
		e, err := bmff.Next(&c)
		if err != nil {
			return err
		}
		_, _, flags := e.FullBox()
		t.external = t.external || flags&1 == 0
	}
	return c.Err()
}

// parseDescriptions reads stsd (8.5.2), and of HEVC tracks how their samples are cut
// into NAL units.
func (t *track) parseDescriptions(b *bmff.Box) error {
	c, _, _ := b.FullBox()
	for range c.Uint32BE("entry_count") {
		e, err := bmff.Next(&c)
		if err != nil {
			return err
		}
		n := 0
		if e.Type == "hvc1" || e.Type == "hev1" {
			if n, err = unitSizeOf(&e); err != nil {
				return err
			}
		}
		if t.entries > 0 && n != t.unitSize {
			n = 0 // samples of two kinds: only where they lie is checked
		}
		t.unitSize = n
		t.entries++
	}
	if t.entries == 0 && c.Err() == nil {
		return verify.Faultf(verify.Malformed, b.At, "stsd is empty")
	}
	return c.Err()
}

// unitSizeOf reads lengthSizeMinusOne of the hvcC in a visual sample entry
// (14496-12, 12.1.3; 14496-15, 8.4).
func unitSizeOf(entry *bmff.Box) (int, error) {
	const sampleEntry, visual = 8, 70
	c := entry.Cursor()
	c.Skip(sampleEntry+visual, "visual sample entry")
	for c.Len() > 0 {
		b, err := bmff.Next(&c)
		if err != nil {
			return 0, err
		}
		if b.Type != "hvcC" {
			continue
		}
		h := b.Cursor()
		h.Skip(21, "hvcC")
		n := int(h.Uint8("lengthSizeMinusOne")&3) + 1
		if n == 3 {
			return 0, verify.Faultf(verify.Malformed, b.At, "hvcC: NAL unit lengths of 3 bytes")
		}
		return n, h.Err()
	}
	if err := c.Err(); err != nil {
		return 0, err
	}
	return 0, verify.Faultf(verify.Malformed, entry.At, "HEVC sample entry without hvcC")
}

// table returns the rows of a table: entry_count, and so many of width bytes each.
func table(c *cursor.Cursor, width int64) []byte {
	n := int64(c.Uint32BE("entry_count"))
	if n*width > int64(c.Len()) {
		c.Skip(c.Len()+1, "table") // the count is a lie: fail without a conversion that could wrap
		return nil
	}
	return c.Bytes(int(n*width), "table")
}

// parseSizes reads stsz (8.7.3.2).
func (t *track) parseSizes(b *bmff.Box) error {
	c, _, _ := b.FullBox()
	t.fixed, t.bits = int64(c.Uint32BE("sample_size")), 32
	if t.fixed != 0 {
		t.samples = int64(c.Uint32BE("sample_count"))
		return c.Err()
	}
	t.sizes = table(&c, 4)
	t.samples = int64(len(t.sizes) / 4)
	return c.Err()
}

// parseCompactSizes reads stz2 (8.7.3.3).
func (t *track) parseCompactSizes(b *bmff.Box) error {
	c, _, _ := b.FullBox()
	t.bits = int(c.Uint32BE("field_size") & 0xff)
	t.samples = int64(c.Uint32BE("sample_count"))
	if err := c.Err(); err != nil {
		return err
	}
	if t.bits != 4 && t.bits != 8 && t.bits != 16 {
		return verify.Faultf(verify.Malformed, b.At, "stz2: fields of %d bits", t.bits)
	}
	if (t.samples*int64(t.bits)+7)/8 > int64(c.Len()) {
		return verify.Faultf(verify.Malformed, b.At, "stz2 is too short for %d samples", t.samples)
	}
	t.sizes = c.Rest()
	return nil
}

// size returns the size of sample i.
func (t *track) size(i int64) int64 {
	switch {
	case t.fixed != 0:
		return t.fixed
	case t.bits == 32:
		return int64(binary.BigEndian.Uint32(t.sizes[4*i:]))
	case t.bits == 16:
		return int64(binary.BigEndian.Uint16(t.sizes[2*i:]))
	case t.bits == 8:
		return int64(t.sizes[i])
	case i%2 == 0: // 8.7.3.3.1: the high half holds the first
		return int64(t.sizes[i/2] >> 4)
	}
	return int64(t.sizes[i/2] & 15)
}

// parseChunks reads stco or co64 (8.7.5).
func (t *track) parseChunks(b *bmff.Box) error {
	c, _, _ := b.FullBox()
	width := int64(4)
	if t.wide = b.Type == "co64"; t.wide {
		width = 8
	}
	t.chunks = table(&c, width)
	return c.Err()
}

func (t *track) chunkCount() int64 {
	if t.wide {
		return int64(len(t.chunks) / 8)
	}
	return int64(len(t.chunks) / 4)
}

func (t *track) chunk(i int64) uint64 {
	if t.wide {
		return binary.BigEndian.Uint64(t.chunks[8*i:])
	}
	return uint64(binary.BigEndian.Uint32(t.chunks[4*i:]))
}

// runSize is the size of a row of stsc.
const runSize = 12

// parseRuns reads stsc (8.7.4), whose rows each hold until the next one's
// first_chunk.
func (t *track) parseRuns(b *bmff.Box) error {
	c, _, _ := b.FullBox()
	t.runs = table(&c, runSize)
	if err := c.Err(); err != nil {
		return err
	}
	due := int64(1)
	var samples int64
	for r := t.runs; len(r) > 0; r = r[runSize:] {
		first, each, entry := int64(binary.BigEndian.Uint32(r)), int64(binary.BigEndian.Uint32(r[4:])), int64(binary.BigEndian.Uint32(r[8:]))
		if due == 1 && first != 1 || first < due || first > t.chunkCount() || each == 0 || entry == 0 || entry > int64(t.entries) {
			return verify.Faultf(verify.Malformed, b.At, "stsc: chunk %d of %d, %d samples each, of description %d", first, t.chunkCount(), each, entry)
		}
		due = first + 1
		end := t.chunkCount() + 1
		if len(r) > runSize {
			end = min(end, int64(binary.BigEndian.Uint32(r[runSize:])))
		}
		// The chunks have paid for their number: no product reaches 2^62.
		if samples += max(end-first, 0) * each; samples > t.samples {
			break
		}
	}
	if samples != t.samples {
		return verify.Faultf(verify.Malformed, b.At, "stsc does not account for %d samples", t.samples)
	}
	return nil
}

// parseTimes reads stts or ctts (8.6.1.2, 8.6.1.3), whose rows must count all
// samples.
func (t *track) parseTimes(b *bmff.Box) error {
	c, _, _ := b.FullBox()
	rows := table(&c, 8)
	if err := c.Err(); err != nil {
		return err
	}
	var samples int64 // below 2^64: rows take 8 bytes each
	for ; len(rows) > 0; rows = rows[8:] {
		samples += int64(binary.BigEndian.Uint32(rows))
	}
	if samples != t.samples {
		return verify.Faultf(verify.Malformed, b.At, "%s counts %d samples of %d", b.Type, samples, t.samples)
	}
	return nil
}

// parseSync reads stss (8.6.2): sample numbers in strictly increasing order.
func (t *track) parseSync(b *bmff.Box) error {
	c, _, _ := b.FullBox()
	rows := table(&c, 4)
	for before := int64(0); len(rows) > 0; rows = rows[4:] {
		n := int64(binary.BigEndian.Uint32(rows))
		if n <= before || n > t.samples {
			return verify.Faultf(verify.Malformed, b.At, "stss: sample %d of %d behind %d", n, t.samples, before)
		}
		before = n
	}
	return c.Err()
}

func isTruncated(err error) bool {
	var f *verify.Fault
	return errors.As(err, &f) && f.Reason == verify.Truncated
}

// walkContainers checks that the boxes inside b nest properly.
func walkContainers(b *bmff.Box, depth int) error {
	switch b.Type {
	case "moov", "trak", "mdia", "minf", "stbl", "dinf", "edts":
	default:
		return nil
	}
	if depth > maxBoxDepth {
		return verify.Faultf(verify.TooMuchWork, b.At, "boxes nested over %d deep", maxBoxDepth)
	}
	for c := b.Cursor(); c.Len() > 0; {
		child, err := bmff.Next(&c)
		if err != nil {
			return err
		}
		if err := walkContainers(&child, depth+1); err != nil {
			return err
		}
	}
	return nil
}
