package encoders

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/imgvet/imgvet/internal/testenv"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"

	"github.com/imgvet/imgvet/validate"
)

// pictures is how many pictures each encoder is given: a few of each oddity, or as
// many as IMGVET_ENCODERS says.
var pictures = func() int {
	if n, err := strconv.Atoi(os.Getenv("IMGVET_ENCODERS")); err == nil && n >= few {
		return n
	}
	return few
}()

const few = 16

// encoder makes files of the pictures in a folder, PNG and raw RGBA, in another one.
type encoder struct {
	name  string
	tools []string // programs, any of which does it; none is needed if empty
	run   func(t *testing.T, tool, from, to string)
	files int // it makes at least
	warns []validate.Reason
	why   string // the explanation of warns
	// cut reports that a refusal for truncation is right: the encoder wrote half a file.
	cut func(size int64, width, height int) bool
}

func encoders() []encoder {
	all := []encoder{
		{name: "Go", run: goEncoders, files: 4 * pictures},
		{name: "libjpeg-turbo", tools: []string{"cjpeg"}, run: each(".jpg", func(tool, in, out, way string) *exec.Cmd {
			return exec.Command(tool, append(strings.Fields(way), "-targa", "-outfile", out, in)...)
		}, "tga", "-quality 75", "-progressive -quality 90", "-optimize -sample 1x1", "-restart 1", "-arithmetic", "-grayscale"), files: 6 * pictures},
		{name: "ImageMagick", tools: []string{"magick", "convert-im6.q16", "convert"}, run: mogrify(
			"jpg", "jpg -interlace JPEG", "jpg -colorspace CMYK", "jpg -colorspace Gray",
			"png", "png -interlace PNG -depth 16", "png +dither -colors 9", "bmp", "bmp +dither -colors 200", "webp", "webp -define webp:lossless=true"),
			files: 11 * pictures, warns: []validate.Reason{validate.SizeDisagrees}, why: "its run-length codes of BMP pass the end of a row"},
		{name: "GraphicsMagick", tools: []string{"gm"}, run: mogrify("jpg", "png", "bmp", "jpg -interlace Line"), files: 4 * pictures},
		{name: "ffmpeg", tools: []string{"ffmpeg"}, run: ffmpeg, files: 5 * pictures},
		{name: "libvips", tools: []string{"vipsthumbnail"}, run: vips, files: 5 * pictures},
		{name: "libwebp", tools: []string{"cwebp"}, run: each(".webp", func(tool, in, out, way string) *exec.Cmd {
			return exec.Command(tool, append(strings.Fields(way), "-quiet", in, "-o", out)...)
		}, "png", "-q 75", "-lossless", "-near_lossless 40", "-q 50 -alpha_filter best"), files: 4 * pictures},
		{name: "guetzli", tools: []string{"guetzli"}, run: func(t *testing.T, tool, from, to string) {
			each(".jpg", func(tool, in, out, _ string) *exec.Cmd { return exec.Command(tool, "--quality", "84", in, out) }, "png", "")(t, tool, three(t, from), to)
		}, files: 3},
		{name: "PHP GD", tools: []string{"php"}, run: script("encode.php"), files: 6 * pictures,
			warns: []validate.Reason{validate.SizeDisagrees, validate.TrailingData},
			why:   "its BMP writer states wrong sizes"},
		{name: "Pillow", tools: []string{"/usr/bin/python3", "python3"}, run: script("encode.py"), files: 15 * pictures},
		{name: "Chromium's canvas", tools: []string{"chromium"}, run: canvas, files: 14 * pictures},
		{name: "GIMP", tools: []string{"gimp-console"}, run: gimp, files: 10 * 3},
		{name: "Java ImageIO", tools: []string{"java"}, run: script("Encode.java"), files: 9 * pictures},
	}
	for _, name := range []string{"jpeg-js", "jimp", "pngjs", "upng-js", "sharp", "@jsquash"} {
		e := encoder{name: name, tools: []string{"node"}, run: node(name), files: 2 * pictures}
		if name == "jpeg-js" || name == "jimp" {
			e.warns, e.why = []validate.Reason{validate.FillBytes}, "jpeg-js ends a scan of whole bytes in FF 00"
		}
		switch name {
		case "jimp":
			e.warns = append(e.warns, validate.SizeDisagrees, validate.TrailingData)
			e.why += "; bmp-ts makes room for four times the rows of a BMP, and calls that biSizeImage"
		case "upng-js":
			// Its buffer has 100 bytes and 4 a pixel. What does not fit, as of a small picture
			// with a palette, is lost without a word.
			e.cut = func(size int64, width, height int) bool { return size == int64(4*width*height+100) }
		}
		all = append(all, e)
	}
	return all
}

// TestEncoders: what encoders write is accepted and has pixels, and every warning is
// one that is explained.
func TestEncoders(t *testing.T) {
	testenv.OnlyLong(t, "runs programs some thousand times", "IMGVET_NPM", "IMGVET_ENCODERS")
	from := sources(t)
	for _, e := range encoders() {
		t.Run(e.name, func(t *testing.T) {
			tool := ""
			for _, name := range e.tools {
				if path, err := exec.LookPath(name); err == nil && works(path) {
					tool = path
					break
				}
			}
			if tool == "" && len(e.tools) > 0 {
				t.Skipf("SKIPPED: none of %v is there: no file of %s was tried", e.tools, e.name)
			}
			to := t.TempDir()
			e.run(t, tool, from, to)
			judge(t, e, to)
		})
	}
}

// works reports whether the program is what its name says: distributions and test
// machines put stand-ins in the place of ImageMagick.
func works(path string) bool {
	if !strings.HasPrefix(filepath.Base(path), "convert") {
		return true
	}
	out, err := exec.Command(path, "-version").Output()
	return err == nil && bytes.HasPrefix(out, []byte("Version: ImageMagick"))
}

// judge holds every file of the folder to what its encoder is allowed.
func judge(t *testing.T, e encoder, dir string) {
	var names []string
	require.NoError(t, filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	}))
	require.GreaterOrEqual(t, len(names), e.files, "files of %s", e.name)
	warned, cut := map[validate.Reason]int{}, 0
	for _, name := range names {
		opts := validate.Options{Checks: []validate.Check{func(ctx context.Context, p *validate.Picture) error {
			for _, side := range []int{0, 16} {
				if _, err := p.Image(ctx, side); err != nil {
					return err
				}
			}
			return nil
		}}}
		res, err := validate.File(context.Background(), name, opts)
		var refusal *validate.Error
		if e.cut != nil && errors.As(err, &refusal) && refusal.Reason == validate.Truncated {
			info, err := os.Stat(name)
			require.NoError(t, err)
			if e.cut(info.Size(), res.Width, res.Height) {
				cut++
				continue
			}
		}
		if err != nil {
			t.Errorf("%s of %s: %v", filepath.Base(name), e.name, err)
			continue
		}
		for _, w := range res.Warnings {
			warned[w.Reason]++
			if !slices.Contains(e.warns, w.Reason) {
				t.Errorf("%s of %s: a warning that nobody explained: %v", filepath.Base(name), e.name, w)
			}
		}
	}
	require.Less(t, cut, len(names)/2, "files that %s cut", e.name)
	t.Logf("%d files of %s, %d cut by it, warnings: %v %s", len(names), e.name, cut, warned, e.why)
}

// sources writes the pictures: PNG, Targa and raw.
func sources(t *testing.T) string {
	dir := t.TempDir()
	for i := range pictures {
		w, h := 1+i*i%71, 1+i*37%59
		m := image.NewNRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				wave := func(k float64) uint8 { return uint8(128 + 120*math.Sin(float64(x)*k+float64(y*i)/9)) }
				noise := uint8(uint64(x*7919+y*104729+i*31) * 2654435761 >> 13)
				c := color.NRGBA{wave(0.1), wave(0.07), wave(0.3), 255}
				if i%3 == 1 {
					c.R, c.G = c.R^noise&63, c.G^noise&31
				}
				if i%5 == 2 {
					c.A = wave(0.2)
				}
				m.SetNRGBA(x, y, c)
			}
		}
		stem := filepath.Join(dir, fmt.Sprintf("p%02d", i))
		var b bytes.Buffer
		require.NoError(t, png.Encode(&b, m))
		require.NoError(t, os.WriteFile(stem+".png", b.Bytes(), 0o600))
		require.NoError(t, os.WriteFile(fmt.Sprintf("%s.%dx%d.rgba", stem, w, h), m.Pix, 0o600))
		tga := []byte{0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, byte(w), byte(w >> 8), byte(h), byte(h >> 8), 24, 0x20}
		for i := 0; i < len(m.Pix); i += 4 {
			tga = append(tga, m.Pix[i+2], m.Pix[i+1], m.Pix[i])
		}
		require.NoError(t, os.WriteFile(stem+".tga", tga, 0o600))
	}
	return dir
}

// goEncoders are those of the standard library and x/image.
func goEncoders(t *testing.T, _, from, to string) {
	names, err := filepath.Glob(filepath.Join(from, "*.png"))
	require.NoError(t, err)
	for _, name := range names {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		m, err := png.Decode(bytes.NewReader(data))
		require.NoError(t, err)
		write := func(ext string, encode func(b *bytes.Buffer) error) {
			var b bytes.Buffer
			require.NoError(t, encode(&b))
			require.NoError(t, os.WriteFile(filepath.Join(to, filepath.Base(name)+ext), b.Bytes(), 0o600))
		}
		write(".jpg", func(b *bytes.Buffer) error { return jpeg.Encode(b, m, nil) })
		write(".100.jpg", func(b *bytes.Buffer) error { return jpeg.Encode(b, m, &jpeg.Options{Quality: 100}) })
		write(".png", func(b *bytes.Buffer) error { return png.Encode(b, m) })
		write(".bmp", func(b *bytes.Buffer) error { return bmp.Encode(b, m) })
	}
}

// each runs the program once for each picture with that extension and each way.
func each(ext string, command func(tool, in, out, way string) *exec.Cmd, in string, ways ...string) func(t *testing.T, tool, from, to string) {
	return func(t *testing.T, tool, from, to string) {
		names, err := filepath.Glob(filepath.Join(from, "*."+in))
		require.NoError(t, err)
		for _, name := range names {
			for _, way := range ways {
				stem := strings.TrimSuffix(filepath.Base(name), "."+in)
				out, err := command(tool, name, filepath.Join(folder(t, to, way), stem+ext), way).CombinedOutput()
				require.NoError(t, err, "%s %s: %s", tool, way, out)
			}
		}
	}
}

// script runs a script that does all pictures at once.
func script(name string) func(t *testing.T, tool, from, to string) {
	return func(t *testing.T, tool, from, to string) {
		out, err := exec.Command(tool, name, from, to).CombinedOutput()
		if err != nil && (bytes.Contains(out, []byte("No module named")) || bytes.Contains(out, []byte("undefined function"))) {
			t.Skipf("SKIPPED: %s lacks what %s needs: no file of it was tried", tool, name)
		}
		require.NoError(t, err, "%s", out)
	}
}

// node runs an encoder of npm.
func node(name string) func(t *testing.T, tool, from, to string) {
	return func(t *testing.T, tool, from, to string) {
		if os.Getenv("IMGVET_NPM") == "" {
			t.Skipf("SKIPPED: IMGVET_NPM is not set: no file of %s was tried", name)
		}
		dir := installed(t)
		out, err := exec.Command(tool, filepath.Join(dir, "encode.mjs"), name, from, to).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
}

// installed returns a folder with the packages of node/package.json, which it fills at
// the first call of a run.
func installed(t *testing.T) string {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("imgvet-encoders-%d", os.Getpid()))
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err == nil {
		return dir
	}
	require.NoError(t, os.MkdirAll(dir, 0o700))
	for _, name := range []string{"package.json", "encode.mjs"} {
		b, err := os.ReadFile(filepath.Join("node", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	cmd := exec.Command("npm", "install", "--no-audit", "--no-fund")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "npm install: %s", out)
	return dir
}

// TestMain removes what was installed.
func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(filepath.Join(os.TempDir(), fmt.Sprintf("imgvet-encoders-%d", os.Getpid())))
	os.Exit(code)
}
