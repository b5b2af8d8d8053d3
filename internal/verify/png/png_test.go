package png

import (
	"bytes"
	"errors"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
)

var limits = verify.Limits{MaxPixels: 100_000_000}

// edit returns parts after f, which may change them in place.
func edit(parts []part, f func(p []part) []part) []byte { return join(f(parts)...) }

func insert(p []part, at int, more ...part) []part {
	return append(append(append([]part{}, p[:at]...), more...), p[at:]...)
}

func TestGood(t *testing.T) {
	for name, c := range map[string]struct {
		b                    []byte
		w, h, frames, orient int
	}{
		"rgb":      {join(rgb()...), 8, 6, 1, 0},
		"indexed":  {join(indexed()...), 8, 6, 1, 0},
		"animated": {join(animated()...), 8, 6, 3, 0},
		"encoder":  {encode(t, noisy(70, 50)), 70, 50, 1, 0},
		"exif first": {edit(rgb(), func(p []part) []part { return insert(p, 1, part{"eXIf", tiff(6)}) }),
			8, 6, 1, 6},
		"exif last": {edit(rgb(), func(p []part) []part { return insert(p, 2, part{"eXIf", tiff(3)}) }),
			8, 6, 1, 0},
		"private chunk":  {edit(rgb(), func(p []part) []part { return insert(p, 1, part{"vpAg", make([]byte, 9)}) }), 8, 6, 1, 0},
		"empty IDAT":     {edit(rgb(), func(p []part) []part { return insert(p, 1, part{"IDAT", nil}, part{"IDAT", nil}) }), 8, 6, 1, 0},
		"last empty":     {edit(rgb(), func(p []part) []part { return insert(p, 2, part{"IDAT", nil}) }), 8, 6, 1, 0},
		"suggested PLTE": {edit(rgb(), func(p []part) []part { return insert(p, 1, part{"PLTE", make([]byte, 30)}) }), 8, 6, 1, 0},
		"still outside animation": {join(ihdr(8, 6, 8, truecolour, 0), part{"acTL", u32(1, 0)}, rgb()[1],
			fcTL(0, 8, 6, 0, 0), fdAT(1, rgb()[1].data), iend), 8, 6, 1, 0},
	} {
		info, err := Verify(c.b, limits)
		require.NoError(t, err, name)
		require.Empty(t, info.Warnings, name)
		require.Equal(t, []int{c.w, c.h, c.frames, c.orient}, []int{info.Width, info.Height, info.Frames, info.Orientation}, name)
	}
}

// TestRefused: one named defect each, CRCs sealed unless the CRC is the defect.
func TestRefused(t *testing.T) {
	set := func(i, at int, v ...byte) func(p []part) []part {
		return func(p []part) []part { copy(p[i].data[at:], v); return p }
	}
	drop := func(at int) func(p []part) []part {
		return func(p []part) []part { return append(p[:at:at], p[at+1:]...) }
	}
	add := func(at int, more ...part) func(p []part) []part {
		return func(p []part) []part { return insert(p, at, more...) }
	}
	for name, c := range map[string]struct {
		from   []part
		f      func(p []part) []part
		reason verify.Reason
	}{
		"zero width":          {rgb(), set(0, 0, 0, 0, 0, 0), verify.Malformed},
		"zero height":         {rgb(), set(0, 4, 0, 0, 0, 0), verify.Malformed},
		"negative width":      {rgb(), set(0, 0, 0x80), verify.Malformed},
		"too many pixels":     {rgb(), set(0, 0, 0, 1, 0, 0, 0, 1, 0, 0), verify.TooManyPixels},
		"too wide":            {rgb(), set(0, 0, 0, 15, 66, 65, 0, 0, 0, 1), verify.Unsupported},
		"depth 3":             {rgb(), set(0, 8, 3), verify.Malformed},
		"colour 5":            {rgb(), set(0, 9, 5), verify.Malformed},
		"colour 3, depth 16":  {indexed(), set(0, 8, 16), verify.Malformed},
		"compression":         {rgb(), set(0, 10, 1), verify.Malformed},
		"filter method":       {rgb(), set(0, 11, 64), verify.Malformed},
		"interlace":           {rgb(), set(0, 12, 2), verify.Malformed},
		"no IHDR":             {rgb(), drop(0), verify.Malformed},
		"two IHDR":            {rgb(), add(1, rgb()[0]), verify.Malformed},
		"short IHDR":          {[]part{{"IHDR", make([]byte, 12)}, iend}, add(1), verify.Malformed},
		"text before IHDR":    {rgb(), add(0, part{"tEXt", []byte("a\x00b")}), verify.Malformed},
		"CgBI":                {rgb(), add(0, part{"CgBI", make([]byte, 4)}), verify.Unsupported},
		"no IDAT":             {rgb(), drop(1), verify.Malformed},
		"no PLTE":             {indexed(), drop(1), verify.Malformed},
		"two PLTE":            {indexed(), add(1, indexed()[1]), verify.Malformed},
		"empty PLTE":          {indexed(), add(1, part{"PLTE", nil}), verify.Malformed},
		"PLTE of 7 bytes":     {indexed()[:1], add(1, part{"PLTE", make([]byte, 7)}, iend), verify.Malformed},
		"PLTE of 257 colours": {indexed()[:1], add(1, part{"PLTE", make([]byte, 771)}, iend), verify.Malformed},
		"unknown critical":    {rgb(), add(1, part{"IdAT", nil}), verify.Unsupported},
		"chunk name":          {rgb(), add(1, part{"tE t", nil}), verify.Malformed},
		"no IEND":             {rgb(), drop(2), verify.Truncated},

		"acTL zero frames, fcTL": {animated(), set(1, 0, 0, 0, 0, 0), verify.Malformed},
		"acTL one frame more":    {animated(), set(1, 3, 4), verify.Malformed},
		"acTL one frame less":    {animated(), set(1, 3, 2), verify.Malformed},
		"acTL of 7 bytes":        {animated(), func(p []part) []part { p[1].data = p[1].data[:7]; return p }, verify.Malformed},
		"fcTL sequence":          {animated(), set(2, 3, 1), verify.Malformed},
		"fdAT sequence":          {animated(), set(5, 3, 7), verify.Malformed},
		"fcTL width 0":           {animated(), set(4, 7, 0), verify.Malformed},
		"fcTL leaves right":      {animated(), set(4, 15, 6), verify.Malformed},
		"fcTL leaves bottom":     {animated(), set(4, 19, 5), verify.Malformed},
		"fcTL offset wraps":      {animated(), set(4, 12, 255, 255, 255, 255), verify.Malformed},
		"fcTL first too small":   {animated(), set(2, 7, 7), verify.Malformed},
		"fcTL dispose":           {animated(), set(4, 24, 3), verify.Malformed},
		"fcTL blend":             {animated(), set(4, 25, 2), verify.Malformed},
		"fcTL of 25 bytes":       {animated(), func(p []part) []part { p[4].data = p[4].data[:25]; return p }, verify.Malformed},
		"fdAT of 3 bytes":        {animated(), func(p []part) []part { p[5].data = p[5].data[:3]; return p }, verify.Malformed},
		"frame without data":     {animated(), drop(5), verify.Malformed},
		"frame without fcTL":     {animated(), drop(4), verify.Malformed},
		"last frame lost":        {animated(), func(p []part) []part { return append(p[:6:6], iend) }, verify.Malformed},
		"last frame's fdAT lost": {animated(), func(p []part) []part { return append(p[:7:7], iend) }, verify.Malformed},
	} {
		_, err := Verify(edit(c.from, c.f), limits)
		requireFault(t, err, c.reason, name)
	}
}

func requireFault(t *testing.T, err error, want verify.Reason, name string) *verify.Fault {
	t.Helper()
	var f *verify.Fault
	require.True(t, errors.As(err, &f), "%s: %v", name, err)
	require.Equal(t, want, f.Reason, "%s: %v", name, err)
	return f
}

func TestPixelLimit(t *testing.T) {
	b := join(rgb()...)
	_, err := Verify(b, verify.Limits{MaxPixels: 48})
	require.NoError(t, err)
	_, err = Verify(b, verify.Limits{MaxPixels: 47})
	f := requireFault(t, err, verify.TooManyPixels, "47")
	require.Equal(t, []int64{47, 48, 16}, []int64{f.Limit, f.Got, f.Offset})
}

// TestForgiven: defects with which libpng 1.6 and browsers show the whole picture.
func TestForgiven(t *testing.T) {
	gama := part{"gAMA", u32(45455)}
	text := part{"tEXt", []byte("Title\x00x")}
	for name, c := range map[string]struct {
		b      []byte
		reason verify.Reason
	}{
		"trailing byte":       {append(join(rgb()...), 0), verify.TrailingData},
		"two gAMA":            {join(insert(rgb(), 1, gama, gama)...), verify.MisplacedChunk},
		"gAMA after IDAT":     {join(insert(rgb(), 2, gama)...), verify.MisplacedChunk},
		"gAMA after PLTE":     {join(insert(indexed(), 2, gama)...), verify.MisplacedChunk},
		"short gAMA":          {join(insert(rgb(), 1, part{"gAMA", []byte{1}})...), verify.BadMetadata},
		"sBIT of 4 in RGB":    {join(insert(rgb(), 1, part{"sBIT", []byte{8, 8, 8, 8}})...), verify.BadMetadata},
		"bKGD of 2 in RGB":    {join(insert(rgb(), 1, part{"bKGD", []byte{8, 8}})...), verify.BadMetadata},
		"hIST in RGB":         {join(insert(rgb(), 1, part{"hIST", []byte{8, 8}})...), verify.BadMetadata},
		"tRNS before PLTE":    {join(indexed()[0], indexed()[2], indexed()[1], indexed()[3], iend), verify.MisplacedChunk},
		"tRNS too long":       {join(insert(indexed()[:2:2], 2, part{"tRNS", make([]byte, 5)}, indexed()[3], iend)...), verify.BadMetadata},
		"tRNS of 2 in RGB":    {join(insert(rgb(), 1, part{"tRNS", []byte{1, 2}})...), verify.BadMetadata},
		"PLTE in grayscale":   {join(ihdr(4, 1, 8, grayscale, 0), part{"PLTE", []byte{1, 2, 3}}, part{"IDAT", deflate(make([]byte, 5))}, iend), verify.MisplacedChunk},
		"PLTE after bKGD":     {join(insert(rgb(), 1, part{"bKGD", make([]byte, 6)}, part{"PLTE", []byte{1, 2, 3}})...), verify.MisplacedChunk},
		"PLTE after IDAT":     {join(insert(rgb(), 2, part{"PLTE", []byte{1, 2, 3}})...), verify.MisplacedChunk},
		"PLTE of 5 for 2 bit": {join(indexed()[0], part{"PLTE", make([]byte, 15)}, indexed()[3], iend), verify.SizeDisagrees},
		"IEND with data":      {join(append(rgb()[:2], part{"IEND", []byte{1}})...), verify.ReservedValue},
		"reserved name bit":   {join(insert(rgb(), 1, part{"tExt", []byte("a\x00b")})...), verify.ReservedValue},
		"text no keyword":     {join(insert(rgb(), 1, part{"tEXt", []byte("\x00abc")})...), verify.BadMetadata},
		"exif garbage":        {join(insert(rgb(), 1, part{"eXIf", []byte("Exif\x00\x00II")})...), verify.BadMetadata},
		"IDAT after text":     {join(insert(rgb(), 2, text, part{"IDAT", []byte{1}})...), verify.MisplacedChunk},
		"acTL of 0 frames":    {join(insert(rgb(), 1, part{"acTL", u32(0, 0)})...), verify.ReservedValue},
		"acTL after IDAT":     {join(insert(rgb(), 2, part{"acTL", u32(1, 0)})...), verify.MisplacedChunk},
		"two acTL":            {join(insert(animated(), 2, part{"acTL", u32(1, 0)})...), verify.MisplacedChunk},
		"fcTL without acTL":   {join(insert(rgb(), 1, fcTL(0, 8, 6, 0, 0))...), verify.MisplacedChunk},
		"fdAT without acTL":   {join(insert(rgb(), 2, fdAT(0, nil))...), verify.MisplacedChunk},
	} {
		info, err := Verify(c.b, limits)
		require.NoError(t, err, name)
		require.Len(t, info.Warnings, 1, "%s: %v", name, info.Warnings)
		require.Equal(t, c.reason, info.Warnings[0].Reason, name)
	}
}

// TestCRC: a wrong CRC refuses a chunk that the picture needs, else it warns.
func TestCRC(t *testing.T) {
	all := insert(animated(), 1, part{"gAMA", u32(45455)}, part{"tEXt", []byte("a\x00b")}, part{"eXIf", tiff(6)}, part{"vpAg", nil})
	good := join(all...)
	at := len(signature)
	for _, p := range all {
		at += 12 + len(p.data)
		bad := bytes.Clone(good)
		bad[at-1] ^= 1
		info, err := Verify(bad, limits)
		switch p.name {
		case "gAMA", "tEXt", "eXIf", "vpAg":
			require.NoError(t, err, p.name)
			require.Equal(t, verify.BadChecksum, info.Warnings[0].Reason, p.name)
			require.Equal(t, int64(at-12-len(p.data)), info.Warnings[0].Offset, p.name)
		default:
			f := requireFault(t, err, verify.Malformed, p.name)
			require.Equal(t, int64(at-4), f.Offset, p.name)
		}
	}
}

// TestPrefix: every strict prefix of a good file is Truncated, and says where
// the file ends.
func TestPrefix(t *testing.T) {
	testenv.OneGoroutine(t)
	for _, b := range [][]byte{join(rgb()...), join(indexed()...), join(animated()...)} {
		for n := range b {
			_, err := Verify(b[:n], limits)
			f := requireFault(t, err, verify.Truncated, "prefix")
			require.Equal(t, int64(n), f.Offset)
		}
	}
}

// TestNoAllocation: a file without faults or warnings costs no allocation, unless the scratch
// memory was collected meanwhile.
func TestNoAllocation(t *testing.T) {
	if testenv.Race {
		t.Skip("the race detector empties pools at random")
	}
	for name, b := range map[string][]byte{
		"rgb": join(rgb()...), "animated": join(animated()...), "encoder": encode(t, noisy(300, 200)),
	} {
		n := testing.AllocsPerRun(20, func() {
			if _, err := Verify(b, limits); err != nil {
				t.Fatal(err)
			}
		})
		require.Zero(t, n, name)
	}
}

// TestMemory: the scratch memory of one call stays small, whatever a header
// says.
func TestMemory(t *testing.T) {
	require.Less(t, unsafe.Sizeof(scratch{}), uintptr(200<<10))
}

// TestConcurrent: calls that share the pool do not mix up their verdicts.
func TestConcurrent(t *testing.T) {
	good, bad := encode(t, noisy(64, 64)), join(append(rgb()[:1], part{"IDAT", []byte{1}}, iend)...)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 50 {
				if i%2 == 0 {
					info, err := Verify(good, limits)
					assert.NoError(t, err)
					assert.Equal(t, 64, info.Width)
				} else {
					_, err := Verify(bad, limits)
					assert.Error(t, err)
				}
			}
		})
	}
	wg.Wait()
}
