package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/validate"
)

// linkSpeed is how many bytes a second arrive: 20 Mbit/s.
const linkSpeed = 20e6 / 8

// link is a file that arrives over a link. It notes the processor time at which the last byte was
// handed out.
type link struct {
	b     []byte
	began time.Time
	last  time.Duration
}

func (l *link) Read(p []byte) (int, error) {
	if len(l.b) == 0 {
		return 0, io.EOF
	}
	if l.began.IsZero() {
		l.began = time.Now()
	}
	const packet = 1400
	n := min(len(p), len(l.b), packet)
	l.began = l.began.Add(time.Duration(float64(n) / linkSpeed * float64(time.Second)))
	time.Sleep(time.Until(l.began))
	copy(p, l.b[:n])
	if l.b = l.b[n:]; len(l.b) == 0 {
		l.last = cputime.Used()
	}
	return n, nil
}

// runLatency prints how much of a verification is left to do after the last byte of a file that
// arrives over a slow link.
func runLatency(ctx context.Context, out io.Writer, dir string, rounds int, only string) error {
	fmt.Fprintf(out, "| file | KiB | verdict | after the last byte | share |\n|---|---|---|---|---|\n")
	for _, s := range samples(dir, only) {
		if s.missing != "" || len(s.data) < 100<<10 {
			continue
		}
		var whole, after []time.Duration
		for range rounds {
			start := cputime.Used()
			if _, err := validate.Bytes(ctx, s.data, validate.Options{MaxBytes: 1 << 30}); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			whole = append(whole, cputime.Used()-start)
			l := &link{b: s.data}
			if _, err := validate.Validate(ctx, l, validate.Options{MaxBytes: 1 << 30}); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			after = append(after, cputime.Used()-l.last)
		}
		slices.Sort(whole)
		slices.Sort(after)
		w, a := whole[rounds/2], after[rounds/2]
		fmt.Fprintf(out, "| %s | %d | %s | %s | %.1f %% |\n", s.name, len(s.data)>>10, duration(w), duration(a), 100*float64(a)/float64(w))
	}
	return nil
}
