package logs

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
)

// open returns a log as these flags make it.
func open(t *testing.T, args ...string) (*slog.Logger, *bytes.Buffer, func()) {
	var o Flags
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.Add(f)
	require.NoError(t, f.Parse(args))
	var out bytes.Buffer
	log, flush, err := o.Open(&out)
	require.NoError(t, err)
	return log, &out, flush
}

func TestFormatAndLevel(t *testing.T) {
	log, out, _ := open(t, "--log-format", "json", "--log-level", "warn")
	ctx := WithRequest(t.Context(), "abc")
	log.InfoContext(ctx, "no")
	log.With("a", 1).WarnContext(ctx, "yes")
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	require.Equal(t, "abc", line["request_id"])
	require.Equal(t, "yes", line["msg"])
	require.EqualValues(t, 1, line["a"])

	log, out, _ = open(t)
	log.Info("plain")
	require.Contains(t, out.String(), "level=INFO msg=plain\n")

	_, _, err := (&Flags{format: "xml"}).Open(out)
	require.ErrorContains(t, err, "xml")
}

// TestFlood: of a thousand failures some lines are written, and all are counted; lines of another
// kind are not touched.
func TestFlood(t *testing.T) {
	var out bytes.Buffer
	h := newFlood(slog.NewTextHandler(&out, nil))
	now := time.Now()
	var later []func()
	h.now = func() time.Time { return now }
	h.after = func(d time.Duration, f func()) { require.Equal(t, quiet, d); later = append(later, f) }
	log := slog.New(h)
	for range 1000 {
		log.Info("request", "status", 503)
		log.Info("request", "status", 200)
	}
	log.With("x", 1).Error("another failure", "status", 503)
	require.Equal(t, burst, strings.Count(out.String(), "status=503")-1)
	require.Equal(t, 1000, strings.Count(out.String(), "status=200"))
	require.Contains(t, out.String(), "another failure")
	require.Len(t, later, 1, "one timer")

	out.Reset()
	now = now.Add(rest)
	log.Info("request", "status", 503)
	log.Info("request", "status", 503)
	require.Equal(t, 1, strings.Count(out.String(), "\n"))
	require.Contains(t, out.String(), "left_out=990")

	out.Reset()
	later[0]()
	require.Contains(t, out.String(), `msg="lines left out" of=request status=503 left_out=1`)
	out.Reset()
	h.flush()
	require.Empty(t, out.String(), "each is counted once")

	now = now.Add(time.Hour)
	for range 100 {
		log.Info("request", "status", 503)
	}
	require.Equal(t, burst, strings.Count(out.String(), "\n"), "no more than a burst after a pause")
}

// TestFloodOfNetHTTP: net/http names the stranger in each of its lines. They are one flood all the same,
// and what is remembered of floods stays small whatever the lines say.
func TestFloodOfNetHTTP(t *testing.T) {
	log, out, _ := open(t)
	std := Std(log, "server")
	for port := range 1000 {
		std.Printf("http: TLS handshake error from 192.0.2.1:%d: EOF", port)
	}
	require.Equal(t, burst, strings.Count(out.String(), "TLS handshake error"))
	require.Contains(t, out.String(), `msg=server error="http: TLS handshake error from 192.0.2.1:0: EOF"`)

	h := newFlood(slog.NewTextHandler(out, nil))
	h.after = func(time.Duration, func()) {}
	log = slog.New(h)
	for i := range 3 * maxKinds {
		log.Warn(strconv.Itoa(i))
	}
	require.LessOrEqual(t, len(h.kinds), maxKinds+1)
}
