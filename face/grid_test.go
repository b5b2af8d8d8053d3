package face_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// heicGrid makes a HEIC file as phones do: a grid of tiles of 512x512, each a picture of
// its own. It shows img in its middle, and grey around it.
func heicGrid(t *testing.T, img image.Image, cols, rows int) []byte {
	t.Helper()
	enc, err := exec.LookPath("heif-enc")
	if err != nil {
		t.Skip("NOT TESTED: heif-enc is not installed")
	}
	const side = 512
	grey := tileOf(t, enc, within(img, side, side, image.Rectangle{}))
	streams := make([][]byte, cols*rows)
	for i := range streams {
		_, streams[i] = split(t, grey)
	}
	size := img.Bounds().Size()
	left, top := (cols-size.X/side)/2, (rows-size.Y/side)/2
	for y := range size.Y / side {
		for x := range size.X / side {
			part := image.NewRGBA(image.Rect(0, 0, side, side))
			draw.Draw(part, part.Rect, img, img.Bounds().Min.Add(image.Pt(x*side, y*side)), draw.Src)
			config, stream := split(t, tileOf(t, enc, part))
			wanted, _ := split(t, grey)
			require.Equal(t, wanted, config, "one encoder, one configuration")
			streams[(top+y)*cols+left+x] = stream
		}
	}
	config, _ := split(t, grey)
	return gridFile(config, streams, cols, rows, side)
}

func tileOf(t *testing.T, enc string, img image.Image) []byte {
	t.Helper()
	in, out := filepath.Join(t.TempDir(), "in.png"), filepath.Join(t.TempDir(), "out.heic")
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	require.NoError(t, os.WriteFile(in, b.Bytes(), 0o600))
	msg, err := exec.CommandContext(t.Context(), enc, "-q", "60", "-o", out, in).CombinedOutput()
	require.NoError(t, err, string(msg))
	file, err := os.ReadFile(out)
	require.NoError(t, err)
	return file
}

// split returns the hvcC box and the one stream of a file of heif-enc, whose mdat holds
// nothing else.
func split(t *testing.T, file []byte) (config, stream []byte) {
	t.Helper()
	at := bytes.Index(file, []byte("hvcC")) - 4
	require.Positive(t, at)
	config = file[at:][:binary.BigEndian.Uint32(file[at:])]
	return config, file[bytes.Index(file, []byte("mdat"))+4:]
}

func bytesOf(width int, v int) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(v))[8-width:]
}

func box(name string, parts ...[]byte) []byte {
	p := slices.Concat(parts...)
	return slices.Concat(bytesOf(4, len(p)+8), []byte(name), p)
}

func fullBox(name string, version int, parts ...[]byte) []byte {
	return box(name, slices.Concat(bytesOf(4, version<<24), slices.Concat(parts...)))
}

// gridFile lays out a file whose items 1 and on are the tiles, and whose last one is the grid.
func gridFile(config []byte, streams [][]byte, cols, rows, side int) []byte {
	n := len(streams)
	ftyp := box("ftyp", []byte("heic\x00\x00\x00\x00mif1heic"))
	ispe := func(w, h int) []byte { return fullBox("ispe", 0, bytesOf(4, w), bytesOf(4, h)) }
	var infe, ipma, inputs []byte
	for i := range n {
		id := bytesOf(2, i+1)
		infe = append(infe, fullBox("infe", 2, id, []byte{0, 0}, []byte("hvc1\x00"))...)
		ipma = append(ipma, slices.Concat(id, []byte{2, 0x81, 2})...)
		inputs = append(inputs, id...)
	}
	last := bytesOf(2, n+1)
	infe = append(infe, fullBox("infe", 2, last, []byte{0, 0}, []byte("grid\x00"))...)
	ipma = append(ipma, slices.Concat(last, []byte{1, 3})...)
	grid := slices.Concat([]byte{0, 0, byte(rows - 1), byte(cols - 1)}, bytesOf(2, cols*side), bytesOf(2, rows*side))
	meta := func(at int) []byte {
		var locs []byte
		for i, s := range append(slices.Clone(streams), grid) {
			locs = append(locs, slices.Concat(bytesOf(2, i+1), []byte{0, 0, 0, 1}, bytesOf(4, at), bytesOf(4, len(s)))...)
			at += len(s)
		}
		return fullBox("meta", 0,
			fullBox("hdlr", 0, []byte("\x00\x00\x00\x00pict"), make([]byte, 13)),
			fullBox("pitm", 0, last),
			fullBox("iloc", 0, []byte{0x44, 0}, bytesOf(2, n+1), locs),
			fullBox("iinf", 0, bytesOf(2, n+1), infe),
			fullBox("iref", 0, box("dimg", last, bytesOf(2, n), inputs)),
			box("iprp", box("ipco", config, ispe(side, side), ispe(cols*side, rows*side)), fullBox("ipma", 0, bytesOf(4, n+1), ipma)))
	}
	at := len(ftyp) + len(meta(0)) + 8
	return slices.Concat(ftyp, meta(at), box("mdat", slices.Concat(streams...), grid))
}
