//go:build cgo && (linux || darwin) && !imgvet_verdictonly

package heic

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"runtime/debug"
	"sync/atomic"
	"syscall"

	"github.com/jdeng/goheif/libde265"
)

// work is the worker's main: one job in, one result out. It returns the exit
// status.
func work(in io.Reader, out *os.File) int {
	img, err := workOn(in)
	if err == nil {
		err = writeImage(out, img)
		if err == nil {
			return 0
		}
	}
	_ = writeError(out, err) // if that fails, the parent sees no result
	return 1
}

func workOn(in io.Reader) (image.Image, error) {
	var head [jobHead]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, err
	}
	lim := Limits{MaxPixels: int64(binary.BigEndian.Uint64(head[:]))}
	memory, seconds := binary.BigEndian.Uint64(head[8:]), binary.BigEndian.Uint64(head[16:])
	if err := confine(memory, seconds); err != nil {
		return nil, fmt.Errorf("limits of the worker: %w", err)
	}
	b := make([]byte, binary.BigEndian.Uint64(head[24:]))
	if _, err := io.ReadFull(in, b); err != nil {
		return nil, err
	}
	said, err := captureStdout()
	if err != nil {
		return nil, err
	}
	f := newFile(b, lim)
	if err := f.parse(); err != nil {
		return nil, err
	}
	libde265.Init()
	r := renderer{ctx: context.Background(), f: f, decode: decodeHEVC}
	img, err := r.render()
	if err == nil && said() {
		// The binding prints the library's warnings, and returns the picture: cut
		// slices, wrong references, a checksum that fails.
		err = decoderFault(errors.New("the decoder warns of the stream"))
	}
	return img, err
}

// confine bounds what this process may use: its data (RLIMIT_AS would count what
// the Go runtime only reserves), its processor time, and no file or core dump.
func confine(memory, seconds uint64) error {
	debug.SetMemoryLimit(int64(memory / 2)) // collect before the limit ends the process
	limits := []struct {
		what  int
		value uint64
	}{
		{syscall.RLIMIT_CPU, 2 * seconds}, // of all threads together
		{syscall.RLIMIT_FSIZE, 0},
		{syscall.RLIMIT_CORE, 0},
	}
	if !raceDetector { // which keeps a shadow of all memory
		limits = append(limits, struct {
			what  int
			value uint64
		}{syscall.RLIMIT_DATA, memory})
	}
	for _, l := range limits {
		// Where the system sets a lower bound already, that holds.
		var now syscall.Rlimit
		if err := syscall.Getrlimit(l.what, &now); err != nil {
			return err
		}
		v := min(l.value, now.Max)
		if err := syscall.Setrlimit(l.what, &syscall.Rlimit{Cur: v, Max: v}); err != nil {
			return err
		}
	}
	return nil
}

// captureStdout takes over os.Stdout, where goheif prints, and returns a function
// that tells whether anything was printed so far.
func captureStdout() (func() bool, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	os.Stdout = w
	var said atomic.Bool
	ended := make(chan struct{})
	go func() {
		n, _ := io.Copy(io.Discard, r)
		said.Store(n > 0)
		close(ended)
	}()
	return func() bool {
		_ = w.Close()
		<-ended
		return said.Load()
	}, nil
}
