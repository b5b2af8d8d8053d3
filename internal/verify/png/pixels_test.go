package png

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
)

// rawSize is an independent count of the bytes of inflated picture data.
func rawSize(w, h, bitsPerPixel int, interlaced bool) int {
	if !interlaced {
		return h * (1 + (w*bitsPerPixel+7)/8)
	}
	total := 0
	for _, p := range [][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}} {
		nx, ny := 0, 0
		for x := p[0]; x < w; x += p[2] {
			nx++
		}
		for y := p[1]; y < h; y += p[3] {
			ny++
		}
		if nx > 0 {
			total += ny * (1 + (nx*bitsPerPixel+7)/8)
		}
	}
	return total
}

// TestRowCount: for every colour type, depth and small size, the exact number
// of bytes is good, one less is refused, one more is a warning.
func TestRowCount(t *testing.T) {
	for colour, samples := range map[byte]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4} {
		for _, depth := range []byte{1, 2, 4, 8, 16} {
			if !legalDepth(colour, depth) {
				continue
			}
			for w := 1; w <= 9; w++ {
				for h := 1; h <= 9; h++ {
					for interlace := range byte(2) {
						size := rawSize(w, h, samples*int(depth), interlace == 1)
						file := func(n int) []byte {
							parts := []part{ihdr(uint32(w), uint32(h), depth, colour, interlace)}
							if colour == indexedColour {
								parts = append(parts, part{"PLTE", make([]byte, 6)})
							}
							return join(append(parts, part{"IDAT", stored(make([]byte, n))}, iend)...)
						}
						info, err := Verify(file(size), limits)
						require.NoError(t, err)
						require.Empty(t, info.Warnings)
						_, err = Verify(file(size-1), limits)
						requireFault(t, err, verify.Malformed, "one byte less")
						info, err = Verify(file(size+1), limits)
						require.NoError(t, err, "one byte more")
						require.Len(t, info.Warnings, 1)
						require.Equal(t, verify.TrailingData, info.Warnings[0].Reason)
					}
				}
			}
		}
	}
}

// TestFilterBytes: each row's filter byte is checked, and no other byte.
func TestFilterBytes(t *testing.T) {
	for interlace := range byte(2) {
		size := rawSize(11, 9, 24, interlace == 1)
		found := 0
		for i := range size {
			p := make([]byte, size)
			p[i] = 5
			_, err := Verify(join(ihdr(11, 9, 8, truecolour, interlace), part{"IDAT", stored(p)}, iend), limits)
			if err != nil {
				requireFault(t, err, verify.Malformed, "filter 5")
				found++
			}
			p[i] = 4
			_, err = Verify(join(ihdr(11, 9, 8, truecolour, interlace), part{"IDAT", stored(p)}, iend), limits)
			require.NoError(t, err)
		}
		// Adam7 of 11x9 has 2+2+1+3+2+5+4 rows.
		require.Equal(t, []int{9, 19}[interlace], found)
	}
}

func TestStream(t *testing.T) {
	testenv.OneGoroutine(t)
	raw := rowData(6, 24, 1)
	z := deflate(raw)
	cut := func(n int) []byte { return z[:len(z)-n] }
	flip := func(i int) []byte {
		b := bytes.Clone(z)
		b[i] ^= 1
		return b
	}
	small := append([]byte{0x08, 0x1d}, z[2:]...) // a window of 256 bytes
	for name, c := range map[string]struct {
		idat   []byte
		reason verify.Reason // of the fault
		warns  verify.Reason
	}{
		"whole":         {z, "", ""},
		"small window":  {small, "", ""},
		"no adler":      {cut(4), verify.Malformed, ""},
		"adler cut":     {cut(1), verify.Malformed, ""},
		"wrong adler":   {flip(len(z) - 1), verify.Malformed, ""},
		"cut":           {cut(len(z) / 2), verify.Malformed, ""},
		"empty":         {nil, verify.Malformed, ""},
		"header check":  {flip(1), verify.Malformed, ""},
		"garbage after": {append(bytes.Clone(z), 1, 2, 3), "", verify.TrailingData},
		"one row more":  {deflate(rowData(7, 24, 1)), "", verify.TrailingData},
		"one row less":  {deflate(rowData(5, 24, 1)), verify.Malformed, ""},
		"filter 5":      {deflate(rowData(6, 24, 5)), verify.Malformed, ""},
		"one byte more": {deflate(append(bytes.Clone(raw), 0)), "", verify.TrailingData},
		"much more":     {deflate(append(bytes.Clone(raw), make([]byte, maxSurplus)...)), "", verify.TrailingData},
		"too much more": {deflate(append(bytes.Clone(raw), make([]byte, maxSurplus+1)...)), verify.TooMuchWork, ""},
		"more, and cut": {deflate(rowData(60, 24, 1))[:200], verify.Malformed, ""},
	} {
		for _, n := range []int{1, 5, len(c.idat) + 1} { // bytes in an IDAT
			parts := []part{rgb()[0]}
			if len(c.idat) > 10_000 && n < 10_000 {
				n = 10_000
			}
			for p := c.idat; ; p = p[n:] {
				if len(p) <= n {
					parts = append(parts, part{"IDAT", p}, iend)
					break
				}
				parts = append(parts, part{"IDAT", p[:n]})
			}
			info, err := Verify(join(parts...), limits)
			if c.reason != "" {
				requireFault(t, err, c.reason, name)
				continue
			}
			require.NoError(t, err, name)
			if c.warns == "" {
				require.Empty(t, info.Warnings, name)
			} else {
				require.Len(t, info.Warnings, 1, name)
				require.Equal(t, c.warns, info.Warnings[0].Reason, name)
			}
		}
	}
}

// TestFaultOffset: the offset of a fault in the stream is in the chunk that has the fault.
func TestFaultOffset(t *testing.T) {
	z := deflate(rowData(6, 24, 1))
	b := join(rgb()[0], part{"IDAT", z[:10]}, part{"IDAT", nil}, part{"IDAT", z[10 : len(z)-2]}, iend)
	_, err := Verify(b, limits)
	f := requireFault(t, err, verify.Malformed, "cut")
	require.Equal(t, int64(len(b)-12), f.Offset) // where IEND stands instead of two bytes
}

// TestFrames: the data of every frame of an APNG is proved.
func TestFrames(t *testing.T) {
	testenv.OneGoroutine(t)
	for i, p := range animated() {
		if p.name != "IDAT" && p.name != "fdAT" {
			continue
		}
		for at := range p.data {
			if p.name == "fdAT" && at < 4 {
				continue // the sequence number has its own test
			}
			parts := animated()
			parts[i].data[at] ^= 1
			_, err := Verify(join(parts...), limits)
			requireFault(t, err, verify.Malformed, "flip in a frame")
		}
	}
	// A text chunk inside a frame's data cuts it, as in libpng.
	_, err := Verify(join(insert(animated(), 8, part{"tEXt", []byte("a\x00b")})...), limits)
	requireFault(t, err, verify.Malformed, "text in a frame")
}

// TestLenient: the files that only Lenient takes have every row.
func TestLenient(t *testing.T) {
	lenient := limits
	lenient.Lenient = true
	raw := rowData(6, 24, 1)
	z := deflate(raw)
	file := func(idat []byte, more ...part) []byte {
		return join(append([]part{rgb()[0], {"IDAT", idat}}, more...)...)
	}
	good := file(z, iend)
	wrongSum := bytes.Clone(z)
	wrongSum[len(z)-1] ^= 1
	wrongCRC := bytes.Clone(good)
	wrongCRC[len(good)-13] ^= 1
	for name, c := range map[string]struct {
		b     []byte
		warns verify.Reason // "" for a refusal
	}{
		"no IEND":                {file(z), verify.MissingEnd},
		"IEND cut":               {good[:len(good)-5], verify.MissingEnd},
		"IEND with a wrong CRC":  {append(bytes.Clone(good[:len(good)-1]), 0), verify.MissingEnd},
		"CRC of IDAT cut":        {good[:len(good)-14], verify.MissingEnd},
		"Adler-32 cut":           {good[:len(good)-18], verify.BadChecksum},
		"Adler-32 wrong":         {file(wrongSum, iend), verify.BadChecksum},
		"Adler-32 missing":       {file(z[:len(z)-4], iend), verify.BadChecksum},
		"data cut":               {good[:len(good)-40], ""},
		"CRC of IDAT wrong":      {wrongCRC, ""},
		"critical chunk behind":  {file(z, part{"TEXt", []byte("a\x00b")}, iend), verify.MissingEnd},
		"critical chunk before":  {join(rgb()[0], part{"TEXt", []byte("a\x00b")}, part{"IDAT", z}, iend), ""},
		"name of other bytes":    {join(rgb()[0], part{"tE1t", []byte("a\x00b")}, part{"IDAT", z}, iend), verify.UnknownMetadata},
		"critical by other byte": {join(rgb()[0], part{"\x14EXt", []byte("a\x00b")}, part{"IDAT", z}, iend), ""},
		"rows missing":           {file(deflate(rowData(5, 24, 1)), iend), ""},
		"rows missing, cut":      {file(deflate(rowData(5, 24, 1))), ""},
	} {
		_, err := Verify(c.b, limits)
		require.Error(t, err, "%s, by default", name)
		info, err := Verify(c.b, lenient)
		if c.warns == "" {
			require.Error(t, err, name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, c.warns, info.Warnings[0].Reason, name)
	}
	// In an animation a frame is part of the picture.
	b := join(animated()...)
	for n := range len(b) {
		_, err := Verify(b[:n], lenient)
		require.Error(t, err, "animation cut to %d bytes", n)
	}
	// No cut within the rows passes.
	b = join(rgb()...)
	rows := len(b) - 12 - 4 - 4
	for n := range b {
		if _, err := Verify(b[:n], lenient); err == nil {
			require.GreaterOrEqual(t, n, rows-3, "cut to %d of %d bytes", n, len(b))
		}
	}
}
