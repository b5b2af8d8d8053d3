package fuzz

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
	"github.com/imgvet/imgvet/validate"
)

const (
	// caseHeader names the case in a request, for reports.
	caseHeader = "Imgvet-Case"
	// echoHeader is what Echo answers: the SHA-256 of the body it read.
	echoHeader = "Imgvet-Echo"
	// echoErrorHeader is what Echo could not do with the request.
	echoErrorHeader = "Imgvet-Echo-Error"

	boundary = "----imgvet-conform-7d3f"

	// An upload without an end has to be answered before endlessBound bytes: the
	// file limit, and room for what is drained. The stream ends at endlessSize, so
	// that a handler without any bound ends too.
	endlessBound = 96 << 20
	endlessSize  = 128 << 20

	answerTimeout = 60 * time.Second
	maxAnswer     = 1 << 20 // bytes of a response that are looked at
)

// discardLogger silences the server: what it would say is in the report.
func discardLogger() *log.Logger { return log.New(io.Discard, "", 0) }

// want is the verdict that a file deserves.
type want struct {
	ok   bool
	code validate.Code
}

func (w want) String() string {
	if w.ok {
		return "to pass"
	}
	return fmt.Sprintf("code %d", int(w.code))
}

// conformance is one run.
type conformance struct {
	url    string
	opts   ConformOptions
	http1  *http.Client
	http2  *http.Client
	report Report
}

func conform(ctx context.Context, url string, opts ConformOptions) (*Report, error) {
	run := &conformance{url: url, opts: opts, http1: client(false, url), http2: client(true, url)}
	defer run.http1.CloseIdleConnections()
	defer run.http2.CloseIdleConnections()
	if err := run.reach(ctx); err != nil {
		return nil, err
	}
	modes := slices.DeleteFunc(slices.Clone(opts.Modes), func(m Mode) bool { return m == HTTP2 && run.http2 == run.http1 })
	for c := range opts.Cases {
		expected, err := opts.verdict(ctx, c)
		if err != nil {
			return nil, err
		}
		for _, mode := range modes {
			run.send(ctx, c, mode, opts.Token, expected)
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
	}
	run.tokens(ctx, modes)
	run.endless(ctx)
	if err := run.readings(ctx); err != nil {
		return nil, err
	}
	return &run.report, nil
}

// verdict returns what a case deserves under the handler's options.
func (o ConformOptions) verdict(ctx context.Context, c Case) (want, error) {
	if o.Validate == nil {
		return want{c.OK, c.Code}, nil
	}
	_, err := validate.Bytes(ctx, c.Data, *o.Validate)
	var refusal *validate.Error
	switch {
	case err == nil:
		return want{ok: true}, nil
	case errors.As(err, &refusal):
		return want{code: refusal.Code}, nil
	}
	return want{}, fmt.Errorf("%s: no verdict: %w", c.Name, err)
}

// client returns a client of HTTP/1.1, or of HTTP/2: without TLS it speaks that
// from the first byte.
func client(two bool, url string) *http.Client {
	t := &http.Transport{
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		ExpectContinueTimeout: 2 * time.Second,
		Protocols:             new(http.Protocols),
	}
	switch {
	case !two:
		t.Protocols.SetHTTP1(true)
	case strings.HasPrefix(url, "https:"):
		t.Protocols.SetHTTP2(true)
	default:
		t.Protocols.SetUnencryptedHTTP2(true)
	}
	return &http.Client{
		Transport:     t,
		Timeout:       answerTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// reach says whether anybody is there, and whether HTTP/2 is spoken.
func (run *conformance) reach(ctx context.Context) error {
	get := func(c *http.Client) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodHead, run.url, nil)
		if err != nil {
			return err
		}
		resp, err := c.Do(req)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
	if get(run.http2) != nil {
		run.http2 = run.http1
	}
	return get(run.http1)
}

// body returns the request body for a mode, and its Content-Type.
func (run *conformance) body(c Case, mode Mode, token string) ([]byte, string) {
	if mode == Raw {
		if m := c.Format.MIME(); m != "" {
			return c.Data, m
		}
		return c.Data, "application/octet-stream"
	}
	name := "upload." + string(c.Format)
	if c.Format == detect.Unknown {
		name = "upload.png" // names lie
	}
	file := pack.Join(fmt.Appendf(nil, "--%s\r\nContent-Disposition: form-data; name=%q; filename=%q\r\nContent-Type: application/octet-stream\r\n\r\n",
		boundary, run.opts.Field, name), c.Data, []byte("\r\n"))
	text := fmt.Appendf(nil, "--%s\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n%s\r\n", boundary, token)
	parts := [][]byte{text, file}
	if mode == TokenLast {
		slices.Reverse(parts)
	}
	return pack.Join(parts[0], parts[1], fmt.Appendf(nil, "--%s--\r\n", boundary)), "multipart/form-data; boundary=" + boundary
}

// request makes the request of a mode.
func (run *conformance) request(ctx context.Context, name string, body io.Reader, kind string, mode Mode, token string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, run.url, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set(caseHeader, name)
	switch mode {
	case Raw:
		req.Header.Set("Authorization", "Bearer "+token)
	case Chunked:
		req.ContentLength = -1
	case Expect:
		req.Header.Set("Expect", "100-continue")
	}
	return req, nil
}

// send posts one case in one mode and judges the answer.
func (run *conformance) send(ctx context.Context, c Case, mode Mode, token string, expected want) {
	run.report.Requests++
	body, kind := run.body(c, mode, token)
	fault := func(what, wanted, got string) {
		run.report.Faults = append(run.report.Faults, Fault{Kind: what, Case: c.Name, Mode: mode, Want: wanted, Got: got, Why: c.Why})
	}
	req, err := run.request(ctx, c.Name, bytes.NewReader(body), kind, mode, token)
	if err != nil {
		fault("request cannot be made", "", err.Error())
		return
	}
	httpClient := run.http1
	if mode == HTTP2 {
		httpClient = run.http2
	}
	resp, err := httpClient.Do(req)
	if err != nil {
		fault("no answer", expected.String(), err.Error())
		return
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		fault("answer is cut", expected.String(), err.Error())
		return
	}
	judgeAnswer(answer{resp.StatusCode, resp.Header, text}, expected, body, run.opts, fault)
}

// answer is a response, from the network or from a recorder.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// judgeAnswer compares an answer with what the file deserves. sent is the request
// body.
func judgeAnswer(a answer, expected want, sent []byte, opts ConformOptions, fault func(what, wanted, got string)) {
	got := fmt.Sprintf("%d %s", a.status, excerpt(a.body))
	if a.status >= 200 && a.status < 300 {
		if !expected.ok {
			fault("a bad file passed", expected.String(), fmt.Sprintf("status %d", a.status))
			return
		}
		judgeEcho(a, sent, fault)
		return
	}
	var refusal validate.Error
	if err := refusal.UnmarshalJSON(a.body); err != nil {
		fault("not a canonical refusal", expected.String(), got)
		return
	}
	canonical, err := refusal.MarshalJSON()
	if err != nil || !bytes.Equal(bytes.TrimRight(a.body, "\n"), canonical) {
		fault("not a canonical refusal", string(canonical), got)
		return
	}
	switch {
	case expected.ok:
		fault("a good file was refused", expected.String(), got)
	case refusal.Code != expected.code:
		fault("another code than deserved", expected.String(), got)
	case opts.Status == nil && (a.status < 400 || a.status > 499):
		fault("status of a refusal", "4xx", got)
	case opts.Status != nil && a.status != opts.Status(refusal.Code):
		fault("status of a refusal", fmt.Sprint(opts.Status(refusal.Code)), got)
	}
	if kind, _, err := mime.ParseMediaType(a.header.Get("Content-Type")); err != nil || kind != "application/json" {
		fault("Content-Type of a refusal", "application/json", a.header.Get("Content-Type"))
	}
	if opts.Headers && (a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Cache-Control") != "no-store") {
		fault("headers of a refusal", "nosniff, no-store", fmt.Sprintf("%q, %q", a.header.Get("X-Content-Type-Options"), a.header.Get("Cache-Control")))
	}
}

// judgeEcho compares what Echo read with what was sent. Behind other handlers
// there is nothing to compare.
func judgeEcho(a answer, sent []byte, fault func(what, wanted, got string)) {
	if text := a.header.Get(echoErrorHeader); text != "" {
		fault("the next handler cannot read the request", "the request as it was sent", text)
		return
	}
	sum := sha256.Sum256(sent)
	if got := a.header.Get(echoHeader); got != "" && got != hex.EncodeToString(sum[:]) {
		fault("the next handler got other bytes", "the body as it was sent", "another SHA-256")
	}
}

func excerpt(b []byte) string {
	const most = 120
	if len(b) > most {
		return fmt.Sprintf("%q...", b[:most])
	}
	return fmt.Sprintf("%q", b)
}

// tokens sends a good file with the tokens that must be refused.
func (run *conformance) tokens(ctx context.Context, modes []Mode) {
	for _, x := range []struct {
		token, name string
		code        validate.Code
	}{
		{run.opts.UnknownToken, "unknown token", validate.CodeUnregisteredToken},
		{run.opts.DeniedToken, "token without access", validate.CodeFailAuthorization},
	} {
		if x.token == "" {
			continue
		}
		c := Case{Name: x.name, Data: build.Plain(detect.PNG), Format: detect.PNG, Why: "the access hook refuses it"}
		for _, mode := range modes {
			run.send(ctx, c, mode, x.token, want{code: x.code})
		}
	}
}

// endless uploads a good file that never ends. The answer has to come before it
// is all sent.
func (run *conformance) endless(ctx context.Context) {
	const name = "an upload without an end"
	run.report.Requests++
	c := Case{Name: name, Data: build.Plain(detect.PNG), Format: detect.PNG}
	whole, kind := run.body(c, Chunked, run.opts.Token)
	start := whole[:len(whole)-len(boundary)-8]
	stream := &countingReader{r: io.MultiReader(bytes.NewReader(start), io.LimitReader(zeroReader{}, endlessSize))}
	req, err := run.request(ctx, name, stream, kind, Chunked, run.opts.Token)
	if err != nil {
		return
	}
	resp, err := run.http1.Do(req)
	sent := stream.n.Load()
	if err == nil {
		resp.Body.Close()
	}
	if sent >= endlessBound {
		run.report.Faults = append(run.report.Faults, Fault{
			Kind: "unbounded read", Case: name, Mode: Chunked,
			Want: "an answer when the limit is passed", Got: fmt.Sprintf("%d MiB read", sent>>20),
		})
	}
}

// countingReader counts what was read from r.
type countingReader struct {
	r io.Reader
	n atomic.Int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// zeroReader is an endless run of zeros.
type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
