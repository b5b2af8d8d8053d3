package png

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"go/build"
	"hash/adler32"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// corpus is all PNG files that we have: the standard library's, x/image's, the project's own,
// and those that this package's tests build. It includes bad files.
func corpus(t testing.TB) map[string][]byte {
	files := map[string][]byte{
		"made/rgb": join(rgb()...), "made/indexed": join(indexed()...), "made/animated": join(animated()...),
		"made/interlaced": join(ihdr(11, 9, 16, truecolorAlpha, 1), part{"IDAT", deflate(make([]byte, rawSize(11, 9, 64, true)))}, iend),
		"made/metadata": join(insert(rgb(), 1, part{"gAMA", u32(45455)}, part{"pHYs", make([]byte, 9)},
			part{"tEXt", []byte("a\x00b")}, part{"eXIf", tiff(6)})...),
	}
	add := func(root string) {
		filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".png") && !e.IsDir() {
				b, err := os.ReadFile(path)
				require.NoError(t, err)
				files[strings.TrimPrefix(path, root)] = b
			}
			return nil
		})
	}
	add(filepath.Join(build.Default.GOROOT, "src", "image"))
	add(filepath.Join("..", "..", "..", "testdata", "good", "png"))
	if dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/image").Output(); err == nil {
		add(strings.TrimSpace(string(dir)))
	}
	require.Greater(t, len(files), 60)
	return files
}

// mutant returns b with one to three random edits: raw ones, which the CRCs
// mostly catch, and sealed ones, which the rules behind the CRCs must.
func mutant(rng *rand.Rand, b, other []byte) []byte {
	b = bytes.Clone(b)
	for range 1 + rng.IntN(3)/2 {
		if rng.IntN(4) > 0 {
			if m := sealed(rng, b, other); m != nil {
				b = m
				continue
			}
		}
		b = raw(rng, b, other)
	}
	return b
}

func raw(rng *rand.Rand, b, other []byte) []byte {
	if len(b) == 0 {
		return b
	}
	i := rng.IntN(len(b))
	switch rng.IntN(5) {
	case 0:
		b[i] ^= 1 << rng.IntN(8)
	case 1:
		b = b[:i]
	case 2:
		b = append(b, other[rng.IntN(len(other)):]...)
	case 3:
		n := min(1+rng.IntN(20), len(b)-i)
		b = append(b[:i:i], b[i+n:]...)
	case 4:
		b[i] = byte(rng.Uint32())
	}
	return b
}

// takeApart is split for broken files: nil if the frames do not hold.
func takeApart(b []byte) []part {
	if len(b) < 8 {
		return nil
	}
	var parts []part
	for b = b[8:]; len(b) >= 12; {
		n := int64(binary.BigEndian.Uint32(b))
		if n > int64(len(b))-12 {
			return nil
		}
		parts = append(parts, part{string(b[4:8]), bytes.Clone(b[8 : 8+n])})
		b = b[12+n:]
	}
	return parts
}

var names = []string{"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "tEXt", "acTL", "fcTL", "fdAT", "eXIf", "sBIT", "bKGD", "IdAT", "a0cd"}

// sealed edits chunks and corrects the CRCs, or all but one.
func sealed(rng *rand.Rand, b, other []byte) []byte {
	p := takeApart(b)
	if len(p) == 0 {
		return nil
	}
	i := rng.IntN(len(p))
	c := &p[i]
	switch rng.IntN(12) {
	case 0: // drop
		p = append(p[:i:i], p[i+1:]...)
	case 1: // twice
		p = insert(p, i, *c)
	case 2: // swap
		j := rng.IntN(len(p))
		p[i], p[j] = p[j], p[i]
	case 3: // one from elsewhere
		if q := takeApart(other); len(q) > 0 {
			p = insert(p, i, q[rng.IntN(len(q))])
		}
	case 4: // another name
		c.name = names[rng.IntN(len(names))]
	case 5: // another length
		if n := len(c.data); n > 0 && rng.IntN(2) == 0 {
			c.data = c.data[:rng.IntN(n)]
		} else {
			c.data = append(c.data, make([]byte, 1+rng.IntN(9))...)
		}
	case 6, 7: // a byte of a header
		j := rng.IntN(min(len(p), 3))
		if n := len(p[j].data); n > 0 && p[j].name != "IDAT" {
			p[j].data[rng.IntN(min(n, 32))] = byte(rng.IntN(20))
		}
	case 8: // split
		if n := len(c.data); n > 1 {
			k := rng.IntN(n)
			p = insert(p, i, part{c.name, c.data[:k:k]})
			p[i+1].data = p[i+1].data[k:]
		}
	default: // the compressed data, with its checksum made right if it can be
		j := 0
		for j < len(p) && p[j].name != "IDAT" {
			j++
		}
		if j == len(p) || len(p[j].data) < 8 {
			return nil
		}
		var z []byte
		k := j
		for ; k < len(p) && p[k].name == "IDAT"; k++ {
			z = append(z, p[k].data...)
		}
		at := rng.IntN(min(len(z), 1+rng.IntN(len(z))))
		z[at] ^= 1 << rng.IntN(8)
		if rng.IntN(4) == 0 {
			z = append(z[:at:at], z[min(len(z), at+rng.IntN(3)):]...)
		}
		p = append(append(p[:j:j], part{"IDAT", resum(z)}), p[k:]...)
	}
	out := join(p...)
	if rng.IntN(12) == 0 { // one CRC wrong
		at := 8
		for _, c := range p[:rng.IntN(len(p)+1)] {
			at += 12 + len(c.data)
		}
		if at > 8 {
			out[at-1] ^= 1
		}
	}
	return out
}

// resum corrects the header check and the Adler-32 of a broken zlib stream.
func resum(z []byte) []byte {
	if len(z) < 2 {
		return z
	}
	z[1] = z[1]&0xe0 | (31-byte((uint16(z[0])<<8|uint16(z[1]&0xe0))%31))%31
	in := bytes.NewReader(z[2:])
	data, err := io.ReadAll(io.LimitReader(flate.NewReader(in), 8<<20))
	if err != nil {
		return z
	}
	rest := z[len(z)-in.Len():]
	if len(rest) < 4 {
		return append(z[:len(z)-len(rest):len(z)-len(rest)], binary.BigEndian.AppendUint32(nil, adler32.Checksum(data))...)
	}
	binary.BigEndian.PutUint32(rest, adler32.Checksum(data))
	return z
}
