package logs

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"strings"

	"github.com/spf13/pflag"
)

// Flags are the flags of a log.
type Flags struct {
	format string
	level  slog.Level
}

// Add adds the flags.
func (o *Flags) Add(f *pflag.FlagSet) {
	f.StringVar(&o.format, "log-format", "text", "write the log as text or json")
	f.TextVar(&o.level, "log-level", slog.LevelInfo, "log from this level on: debug, info, warn or error")
}

// Open returns the log, and what writes how many lines were left out last.
func (o *Flags) Open(w io.Writer) (*slog.Logger, func(), error) {
	opts := &slog.HandlerOptions{Level: o.level}
	var h slog.Handler
	switch o.format {
	case "text":
		h = slog.NewTextHandler(w, opts)
	case "json":
		h = slog.NewJSONHandler(w, opts)
	default:
		return nil, nil, fmt.Errorf("--log-format %q is neither text nor json", o.format)
	}
	flood := newFlood(h)
	return slog.New(request{flood}), flood.flush, nil
}

// Std returns a logger for what net/http has to say, which is a warning. Its text is not the message of
// the line: addresses of strangers are in it, and each would be a flood of its own.
func Std(l *slog.Logger, message string) *log.Logger { return log.New(std{l, message}, "", 0) }

type std struct {
	log     *slog.Logger
	message string
}

// Write writes one line of the log.
func (s std) Write(b []byte) (int, error) {
	s.log.Warn(s.message, "error", strings.TrimSuffix(string(b), "\n"))
	return len(b), nil
}

type idKey struct{}

// WithRequest returns ctx with the id of a request. Lines that are logged with it name it.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, idKey{}, id)
}

// request adds request_id to lines.
type request struct{ slog.Handler }

func (h request) Handle(ctx context.Context, r slog.Record) error {
	if id, ok := ctx.Value(idKey{}).(string); ok {
		r.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h request) WithAttrs(attrs []slog.Attr) slog.Handler {
	return request{h.Handler.WithAttrs(attrs)}
}

func (h request) WithGroup(name string) slog.Handler { return request{h.Handler.WithGroup(name)} }
