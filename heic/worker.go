//go:build cgo && (linux || darwin) && !imgvet_verdictonly

package heic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"time"
)

// workerEnv tells a program that it is run as a worker.
const workerEnv = "IMGVET_HEIC_WORKER"

// served is set once, by ServeWorker: the one proof that a child of this program
// will be a worker, and not run main a second time.
var served atomic.Bool

// ServeWorker makes [Decode] work. Call it as the first thing in main, before
// flags, files and connections:
//
//	func main() {
//		heic.ServeWorker()
//		...
//
// In the program itself it returns at once. In a process that Decode has started
// it decodes the one picture it is given, and exits. Tests that decode call it in
// TestMain.
func ServeWorker() {
	if os.Getenv(workerEnv) == "" {
		served.Store(true)
		return
	}
	os.Exit(work(os.Stdin, os.NewFile(3, "result")))
}

// program is what is run as a worker.
type program struct {
	path string
	env  []string
}

// thisProgram is the program that runs, even if its file has been replaced.
func thisProgram() program {
	p := program{env: []string{workerEnv + "=1", "GOMAXPROCS=2", "GOTRACEBACK=none"}}
	// The one variable that a program may need to start: where its libraries are.
	if v, ok := os.LookupEnv("LD_LIBRARY_PATH"); ok {
		p.env = append(p.env, "LD_LIBRARY_PATH="+v)
	}
	if raceDetector {
		p.env = append(p.env, "GORACE=atexit_sleep_ms=0") // else each exit takes a second
	}
	if runtime.GOOS == "linux" {
		p.path = "/proc/self/exe"
		return p
	}
	p.path, _ = os.Executable() // an empty path fails to start, with a clear error
	return p
}

// decode runs a worker for one picture.
func (p program) decode(ctx context.Context, f *file, j job) (image.Image, error) {
	if !served.Load() {
		return nil, fmt.Errorf("%w: main must begin with heic.ServeWorker()", ErrNoPixels)
	}
	timed, stop := context.WithTimeout(ctx, j.lim.timeout())
	defer stop()
	alive, kill := context.WithCancel(timed)
	defer kill()
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("heic: %w", err)
	}
	defer func() { _ = r.Close() }()

	cmd := exec.CommandContext(alive, p.path)
	cmd.Args = []string{"imgvet-heic-worker"}
	cmd.Env = p.env
	cmd.Dir = "/"
	cmd.Stdin = io.MultiReader(bytes.NewReader(j.header(j.memory(f.pixels), len(f.b))), bytes.NewReader(f.b))
	cmd.ExtraFiles = []*os.File{w} // its descriptor 3; standard output and error go nowhere
	cmd.WaitDelay = time.Second
	err = cmd.Start()
	_ = w.Close() // ours; the worker has its own
	if err != nil {
		return nil, fmt.Errorf("heic: start of the pixel worker: %w", err)
	}
	img, err := readResult(r, j.size)
	if err != nil {
		// A worker that said something wrong is ended; one that died tells by its
		// exit status of what.
		defer time.AfterFunc(time.Second, kill).Stop()
	}
	exit := cmd.Wait()
	switch {
	case err == nil:
		return img, nil // whole and checked: how the worker ended is of no matter
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case timed.Err() != nil:
		return nil, fmt.Errorf("%w: no picture in %v", errWorker, j.lim.timeout())
	case errors.Is(err, errWorker) && exit != nil:
		return nil, fmt.Errorf("%w (%w)", err, exit)
	}
	return nil, err
}
