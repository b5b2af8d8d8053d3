package check

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/walk"
	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/validate"
)

// pictureExtensions returns those of pictures, of whatever format: a file that is called so and
// is none that is taken is told of.
func pictureExtensions() []string {
	return []string{
		".gif", ".tif", ".tiff", ".avif", ".heif", ".hif", ".svg", ".ico", ".jxl", ".jp2", ".psd", ".jpe", ".jfif", ".dib", ".apng",
		".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".xcf", ".pcx", ".tga", ".pbm", ".pgm", ".ppm", ".pnm",
	}
}

// noPicture reports whether a refused file claims to be a picture neither by its content nor by
// its name: a README or a film beside the photos.
func noPicture(name string, refusal *validate.Error) bool {
	if refusal == nil || refusal.Reason != validate.UnknownFormat && refusal.Reason != validate.Empty {
		return false
	}
	ext := strings.ToLower(filepath.Ext(name))
	if slices.Contains(pictureExtensions(), ext) {
		return false
	}
	for _, f := range [...]detect.Format{detect.PNG, detect.JPEG, detect.HEIC, detect.BMP, detect.WebP} {
		if slices.Contains(f.Extensions(), strings.TrimPrefix(ext, ".")) {
			return false
		}
	}
	if refusal.Reason == validate.Empty {
		return true
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, detect.HeadSize)
	n, _ := io.ReadFull(f, head) // a short file is one too
	return !strings.HasPrefix(detect.Describe(head[:n]), "image/")
}

// isPipe reports whether name is a named pipe. A device stays an error.
func isPipe(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode()&fs.ModeNamedPipe != 0
}

// listed yields the names in a list: a line each, or, if null, a NUL behind each. They are taken
// as they are, not as patterns.
func listed(r io.Reader, null bool) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, 1<<20)
		if null {
			lines.Split(untilNUL)
		}
		for lines.Scan() {
			name := lines.Text()
			if name == "" {
				continue
			}
			if name == cli.Stdin {
				name = "." + string(filepath.Separator) + name // a file, though it is called so
			}
			if !yield(name, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield("--files-from", fmt.Errorf("the list of files cannot be read: %w", err))
		}
	}
}

func untilNUL(b []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return i + 1, b[:i], nil
	}
	if atEOF && len(b) > 0 {
		return len(b), b, nil
	}
	return 0, nil, nil
}

// source is where the names of files come from: arguments, and a list.
type source struct {
	args []string
	list string // a file, "-" or ""
	null bool
}

// once reports whether the names can be asked for only once.
func (s source) once() bool { return s.list == cli.Stdin }

// files yields what is to be checked: first what is found for the arguments, then the list.
func (s source) files(found func([]string) iter.Seq2[walk.File, error], stdin io.Reader) iter.Seq2[walk.File, error] {
	return func(yield func(walk.File, error) bool) {
		for f, err := range found(s.args) {
			if !yield(f, err) {
				return
			}
		}
		if s.list == "" {
			return
		}
		list := stdin
		if s.list != cli.Stdin {
			f, err := os.Open(s.list)
			if err != nil {
				yield(walk.File{Name: s.list, Named: true}, err)
				return
			}
			defer f.Close()
			list = f
		}
		for name, err := range listed(list, s.null) {
			if err == nil {
				err = isFolder(name)
			}
			if !yield(walk.File{Name: name, Named: true}, err) {
				return
			}
		}
	}
}

// isFolder returns an error for a folder: a list names files.
func isFolder(name string) error {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return errors.New("is a folder: the list names files")
	}
	return nil
}
