package check

import (
	"context"
	"fmt"
	"io"
	"iter"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/report"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/walk"
	"github.com/imgvet/imgvet/internal/cli"
)

const (
	progressAfter = time.Second            // shorter work needs no bar
	progressEvery = 100 * time.Millisecond // between two pictures of it
	maxHeld       = 64 << 10               // bytes of lines that wait for the next picture
)

// screen is where lines are printed and, if stderr is a terminal, where a bar
// shows the progress of long work below them. Into a pipe no bar is drawn.
type screen struct {
	out, errs io.Writer // for lines

	stderr   io.Writer
	terminal bool

	mu      sync.Mutex
	bar     *progressbar.ProgressBar // nil until drawn
	total   int64                    // files; 0 while they are being counted
	done    int64
	drawn   int64 // of done
	held    []heldLine
	size    int   // bytes held
	err     error // the first write that failed
	stop    func()
	stopped chan struct{}
}

// heldLine is text that waits until the bar is off the screen.
type heldLine struct {
	w    io.Writer
	text []byte
}

// newScreen returns a screen without a bar.
func newScreen(stdout, stderr io.Writer) *screen {
	s := &screen{out: stdout, errs: stderr, stderr: stderr}
	if !cli.IsTerminal(stderr) {
		return s
	}
	s.share(cli.IsTerminal(stdout))
	return s
}

// share lets lines and the bar share the terminal that stderr is, and stdout may be.
func (s *screen) share(withStdout bool) {
	s.terminal = true
	s.errs = holder{s, s.errs}
	if withStdout {
		s.out = holder{s, s.out}
	}
}

// start counts the files and begins to draw. files may be nil: there is no bar then.
func (s *screen) start(ctx context.Context, files iter.Seq2[walk.File, error]) {
	if !s.terminal {
		return
	}
	ctx, s.stop = context.WithCancel(ctx)
	s.stopped = make(chan struct{})
	if files != nil {
		go s.count(ctx, files)
	}
	go func() {
		defer close(s.stopped)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for begin := time.Now(); ; {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				s.draw(time.Since(begin) >= progressAfter)
			}
		}
	}()
}

// count walks ahead of the work, which costs little beside reading the files.
func (s *screen) count(ctx context.Context, files iter.Seq2[walk.File, error]) {
	var n int64
	for _, err := range files {
		if ctx.Err() != nil {
			return
		}
		_ = err // what can't be read gets a line, too
		n++
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total = n
}

// step counts one more file as done.
func (s *screen) step() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done++
}

// draw prints the lines held and, if wanted, the bar below them. A terminal that
// fails to show the bar must not end the check.
func (s *screen) draw(withBar bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bar == nil && withBar && s.total > s.done {
		s.bar = progressbar.NewOptions64(s.total,
			progressbar.OptionSetWriter(s.stderr),
			progressbar.OptionSetDescription("checking"),
			progressbar.OptionShowCount(),
			progressbar.OptionShowIts(),
			progressbar.OptionSetItsString("files"),
			progressbar.OptionSetWidth(30),
			progressbar.OptionUseANSICodes(true),
			progressbar.OptionClearOnFinish(),
		)
	}
	s.flush()
	if s.bar != nil && s.done < s.total {
		_ = s.bar.Add64(s.done - s.drawn)
		s.drawn = s.done
	}
}

// flush prints the lines held, over the bar. The caller holds the lock.
func (s *screen) flush() {
	if len(s.held) == 0 {
		return
	}
	if s.bar != nil {
		_ = s.bar.Clear()
	}
	for _, h := range s.held {
		if _, err := h.w.Write(h.text); err != nil && s.err == nil {
			s.err = err
		}
	}
	s.held, s.size = s.held[:0], 0
}

// finish takes the bar off the screen and, on a terminal, says what came out.
func (s *screen) finish(t report.Tally) error {
	if !s.terminal {
		return nil
	}
	s.stop()
	<-s.stopped
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bar != nil {
		_ = s.bar.Clear()
		s.bar = nil
	}
	s.flush()
	if t.Checked() > 1 {
		fmt.Fprintf(s.stderr, "%s, in %v\n", t, t.Took.Round(time.Millisecond))
	}
	return s.err
}

// holder is a terminal that shares the screen with the bar: what is written waits
// for the next picture, so that the bar is not drawn anew for each line.
type holder struct {
	s *screen
	w io.Writer
}

func (h holder) Write(b []byte) (int, error) {
	s := h.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := len(s.held) - 1; last >= 0 && s.held[last].w == h.w {
		s.held[last].text = append(s.held[last].text, b...)
	} else {
		s.held = append(s.held, heldLine{h.w, append([]byte(nil), b...)})
	}
	if s.size += len(b); s.size > maxHeld {
		s.flush()
	}
	return len(b), s.err
}
