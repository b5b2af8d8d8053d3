package collect

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/imgvet/imgvet/bulk/internal/line"
)

// Sink takes the lines of one shard after another.
type Sink interface {
	Add(lines []line.Line, text []byte) error // text is the lines as JSON Lines
	Close() error
}

// Output is a file that is there when it is whole.
type Output struct {
	Sink
	temp, path string
}

// kinds are the files that [Create] makes, by the ends of their names.
var kinds = [...]struct {
	extension string
	open      func(path string) (Sink, error)
}{{".jsonl", newJSONL}, {".parquet", newParquet}, {".sqlite", newSQLite}}

func opener(path string) (func(path string) (Sink, error), error) {
	var known []string
	for _, k := range kinds {
		if k.extension == filepath.Ext(path) {
			return k.open, nil
		}
		known = append(known, k.extension)
	}
	return nil, fmt.Errorf("--out %s: a file that ends in %s can be had, or \"-\"", path, strings.Join(known, ", "))
}

// Problem returns an error if [Create] makes no file of this name, or nil.
func Problem(path string) error {
	if path == "" || path == "-" {
		return nil
	}
	_, err := opener(path)
	return err
}

// Create returns the output for a file that ends in .jsonl, .parquet or .sqlite, or, for "-", JSON Lines to stdout.
// "" is no output: the lines are only counted.
func Create(path string, stdout io.Writer) (*Output, error) {
	if path == "" {
		return &Output{Sink: jsonl{bufio.NewWriter(io.Discard), nil}}, nil
	}
	if path == "-" {
		return &Output{Sink: jsonl{bufio.NewWriterSize(stdout, 1<<16), nil}}, nil
	}
	open, err := opener(path)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("--out %s: not a regular file", path)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".imgvet-bulk-*"+filepath.Ext(path))
	if err != nil {
		return nil, err
	}
	name := temp.Name()
	if err := errors.Join(temp.Chmod(0o644), temp.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(name))
	}
	sink, err := open(name)
	if err != nil {
		return nil, errors.Join(err, os.Remove(name))
	}
	return &Output{sink, name, path}, nil
}

// Finish puts the file in its place, if keep, or removes it.
func (o *Output) Finish(keep bool) error {
	err := o.Close()
	if o.temp == "" {
		return err
	}
	if err != nil || !keep {
		return errors.Join(err, os.Remove(o.temp))
	}
	return os.Rename(o.temp, o.path)
}

// jsonl writes the lines as they are in the parts.
type jsonl struct {
	w *bufio.Writer
	f *os.File // nil if it is not ours to close
}

func newJSONL(path string) (Sink, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return nil, err
	}
	return jsonl{bufio.NewWriterSize(f, 1<<16), f}, nil
}

func (j jsonl) Add(_ []line.Line, text []byte) error {
	_, err := j.w.Write(text)
	return err
}

func (j jsonl) Close() error {
	err := j.w.Flush()
	if j.f != nil {
		err = errors.Join(err, j.f.Sync(), j.f.Close())
	}
	return err
}
