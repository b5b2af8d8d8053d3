package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/imgvet/imgvet/detect"
)

// spool collects the body of a report in a temporary file while the check goes on,
// since what stands at a report's head, the counts, is known last. So a report
// costs no memory, however many files are in it.
type spool struct {
	info os.FileInfo // of the report
	dst  *os.File
	tmp  *os.File
	*bufio.Writer
}

// newSpool creates the report of that name, empty. It does not overwrite a picture:
// where a shell expands "--sarif *.jpg", the first one stands where the name should.
func newSpool(name string) (s *spool, err error) {
	if isPicture(name) {
		return nil, fmt.Errorf("%s is a picture: a report does not overwrite it", name)
	}
	dst, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, dst.Close())
		}
	}()
	info, err := dst.Stat()
	if err != nil {
		return nil, err
	}
	tmp, err := scratch()
	if err != nil {
		return nil, err
	}
	return &spool{info, dst, tmp, bufio.NewWriter(tmp)}, nil
}

// finish writes the report: head, what was collected, tail.
func (s *spool) finish(head, tail []byte) error {
	err := s.Flush()
	if err == nil {
		_, err = s.tmp.Seek(0, io.SeekStart)
	}
	if err == nil {
		_, err = s.dst.Write(head)
	}
	if err == nil {
		_, err = io.Copy(s.dst, s.tmp)
	}
	if err == nil {
		_, err = s.dst.Write(tail)
	}
	return errors.Join(err, s.dst.Close(), discard(s.tmp))
}

// isPicture reports whether there is a file of that name and one of our formats.
func isPicture(name string) bool {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, detect.HeadSize)
	n, _ := io.ReadFull(f, head) // a short file is one too
	return detect.Detect(head[:n]) != detect.Unknown
}
