package check

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/report"
	"github.com/imgvet/imgvet/internal/cli"
)

// errLink is why a link is not moved: its target would be copied, or it would lead elsewhere.
var errLink = errors.New("a link is not moved")

// undoList is the file in the folder to which files are moved that moves them back.
const undoList = "undo.sh"

// sorter moves or copies refused files to a folder, below which they keep their path. It never
// writes over a file.
type sorter struct {
	to   string // "" does nothing
	move bool   // else copies
	dry  bool   // only tells
	out  io.Writer
}

// prepare makes the folder, and returns what it is, so that the walk can leave it out.
func (s *sorter) prepare() ([]os.FileInfo, error) {
	if s.to == "" {
		return nil, nil
	}
	if !s.dry {
		if err := os.MkdirAll(s.to, 0o755); err != nil {
			return nil, err
		}
	}
	info, err := os.Stat(s.to)
	if s.dry && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no folder", s.to)
	}
	return []os.FileInfo{info}, err
}

// take moves or copies the file of a verdict, if it was refused.
func (s *sorter) take(v report.Verdict) error {
	if s.to == "" || v.Refusal() == nil || v.File == cli.Stdin {
		return nil
	}
	to, err := s.place(v.File)
	if err != nil {
		return err
	}
	if s.dry {
		what := "copy"
		if s.move {
			what = "move"
		}
		fmt.Fprintf(s.out, "would %s %s to %s\n", what, cli.Printable(v.File), cli.Printable(to))
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if !s.move {
		return duplicate(v.File, to)
	}
	if info, err := os.Lstat(v.File); err != nil || info.Mode()&fs.ModeSymlink != 0 {
		return cmp.Or(err, errLink)
	}
	if _, err := os.Lstat(to); err == nil {
		return &fs.PathError{Op: "move", Path: to, Err: fs.ErrExist} // before the list names it
	}
	if err := s.note(v.File, to); err != nil {
		return err
	}
	return relocate(v.File, to)
}

// place returns where a file goes: below the folder, by its path from here, or from the root if
// it lies elsewhere.
func (s *sorter) place(name string) (string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(here, abs)
	if err != nil || !filepath.IsLocal(rel) {
		rel = strings.TrimLeft(strings.TrimPrefix(abs, filepath.VolumeName(abs)), `/\`)
	}
	return filepath.Join(s.to, rel), nil
}

// note adds a line to the list that moves files back. It comes before the move, so that nothing
// is moved that the list does not know.
func (s *sorter) note(from, to string) error {
	abs, err := filepath.Abs(from)
	if err == nil {
		to, err = filepath.Abs(to)
	}
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(s.to, undoList), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	line := fmt.Sprintf("mv -n -- %s %s\n", quoted(to), quoted(abs))
	if info, err := f.Stat(); err == nil && info.Size() == 0 {
		line = "# Run by sh, this moves the files back.\n" + line
	}
	_, err = f.WriteString(line)
	return errors.Join(err, f.Close())
}

// quoted quotes a word for sh.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// relocate moves a file, not over another. A link is made and the old name removed: unlike a
// rename, that fails if the new name is taken. Where there are no links, and to another disk, the
// file is copied.
func relocate(from, to string) error {
	err := os.Link(from, to)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		err = duplicate(from, to)
	}
	if err != nil {
		return err
	}
	return os.Remove(from)
}

// duplicate copies a file with its time, not over another.
func duplicate(from, to string) (err error) {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	info, err := src.Stat()
	if err != nil {
		return err
	}
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm()|0o200)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	if err == nil {
		err = dst.Sync()
	}
	if err = errors.Join(err, dst.Close()); err != nil {
		return errors.Join(err, os.Remove(to)) // half a copy is none
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}
