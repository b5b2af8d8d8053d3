package proxy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/listen"
	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/middleware"
)

// upstreamTimeout is how long the service may think before its answer begins.
// It leaves [listen.WriteTimeout] room to send it.
const upstreamTimeout = 2 * time.Minute

// idleUpstreams is how many connections to the service are kept for reuse.
const idleUpstreams = 64

// Command returns "imgvet proxy".
func Command() *cobra.Command {
	var (
		addr, upstream string
		tokens         []string
		opts           = middleware.Options{Rewrite: true}
	)
	cmd := &cobra.Command{
		Use:   "proxy --upstream URL [flags]",
		Short: "Stand before a service in any language and let only good uploads through",
		Long: `Proxy checks every request that has a body, as "imgvet serve" does, and hands what
passed to the service at the upstream URL. A refused upload gets the canonical error
and never reaches it. A request without a body passes, unless its method needs one.

The service gets a form in one plain spelling: a fresh boundary, names in quotes, and
the bytes of each file as they were sent. So its parser cannot find another file in
it than was checked, whatever language it is written in. With --rewrite=false it gets
the client's own spelling, byte for byte, which every parser that we know reads as we
do. Other bodies always arrive as they were sent.

The service sees the client in X-Forwarded-For, X-Forwarded-Host and
X-Forwarded-Proto. Whatever the client itself wrote there is dropped, and so are
headers with an underscore in their name, which some services take for these, and
requests to switch protocols (WebSocket, h2c), which would go past the check.
Where the service cannot be reached the client gets 502, and 504 where it does
not begin to answer within ` + upstreamTimeout.String() + `.`,
		Example: `  imgvet proxy --upstream http://127.0.0.1:9000
  imgvet proxy --upstream http://127.0.0.1:9000 --addr :8080 --field image --token secret`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			target, err := parseUpstream(upstream)
			if err != nil {
				return err
			}
			log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
			opts.Authorize, opts.Logger = listen.Authorizer(tokens), log
			handler, err := newProxy(target, opts)
			if err != nil {
				return err
			}
			ln, err := listen.On(cmd.Context(), addr)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "imgvet: listening on http://%s for %s\n", ln.Addr(), target)
			return listen.Run(cmd.Context(), ln, handler, log)
		},
	}
	cmd.Flags().StringVar(&upstream, "upstream", "", "the service's address, such as http://127.0.0.1:9000 (required)")
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:8080", "listen on this address")
	cmd.Flags().StringArrayVar(&tokens, "token", nil, "take only this token; may be given more than once (default: take any)")
	cli.ToleranceFlags(cmd.Flags(), &opts.Validate.Tolerance)
	cli.RuleFlags(cmd.Flags(), &opts.Validate.Rules)
	cmd.Flags().StringArrayVar(&opts.Fields, "field", nil, "check this multipart field; may be given more than once (default: every file)")
	cmd.Flags().BoolVar(&opts.OtherFiles, "other-files", false, "let files in fields that --field does not name pass unchecked")
	cmd.Flags().BoolVar(&opts.Optional, "optional", false, "let requests without a file pass, such as a log-in form")
	cmd.Flags().BoolVar(&opts.Rewrite, "rewrite", true, "hand forms on in one plain spelling")
	cmd.Flags().BoolVar(&opts.RefuseTypeMismatch, "refuse-type-mismatch", false, "refuse a good file that is declared or named as another kind of file, such as a PNG called a.jpg")
	cmd.Flags().StringVar(&opts.JSONField, "json-field", "", "check the base64 picture in this member of JSON bodies")
	return cmd
}

// parseUpstream returns the URL of a service: http or https, a host, and a path
// at most. What else a URL may hold would be silently lost on the way.
func parseUpstream(s string) (*url.URL, error) {
	if s == "" {
		return nil, errors.New("--upstream is missing: the service's address, such as http://127.0.0.1:9000")
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, fmt.Errorf("--upstream %q is no URL such as http://127.0.0.1:9000: %w", s, err)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("--upstream %q does not begin with http:// or https://", s)
	case u.Hostname() == "":
		return nil, fmt.Errorf("--upstream %q names no host", s)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("--upstream %q holds more than scheme, host and path", u.Redacted())
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, fmt.Errorf("--upstream %q: port %s does not exist", s, port)
		}
	}
	return u, nil
}

// newProxy returns the middleware before a reverse proxy to target.
func newProxy(target *url.URL, opts middleware.Options) (http.Handler, error) {
	mw, err := middleware.New(opts)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { rewrite(r, target) },
		Transport: &http.Transport{
			// No Proxy: the operator named the next hop, the environment does not.
			DialContext:           dialer.DialContext,
			DisableCompression:    true, // what the client accepts is between it and the service
			MaxIdleConnsPerHost:   idleUpstreams,
			IdleConnTimeout:       90 * time.Second,
			TLSHandshakeTimeout:   10 * time.Second,
			ResponseHeaderTimeout: upstreamTimeout,
		},
		ErrorLog: slog.NewLogLogger(opts.Logger.Handler(), slog.LevelWarn),
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			upstreamFailed(w, r, err, opts.Logger)
		},
	}
	return mw.Wrap(proxy), nil
}

// rewrite makes the request to the service out of the client's. ReverseProxy has
// dropped Forwarded and the three X-Forwarded headers that it knows, and the
// headers that are for one hop.
func rewrite(r *httputil.ProxyRequest, target *url.URL) {
	r.SetURL(target)
	// A service may trust these as much as the three: only we may say who asks. And
	// as in nginx no name has an underscore, since CGI and WSGI cannot tell
	// X_Forwarded_For from X-Forwarded-For (RFC 3875, 4.1.18).
	for name := range r.Out.Header {
		if strings.HasPrefix(name, "X-Forwarded-") || strings.Contains(name, "_") {
			r.Out.Header.Del(name)
		}
	}
	r.Out.Header.Del("X-Real-Ip")
	r.Out.Header.Del("Proxy") // HTTP_PROXY to a CGI program
	r.SetXForwarded()
	// ReverseProxy would tunnel what follows a switch of protocols, and a service
	// that takes h2c would find unchecked uploads in there.
	r.Out.Header.Del("Upgrade")
	r.Out.Header.Del("Connection")
	// The body is here already; waiting for 100 Continue again gains nothing.
	r.Out.Header.Del("Expect")
}

// upstreamFailed answers for a service that does not.
func upstreamFailed(w http.ResponseWriter, r *http.Request, err error, log *slog.Logger) {
	if r.Context().Err() != nil {
		err = context.Cause(r.Context()) // the client has gone: nothing the service did
	}
	log.WarnContext(r.Context(), "upstream failed", "error", err)
	answer := middleware.Refusal{Status: http.StatusBadGateway, Message: "upstream unavailable", Cause: err}
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, os.ErrDeadlineExceeded) {
		answer.Status, answer.Message = http.StatusGatewayTimeout, "upstream timeout"
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	answer.Write(w)
}
