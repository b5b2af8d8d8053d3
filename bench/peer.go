package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// subject is a decoder of one file, as it is measured.
type subject interface {
	// timed returns the processor time of one call.
	timed() (time.Duration, error)
	// allocated returns the bytes that one call takes.
	allocated() (uint64, error)
}

// call is a subject in this process.
type call func() error

func (f call) timed() (time.Duration, error) { return timed(f), nil }
func (f call) allocated() (uint64, error)    { return allocated(f) }

// peer is goheif in a process of its own: a fault in C ends that, and not the
// benchmark. It measures itself as this process does.
type peer struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// What a peer is asked for, one a line; it answers with a number, or with a fault.
const (
	askTime   = "time"   // nanoseconds of processor time of a call
	askMemory = "memory" // bytes by which the first call has raised the peak of resident memory
)

// startPeer runs this program again, as a decoder of a file.
func startPeer(ctx context.Context, file string) (*peer, error) {
	if goHEIC == nil {
		return nil, errors.New("goheif needs cgo")
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &peer{cmd: exec.CommandContext(ctx, self, "-goheif", file)}
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(stdout)
	return p, p.cmd.Start()
}

// ask sends a question. A process that has died is an error.
func (p *peer) ask(what string) (uint64, error) {
	_, asked := fmt.Fprintln(p.in, what) // one that cannot be asked may have told why
	line, err := p.out.ReadString('\n')
	if err != nil {
		return 0, fmt.Errorf("goheif's process has ended: %w", errors.Join(err, asked))
	}
	n, err := strconv.ParseUint(strings.TrimSpace(line), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("goheif: %s", strings.TrimSpace(line))
	}
	return n, nil
}

func (p *peer) timed() (time.Duration, error) {
	n, err := p.ask(askTime)
	return time.Duration(n), err
}

func (p *peer) allocated() (uint64, error) { return p.ask(askMemory) }

// stop ends the process. Whatever it ends with was told by ask.
func (p *peer) stop() {
	_ = p.in.Close()
	_ = p.cmd.Wait()
}

// servePeer is the other side: it decodes file for each line of in.
func servePeer(file string, in io.Reader, out io.Writer) error {
	if goHEIC == nil {
		return errors.New("goheif needs cgo")
	}
	runtime.GOMAXPROCS(1)
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	decode := func() error { return goHEIC(data) }
	before := peakRSS()
	if err := decode(); err != nil {
		_, err = fmt.Fprintln(out, err)
		return err
	}
	memory := peakRSS() - before
	for lines := bufio.NewScanner(in); lines.Scan(); {
		n := memory
		if lines.Text() == askTime {
			n = uint64(timed(decode))
		}
		if _, err := fmt.Fprintln(out, n); err != nil {
			return err
		}
	}
	return nil
}
