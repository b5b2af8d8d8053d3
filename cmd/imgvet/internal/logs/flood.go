package logs

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// Of failures with one message and one status, burst lines are written at once and then one
// every rest. Other lines are always written.
const (
	burst = 10
	rest  = time.Second
)

// quiet is how long after the first line that was left out the count is written, where no other
// line has told it.
const quiet = 10 * time.Second

// flood is a handler that leaves out lines of warnings and failures that come too fast, and says
// with the next one how many.
type flood struct {
	slog.Handler
	*floodState
}

// floodState is what a handler shares with those that WithAttrs and WithGroup make of it.
type floodState struct {
	base  slog.Handler
	now   func() time.Time
	after func(time.Duration, func()) // calls a function later

	mu    sync.Mutex
	kinds map[kind]*bucket
}

// maxKinds bounds what is remembered. Messages are of our own words, and the service behind a
// proxy chooses statuses; what is beyond is one flood.
const maxKinds = 1000

// kind is what lines have in common that are one flood.
type kind struct {
	message string
	status  int64
}

// bucket counts the lines of one kind.
type bucket struct {
	left    int       // lines that may be written at once
	filled  time.Time // when left was right
	leftOut int
}

func newFlood(base slog.Handler) flood {
	return flood{base, &floodState{
		base: base, now: time.Now, kinds: map[kind]*bucket{},
		after: func(d time.Duration, f func()) { time.AfterFunc(d, f) },
	}}
}

// Handle writes a line, or counts it.
func (h flood) Handle(ctx context.Context, r slog.Record) error {
	status := int64(0)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "status" && a.Value.Kind() == slog.KindInt64 {
			status = a.Value.Int64()
		}
		return true
	})
	if r.Level < slog.LevelWarn && status < 500 {
		return h.Handler.Handle(ctx, r)
	}
	leftOut, ok := h.take(kind{r.Message, status})
	if !ok {
		return nil
	}
	if leftOut > 0 {
		r.AddAttrs(slog.Int("left_out", leftOut))
	}
	return h.Handler.Handle(ctx, r)
}

// take reports whether a line may be written, and how many of its kind were not since the last.
func (s *floodState) take(k kind) (leftOut int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	b := s.kinds[k]
	if b == nil && len(s.kinds) >= maxKinds {
		k = kind{message: "others"}
		b = s.kinds[k]
	}
	if b == nil {
		b = &bucket{left: burst, filled: now}
		s.kinds[k] = b
	}
	if n := int(now.Sub(b.filled) / rest); n > 0 {
		b.left, b.filled = min(burst, b.left+n), b.filled.Add(time.Duration(n)*rest)
	}
	if b.left == 0 {
		if b.leftOut == 0 {
			s.after(quiet, s.flush)
		}
		b.leftOut++
		return 0, false
	}
	b.left--
	leftOut, b.leftOut = b.leftOut, 0
	return leftOut, true
}

// flush writes a line for each kind of which lines were left out since its last one.
func (s *floodState) flush() {
	s.mu.Lock()
	counts := map[kind]int{}
	for k, b := range s.kinds {
		if b.leftOut > 0 {
			counts[k], b.leftOut = b.leftOut, 0
		}
	}
	s.mu.Unlock()
	ctx := context.Background()
	for _, k := range slices.SortedFunc(maps.Keys(counts), func(a, b kind) int { return int(a.status - b.status) }) {
		r := slog.NewRecord(s.now(), slog.LevelWarn, "lines left out", 0)
		r.AddAttrs(slog.String("of", k.message), slog.Int64("status", k.status), slog.Int("left_out", counts[k]))
		if s.base.Enabled(ctx, r.Level) {
			_ = s.base.Handle(ctx, r) // a log that cannot be written has nobody to tell
		}
	}
}

// WithAttrs is part of [slog.Handler].
func (h flood) WithAttrs(attrs []slog.Attr) slog.Handler {
	return flood{h.Handler.WithAttrs(attrs), h.floodState}
}

// WithGroup is part of [slog.Handler].
func (h flood) WithGroup(name string) slog.Handler {
	return flood{h.Handler.WithGroup(name), h.floodState}
}
