package fuzz

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/imgvet/imgvet/fuzz/internal/readings"
)

// readings sends the two-reading requests to a service that reports which files it
// was given.
func (run *conformance) readings(ctx context.Context) error {
	send := run.opts.Readings
	if send == nil {
		send = Readings(run.opts.Field)
	}
	target, err := url.Parse(run.url)
	if err != nil {
		return err
	}
	if !run.reports(ctx, target) {
		if run.opts.Reports {
			run.report.Faults = append(run.report.Faults, Fault{
				Kind: "files are not reported", Case: "a form with a good picture",
				Want: `2xx and {"files":[{"field":...,"name":...,"size":...,"sha256":...}]}`, Got: "no such answer",
			})
		}
		return nil
	}
	for r := range send {
		run.report.Requests++
		run.report.Readings++
		a, err := exchangeRaw(ctx, target, r, run.opts.Token)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		run.judgeReading(r, a, err)
	}
	return nil
}

// reports asks the service with a form as a browser sends it.
func (run *conformance) reports(ctx context.Context, target *url.URL) bool {
	s := readings.NewSheet("probe", run.opts.Field)
	s.Real("form", "a form as a browser sends it", readings.Form(s.File(s.Picture)), s.Picture)
	a, err := exchangeRaw(ctx, target, readingOf(s.All[0]), run.opts.Token)
	if err != nil || a.status < 200 || a.status > 299 {
		return false
	}
	_, ok := reported(a.body)
	return ok
}

// judgeReading notes what is wrong with the answer to a reading.
func (run *conformance) judgeReading(r Reading, a answer, err error) {
	fault := func(kind, wanted, got string) {
		run.report.Faults = append(run.report.Faults, Fault{Kind: kind, Case: r.Name, Want: wanted, Got: got, Why: r.Why})
	}
	got := fmt.Sprintf("%d %s", a.status, excerpt(a.body))
	switch {
	case err != nil:
		fault("no answer", "an answer", err.Error())
	case a.status >= 200 && a.status < 300:
		files, ok := reported(a.body)
		if !ok && len(r.Files) > 0 {
			fault("files are not reported", `a list of "files"`, got)
		} else if err := r.Judge(files); err != nil {
			fault("another file than the one that was sent as a file arrived", fmt.Sprintf("%d files, or a refusal", len(r.Files)), err.Error())
		}
	case r.OK && len(r.Files) > 0:
		fault("a form that clients send was refused", "to pass", got)
	case r.OK: // a request without a body, which the service may not know
	case a.status < 400 || a.status >= 500 && a.status != http.StatusNotImplemented:
		fault("neither passed nor refused", "2xx or 4xx", got)
	case bytes.Contains(a.body, []byte(readings.Evil)):
		fault("a refusal echoes the request", "no byte of the request", got)
	}
}

// exchangeRaw writes the bytes of a request on a connection of its own and reads
// the answer. No client library would send them.
func exchangeRaw(ctx context.Context, to *url.URL, r Reading, token string) (answer, error) {
	conn, err := dial(ctx, to)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return answer{}, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	name := [2]string{caseHeader, url.PathEscape(r.Name)}
	// Those who refuse by the header need not read the rest: a failed write is no
	// failure as long as there is an answer.
	_, writeErr := conn.Write(r.Request(to.Host, to.RequestURI(), name, [2]string{"Authorization", "Bearer " + token}))
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: r.Method})
	if err != nil && writeErr != nil {
		err = writeErr
	}
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return answer{resp.StatusCode, resp.Header, text}, err
}

// dial connects to the host of a URL, with TLS if it is https.
func dial(ctx context.Context, to *url.URL) (net.Conn, error) {
	port := to.Port()
	if port == "" {
		port = to.Scheme // net knows http and https
	}
	addr := net.JoinHostPort(to.Hostname(), port)
	if to.Scheme == "https" {
		return new(tls.Dialer).DialContext(ctx, "tcp", addr)
	}
	return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", addr)
}
