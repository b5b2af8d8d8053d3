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

// mogrify runs ImageMagick or GraphicsMagick once a way: an extension, and options.
func mogrify(ways ...string) func(t *testing.T, tool, from, to string) {
	return func(t *testing.T, tool, from, to string) {
		names, err := filepath.Glob(filepath.Join(from, "*.png"))
		require.NoError(t, err)
		for _, way := range ways {
			ext, options, _ := strings.Cut(way, " ")
			where := "-path"
			if filepath.Base(tool) == "gm" {
				where = "-output-directory"
			}
			args := []string{where, folder(t, to, way), "-format", ext}
			args = append(append(args, strings.Fields(options)...), names...)
			cmd := exec.CommandContext(t.Context(), strings.Replace(tool, "convert", "mogrify", 1), args...)
			if base := filepath.Base(tool); base == "magick" || base == "gm" {
				cmd = exec.CommandContext(t.Context(), tool, append([]string{"mogrify"}, args...)...)
			}
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

// vips writes through libvips, as sharp and image proxies do.
func vips(t *testing.T, tool, from, to string) {
	for ext, ways := range map[string][]string{
		".jpg":  {"", "[Q=90,interlace,optimize-coding]"},
		".png":  {"", "[palette]"},
		".webp": {""},
	} {
		each(ext, func(tool, in, out, way string) *exec.Cmd {
			return exec.Command(tool, "copy", in, out+way)
		}, "png", ways...)(t, tool, from, to)
	}
}
