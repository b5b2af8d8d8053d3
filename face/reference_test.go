package face

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// tolerance is relative to max(1, |value|): a black picture makes raw values of up to
// 11,899, where a float32 is no finer than 0.001.
const tolerance = 1e-3

// reference is what another runtime computed for one picture; see
// testdata/reference/README.md.
type reference struct {
	Name    string
	SHA256  string
	Anchors []int
	Sum     [1 + coordinates]float64
	Size    [1 + coordinates]float64
	rows    [][1 + coordinates]float32 // of Anchors
}

// TestReference compares the forward pass of both nets with what other runtimes compute for
// twenty pictures.
//
// With IMGVET_FACE_DUMP set to a folder, it writes all values there, for
// bench/reference/run.mjs to compare every one.
func TestReference(t *testing.T) {
	whole, zoom, err := newDetectors()
	require.NoError(t, err)
	pictures := referenceInputs(t)
	for name, d := range map[string]*detector{"short": zoom, "full": whole} {
		t.Run(name, func(t *testing.T) {
			refs := readReferences(t, name)
			require.Len(t, refs, len(pictures))
			for i, ref := range refs {
				require.Equal(t, pictures[i].name, ref.Name)
				sum := sha256.Sum256(pictures[i].rgb)
				require.Equal(t, ref.SHA256, hex.EncodeToString(sum[:]), "%s: the inputs differ", ref.Name)
				rows := forward(t, d, pictures[i].rgb)
				dump(t, name+"-"+ref.Name+".f32", rows)
				compare(t, ref, rows)
			}
		})
	}
}

// compare holds the rows of all anchors to ref: those kept value by value, the rest by
// their sums.
func compare(t *testing.T, ref reference, rows [][1 + coordinates]float32) {
	for i, a := range ref.Anchors {
		for k, want := range ref.rows[i] {
			require.InDelta(t, want, rows[a][k], tolerance*max(1, math.Abs(float64(want))),
				"%s: anchor %d, column %d", ref.Name, a, k)
		}
	}
	var sum, size [1 + coordinates]float64
	for _, row := range rows {
		for k, v := range row {
			sum[k] += float64(v)
			size[k] += math.Abs(float64(v))
		}
	}
	for k := range sum {
		delta := tolerance * max(float64(len(rows)), ref.Size[k])
		require.InDelta(t, ref.Sum[k], sum[k], delta, "%s: sum of column %d", ref.Name, k)
		require.InDelta(t, ref.Size[k], size[k], delta, "%s: size of column %d", ref.Name, k)
	}
}

// forward returns the raw score and numbers of each anchor for a picture.
func forward(t *testing.T, d *detector, rgb []byte) [][1 + coordinates]float32 {
	scratch := d.net.NewScratch()
	in := d.net.Input(scratch)
	for y := range d.side {
		for x := range d.side {
			p := pixelAt(rgb, x*inputSide/d.side, y*inputSide/d.side)
			for c, v := range p {
				in[(y*d.side+x)*3+c] = float32(float64(v)/127.5 - 1)
			}
		}
	}
	require.NoError(t, d.net.Run(context.Background(), scratch))
	boxes, scores := d.net.Output(scratch, d.boxes), d.net.Output(scratch, d.scores)
	rows := make([][1 + coordinates]float32, len(scores))
	for i, s := range scores {
		rows[i][0] = s
		copy(rows[i][1:], boxes[i*coordinates:])
	}
	return rows
}

func readReferences(t *testing.T, net string) []reference {
	b, err := os.ReadFile("testdata/reference/" + net + ".json")
	require.NoError(t, err)
	var refs []reference
	require.NoError(t, json.Unmarshal(b, &refs))
	b, err = os.ReadFile("testdata/reference/" + net + ".f32")
	require.NoError(t, err)
	r := bytes.NewReader(b)
	for i := range refs {
		refs[i].rows = make([][1 + coordinates]float32, len(refs[i].Anchors))
		require.NoError(t, binary.Read(r, binary.LittleEndian, refs[i].rows))
	}
	require.Zero(t, r.Len(), "more values than the index tells of")
	return refs
}

func dump(t *testing.T, name string, rows [][1 + coordinates]float32) {
	folder := os.Getenv("IMGVET_FACE_DUMP")
	if folder == "" {
		return
	}
	var b bytes.Buffer
	require.NoError(t, binary.Write(&b, binary.LittleEndian, rows))
	require.NoError(t, os.MkdirAll(folder, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, name), b.Bytes(), 0o644))
}

const inputSide = 192

// input is a picture of the comparison: inputSide pixels square, 3 bytes each.
type input struct {
	name string
	rgb  []byte
}

// referenceInputs returns the twenty pictures: four files, and sixteen made from those, or from
// nothing, in the integer arithmetic of bench/reference/inputs.mjs.
func referenceInputs(t *testing.T) []input {
	face, half := readPicture(t, "astronaut-face"), readPicture(t, "astronaut-half")
	whole, lisa := readPicture(t, "astronaut-whole"), readPicture(t, "mona-lisa")
	const last = inputSide - 1
	grain, only := lcg(), lcg()
	each := func(p [3]byte, f func(v int) int) [3]byte {
		for c, v := range p {
			p[c] = byte(min(255, max(0, f(int(v)))))
		}
		return p
	}
	from := func(src []byte, f func(x, y int) (int, int)) []byte {
		return picture(func(x, y int) [3]byte { x, y = f(x, y); return pixelAt(src, x, y) })
	}
	return []input{
		{"astronaut-face", face},
		{"astronaut-half", half},
		{"astronaut-whole", whole},
		{"mona-lisa", lisa},
		{"face-mirrored", from(face, func(x, y int) (int, int) { return last - x, y })},
		{"face-quarter-turn", from(face, func(x, y int) (int, int) { return y, last - x })},
		{"half-upside-down", from(half, func(x, y int) (int, int) { return last - x, last - y })},
		{"face-dark", picture(func(x, y int) [3]byte {
			return each(pixelAt(face, x, y), func(v int) int { return v >> 2 })
		})},
		{"lisa-bright", picture(func(x, y int) [3]byte {
			return each(pixelAt(lisa, x, y), func(v int) int { return 255 - (255-v)>>2 })
		})},
		{"face-grey", picture(func(x, y int) [3]byte {
			p := pixelAt(face, x, y)
			v := byte((77*int(p[0]) + 150*int(p[1]) + 29*int(p[2]) + 128) >> 8)
			return [3]byte{v, v, v}
		})},
		{"half-negative", picture(func(x, y int) [3]byte {
			return each(pixelAt(half, x, y), func(v int) int { return 255 - v })
		})},
		{"lisa-blue-red", picture(func(x, y int) [3]byte {
			p := pixelAt(lisa, x, y)
			return [3]byte{p[2], p[1], p[0]}
		})},
		{"face-noise", picture(func(x, y int) [3]byte {
			return each(pixelAt(face, x, y), func(v int) int { return v + int(grain()>>2) - 32 })
		})},
		{"four-small", picture(func(x, y int) [3]byte {
			src := [2][2][]byte{{face, half}, {whole, lisa}}[y/96][x/96]
			return pixelAt(src, x%96*2, y%96*2)
		})},
		{"lisa-wrapped", from(lisa, func(x, y int) (int, int) { return (x + 60) % inputSide, (y + 70) % inputSide })},
		{"face-mosaic", from(face, func(x, y int) (int, int) { return x - x%8, y - y%8 })},
		{"noise", picture(func(_, _ int) [3]byte { return [3]byte{only(), only(), only()} })},
		{"gradients", picture(func(x, y int) [3]byte { return [3]byte{byte(x), byte(y), byte(x ^ y)} })},
		{"black", make([]byte, inputSide*inputSide*3)},
		{"checkers", picture(func(x, y int) [3]byte {
			if (x>>4^y>>4)&1 == 1 {
				return [3]byte{255, 255, 255}
			}
			return [3]byte{0, 64, 128}
		})},
	}
}

// readPicture returns one of the four files.
func readPicture(t *testing.T, name string) []byte {
	b, err := os.ReadFile("testdata/reference/" + name + ".png")
	require.NoError(t, err)
	img, err := png.Decode(bytes.NewReader(b))
	require.NoError(t, err)
	rgba, ok := img.(*image.RGBA)
	require.True(t, ok && rgba.Rect == image.Rect(0, 0, inputSide, inputSide), "%s is a %T of %v", name, img, img.Bounds())
	return picture(func(x, y int) [3]byte {
		c := rgba.RGBAAt(x, y)
		return [3]byte{c.R, c.G, c.B}
	})
}

func picture(f func(x, y int) [3]byte) []byte {
	rgb := make([]byte, 0, inputSide*inputSide*3)
	for y := range inputSide {
		for x := range inputSide {
			p := f(x, y)
			rgb = append(rgb, p[:]...)
		}
	}
	return rgb
}

func pixelAt(rgb []byte, x, y int) [3]byte {
	return [3]byte(rgb[(y*inputSide+x)*3:])
}

// lcg returns the upper bytes of the linear congruential generator of Numerical Recipes.
func lcg() func() byte {
	s := uint32(1)
	return func() byte {
		s = s*1664525 + 1013904223
		return byte(s >> 24)
	}
}
