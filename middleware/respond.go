package middleware

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/imgvet/imgvet/detect"
)

// refuse answers a request that did not pass.
func (c *check) refuse(w http.ResponseWriter, err error) {
	f := c.m.refusalOf(c.ctx, err)
	c.report(f)
	c.body.close() // no longer needed, and draining may take its time

	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if f.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer") // RFC 9110, 15.5.2: a 401 must have one
	}
	if f.RetryAfter > 0 {
		seconds := (f.RetryAfter + time.Second - 1) / time.Second
		h.Set("Retry-After", strconv.Itoa(int(seconds)))
	}
	if f.Verdict == nil && f.Message == unsupportedCoding {
		h.Set("Accept-Encoding", c.m.opts.codings()) // RFC 9110, 15.5.16
	}
	unread := !c.wire.drained() && c.r.Body != nil && c.r.Body != http.NoBody
	if unread && c.r.ProtoMajor == 1 {
		// The rest of the body must not be read as the next request. http.MaxBytesReader would
		// ensure that, but not through a wrapped writer (golang/go#73754).
		h.Set("Connection", "close")
	}
	if c.m.opts.ProblemJSON {
		h.Add("Vary", "Accept")
	}
	if c.m.opts.ProblemJSON && acceptsProblem(c.r) {
		writeProblem(w, f)
	} else {
		c.m.opts.WriteRefusal(w, c.r, f)
	}
	if unread {
		c.drain(w)
	}
}

// drain reads what the client still sends after the answer. A client that writes everything
// before it reads would otherwise see a reset connection instead of the answer.
//
// HTTP/2 resets only the stream, but curl 7.88 then drops a response that it has already
// received. There the client also waits for us to end the stream, so drain ends as soon as
// nothing more arrives.
func (c *check) drain(w http.ResponseWriter) {
	_, isServer := c.r.Context().Value(http.ServerContextKey).(*http.Server)
	// Reading would tell a client that waits for 100 Continue to send its body.
	waits := expectsContinue(c.r) && c.wire.n == 0
	if !isServer || c.ctx.Err() != nil {
		return
	}
	control := http.NewResponseController(w)
	if waits {
		// net/http itself reads a short body, without a time limit.
		_ = control.SetReadDeadline(time.Now().Add(c.m.opts.MaxDrainTime))
		return
	}
	if control.Flush() != nil {
		return
	}
	end := c.wire.clock.clamp(time.Now().Add(c.m.opts.MaxDrainTime))
	buf := make([]byte, 32<<10)
	for n := int64(0); n < c.m.opts.MaxDrainBytes; {
		at := end
		if c.r.ProtoMajor > 1 {
			at = earlier(end, time.Now().Add(drainIdle))
		}
		if control.SetReadDeadline(at) != nil {
			return // without a deadline a silent client would hold us for ever
		}
		k, err := c.r.Body.Read(buf)
		if err != nil || k == 0 {
			return
		}
		n += int64(k)
	}
}

// drainIdle is how long nothing may arrive before drain ends over HTTP/2.
const drainIdle = 200 * time.Millisecond

// Write writes the status and the canonical body, and nothing else. The middleware sets
// Retry-After, Cache-Control, nosniff and Connection.
func (f *Refusal) Write(w http.ResponseWriter) {
	body, err := f.MarshalJSON()
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	writeBody(w, f.Status, "application/json; charset=utf-8", body)
}

func writeRefusal(w http.ResponseWriter, _ *http.Request, f *Refusal) { f.Write(w) }

func writeBody(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // if the client has gone, nobody is left to tell
}

// problem is RFC 9457 problem details. Type is absent, which means about:blank.
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   int    `json:"code"`
	Reason string `json:"reason,omitempty"`
	Format string `json:"format,omitempty"`
	Advice string `json:"advice,omitempty"`
}

func writeProblem(w http.ResponseWriter, f *Refusal) {
	p := problem{Title: f.Message, Status: f.Status, Code: f.Code()}
	if f.Verdict != nil {
		p.Reason, p.Advice = string(f.Verdict.Reason), f.Verdict.Advice()
		if f.Verdict.Format != detect.Unknown {
			p.Format = string(f.Verdict.Format)
		}
	}
	body, err := json.Marshal(p)
	if err != nil {
		f.Write(w)
		return
	}
	writeBody(w, f.Status, "application/problem+json", body)
}

// mediaType returns the media type of one element of an Accept header, in lower case.
func mediaType(v string) string {
	v, _, _ = strings.Cut(v, ";")
	return strings.ToLower(strings.TrimSpace(v))
}

// acceptsProblem reports whether the client names the problem type with a weight above 0 (RFC
// 9110, 12.5.1). A wildcard is not enough: a client that did not ask gets the canonical body.
func acceptsProblem(r *http.Request) bool {
	for _, v := range strings.Split(strings.Join(r.Header.Values("Accept"), ","), ",") {
		if mediaType(v) != "application/problem+json" {
			continue
		}
		_, params, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(v), " ", ""), ";")
		weight, found := strings.CutPrefix(params, "q=")
		q, err := strconv.ParseFloat(weight, 64)
		return !found || err == nil && q > 0
	}
	return false
}
