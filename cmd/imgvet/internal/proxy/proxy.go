package proxy

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/logs"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/paths"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/requests"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/trust"
	"github.com/imgvet/imgvet/middleware"
)

// idleUpstreams is how many connections to the service are kept for reuse.
const idleUpstreams = 64

// service is what stands behind the proxy, and which of its paths are checked.
type service struct {
	target       *url.URL
	checked      paths.Set
	preserveHost bool
	timeout      time.Duration // until its answer begins
}

// proxy stands before a service.
type proxy struct {
	service
	vet     *middleware.Middleware
	checks  http.Handler // to the service, if the middleware lets it
	forward *httputil.ReverseProxy
}

// newProxy returns the middleware before a reverse proxy.
func newProxy(s service, opts middleware.Options) (*proxy, error) {
	vet, err := middleware.New(opts)
	if err != nil {
		return nil, err
	}
	p := &proxy{service: s, vet: vet}
	p.forward = &httputil.ReverseProxy{
		Rewrite:   p.rewrite,
		Transport: newTransport(s.timeout),
		ErrorLog:  logs.Std(opts.Logger, "reverse proxy"),
		ModifyResponse: func(res *http.Response) error {
			res.Header.Del(requests.IDHeader) // the client gets ours, once
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			upstreamFailed(w, r, err, opts.Logger)
		},
	}
	p.checks = vet.Wrap(http.HandlerFunc(p.send))
	return p, nil
}

// ServeHTTP checks a request, or hands it on as it is if its path is not to be checked.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		refuse(w, middleware.Refusal{Status: http.StatusMethodNotAllowed, Message: "method not allowed"})
	case p.checked.Checks(r.URL.EscapedPath()):
		p.checks.ServeHTTP(w, r)
	default:
		p.send(w, r.WithContext(context.WithValue(r.Context(), uncheckedKey{}, true)))
	}
}

// uncheckedKey marks a request whose path is not checked.
type uncheckedKey struct{}

// send hands a request on. By now its body has been checked, or may take as long as the service
// likes, and so may the answer.
func (p *proxy) send(w http.ResponseWriter, r *http.Request) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // a writer that has none needs none
	p.forward.ServeHTTP(w, r)
}

// rewrite makes the request to the service out of the client's. ReverseProxy has
// dropped the headers that are for one hop.
func (p *proxy) rewrite(r *httputil.ProxyRequest) {
	r.SetURL(p.target)
	// ReverseProxy has dropped what Go cannot parse of the query, and escaped the rest anew.
	r.Out.URL.RawQuery = r.In.URL.RawQuery
	if p.preserveHost {
		r.Out.Host = r.In.Host
	}
	trust.Of(r.In.Context()).Forward(r.Out.Header, r.In)
	// ReverseProxy would tunnel what follows a switch of protocols. In h2c are further
	// requests, on any path, and on a checked path there may be uploads in whatever it is.
	unchecked, _ := r.In.Context().Value(uncheckedKey{}).(bool)
	if !unchecked || !strings.EqualFold(r.Out.Header.Get("Upgrade"), "websocket") {
		r.Out.Header.Del("Upgrade")
		r.Out.Header.Del("Connection")
	}
	// The body is here already, or comes as soon as it is read.
	r.Out.Header.Del("Expect")
}

// transport sends gRPC over HTTP/2, which it cannot do without, and the rest over HTTP/1.1,
// which every service speaks.
type transport struct{ one, grpc *http.Transport }

func newTransport(timeout time.Duration) transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	one := &http.Transport{
		// No Proxy: the operator named the next hop, the environment does not.
		DialContext:           dialer.DialContext,
		DisableCompression:    true, // what the client accepts is between it and the service
		MaxIdleConnsPerHost:   idleUpstreams,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: timeout,
	}
	grpc := one.Clone()
	grpc.Protocols = new(http.Protocols)
	grpc.Protocols.SetHTTP2(true)
	grpc.Protocols.SetUnencryptedHTTP2(true)
	return transport{one, grpc}
}

// RoundTrip is part of [http.RoundTripper].
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
		return t.grpc.RoundTrip(r)
	}
	return t.one.RoundTrip(r)
}

// upstreamFailed answers for a service that does not.
func upstreamFailed(w http.ResponseWriter, r *http.Request, err error, log *slog.Logger) {
	if r.Context().Err() != nil {
		err = context.Cause(r.Context()) // the client has gone: nothing the service did
	}
	answer := middleware.Refusal{Status: http.StatusBadGateway, Message: "upstream unavailable", Cause: err}
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, os.ErrDeadlineExceeded) {
		answer.Status, answer.Message = http.StatusGatewayTimeout, "upstream timeout"
	}
	log.WarnContext(r.Context(), "upstream failed", "error", err, "status", answer.Status)
	refuse(w, answer)
}

// refuse answers without the service.
func refuse(w http.ResponseWriter, f middleware.Refusal) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	f.Write(w)
}
