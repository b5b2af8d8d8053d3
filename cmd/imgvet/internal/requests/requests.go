package requests

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/logs"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/trust"
)

// IDHeader is the header of a request's id.
const IDHeader = "X-Request-Id"

// writeTimeout is how long one write of an answer may take. A client that reads, however
// slowly, gets all of it.
const writeTimeout = time.Minute

// Entry is the way in for every request.
type Entry struct {
	Proxies trust.Proxies
	Log     *slog.Logger

	patience time.Duration // 0 means writeTimeout
	uploads  atomic.Int64  // requests with a body that are not answered yet
}

// Uploads returns how many requests with a body are under way.
func (e *Entry) Uploads() int64 { return e.uploads.Load() }

// Wrap returns a handler that calls next with a request that knows its client (trust.Of) and its
// id, and logs a line when next returns.
func (e *Entry) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client := e.Proxies.Client(r)
		id := r.Header.Get(IDHeader)
		if !client.Trusted || !wellFormed(id) {
			id = newID()
		}
		ctx := logs.WithRequest(trust.With(r.Context(), client), id)
		r = r.WithContext(ctx)
		r.Header.Set(IDHeader, id)
		w.Header().Set(IDHeader, id)

		a := &answer{ResponseWriter: w, control: http.NewResponseController(w), http2: r.ProtoMajor > 1, patience: e.patience}
		if a.patience == 0 {
			a.patience = writeTimeout
		}
		if r.Body != nil && r.Body != http.NoBody {
			e.uploads.Add(1)
			defer e.uploads.Add(-1)
		}
		start := time.Now()
		method, path := r.Method, r.URL.EscapedPath() // not the query, in which there may be secrets
		ended := false
		defer func() { // not by recover, which would lose where a panic came from
			e.log(ctx, !ended, a, slog.String("method", method), slog.String("path", path),
				slog.String("client", client.String()), slog.String("proto", r.Proto), slog.Duration("duration", time.Since(start)))
		}()
		next.ServeHTTP(a, r)
		ended = true
	})
}

// log writes the line of a request.
func (e *Entry) log(ctx context.Context, cut bool, a *answer, attrs ...slog.Attr) {
	status := a.status
	if status == 0 && !cut {
		status = http.StatusOK // what net/http answers for a handler that wrote nothing
	}
	attrs = append(attrs, slog.Int("status", status), slog.Int64("sent", a.sent))
	if cut {
		attrs = append(attrs, slog.Bool("cut", true)) // the client did not get the whole answer
	}
	e.Log.LogAttrs(context.WithoutCancel(ctx), slog.LevelInfo, "request", attrs...)
}

// wellFormed reports whether an id may stand in logs and headers.
func wellFormed(id string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+=~@"
	return id != "" && len(id) <= 128 && strings.Trim(id, letters) == ""
}

// newID returns an id that nobody else has.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// answer notes what is answered, and gives each write its time.
type answer struct {
	http.ResponseWriter
	control *http.ResponseController
	http2   bool
	status  int
	sent    int64

	patience time.Duration
}

// deadline sets when what is written must be gone. Not every writer has one.
func (a *answer) deadline(at time.Time) { _ = a.control.SetWriteDeadline(at) }

// WriteHeader notes the final status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		a.status = status
	}
	if !a.http2 {
		a.deadline(time.Now().Add(a.patience))
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write writes within writeTimeout.
func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	a.deadline(time.Now().Add(a.patience))
	n, err := a.ResponseWriter.Write(b)
	a.sent += int64(n)
	if a.http2 {
		// HTTP/2 ends the stream at its deadline even where nothing is written then.
		a.deadline(time.Time{})
	}
	return n, err
}

// Unwrap is for [http.ResponseController].
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Hijack hands the connection over, to a tunnel for another protocol.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, brw, err := a.control.Hijack()
	if err == nil && a.status == 0 {
		a.status = http.StatusSwitchingProtocols
	}
	return conn, brw, err
}
