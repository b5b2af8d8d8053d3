package encoders

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// folder makes a folder for the files of one way to encode.
func folder(t *testing.T, to, way string) string {
	clean := strings.NewReplacer(" ", "", ":", "", "/", "", "[", "", "]", "", "=", "", ",", "").Replace(way)
	dir := filepath.Join(to, clean)
	require.NoError(t, os.MkdirAll(dir, 0o700))
	return dir
}

// three returns a folder with three of the pictures, PNG alone, for encoders that take
// seconds for one.
func three(t *testing.T, from string) string {
	dir := t.TempDir()
	names, err := filepath.Glob(filepath.Join(from, "*.png"))
	require.NoError(t, err)
	for _, name := range names[:3] {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(name)), b, 0o600))
	}
	return dir
}

// mogrify runs ImageMagick or GraphicsMagick once a way: an extension, and options.
func mogrify(ways ...string) func(t *testing.T, tool, from, to string) {
	return func(t *testing.T, tool, from, to string) {
		names, err := filepath.Glob(filepath.Join(from, "*.png"))
		require.NoError(t, err)
		var bare []string
		for _, name := range names {
			bare = append(bare, filepath.Base(name))
		}
		for _, way := range ways {
			ext, options, _ := strings.Cut(way, " ")
			dir := folder(t, to, way)
			where, inputs := "-path", names
			if filepath.Base(tool) == "gm" { // it puts the folder before the whole name
				where, inputs = "-output-directory", bare
			}
			args := []string{where, dir, "-format", ext}
			args = append(append(args, strings.Fields(options)...), inputs...)
			cmd := exec.CommandContext(t.Context(), strings.Replace(tool, "convert", "mogrify", 1), args...)
			if base := filepath.Base(tool); base == "magick" || base == "gm" {
				cmd = exec.CommandContext(t.Context(), tool, append([]string{"mogrify"}, args...)...)
			}
			cmd.Dir = from
			// Its threads cost more than they bring to small pictures.
			cmd.Env = append(os.Environ(), "MAGICK_THREAD_LIMIT=1", "OMP_NUM_THREADS=1")
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s: %s", way, out)
		}
	}
}

// ffmpeg writes each format by its own encoder, all pictures in one run.
func ffmpeg(t *testing.T, tool, from, to string) {
	names, err := filepath.Glob(filepath.Join(from, "*.png"))
	require.NoError(t, err)
	for _, way := range []string{
		"jpg -q:v 3 -pix_fmt yuvj420p", "jpg -q:v 2 -pix_fmt yuvj444p -huffman 0",
		"png -c:v png", "png -c:v png -pix_fmt rgb48be -pred mixed",
		"bmp -c:v bmp -pix_fmt bgr24", "bmp -c:v bmp -pix_fmt rgb565le", "webp -c:v libwebp",
	} {
		ext, options, _ := strings.Cut(way, " ")
		args := []string{"-nostdin", "-loglevel", "error", "-y"}
		for _, name := range names {
			args = append(args, "-i", name)
		}
		dir := folder(t, to, way)
		for i := range names {
			args = append(append(args, "-map", fmt.Sprint(i)), strings.Fields(options)...)
			args = append(args, "-frames:v", "1", filepath.Join(dir, fmt.Sprintf("%02d.%s", i, ext)))
		}
		out, err := exec.Command(tool, args...).CombinedOutput()
		require.NoError(t, err, "%s: %s", way, out)
	}
}

// vips writes through libvips, as sharp and image proxies do: all pictures in one run.
func vips(t *testing.T, tool, from, to string) {
	names, err := filepath.Glob(filepath.Join(from, "*.png"))
	require.NoError(t, err)
	for _, way := range []string{".jpg", ".jpg[Q=90,interlace,optimize-coding]", ".png", ".png[palette]", ".webp"} {
		out := filepath.Join(folder(t, to, way), "%s"+way)
		cmd := exec.CommandContext(t.Context(), tool, append([]string{"--size", "2000x2000>", "-o", out}, names...)...)
		cmd.Env = append(os.Environ(), "VIPS_CONCURRENCY=1")
		said, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", way, said)
	}
}
