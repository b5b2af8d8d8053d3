package proxy

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/admin"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/listen"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/paths"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/telemetry"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/trust"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/uploads"
	"github.com/imgvet/imgvet/internal/settings"
)

// defaultTimeout is how long the service may think before its answer begins.
const defaultTimeout = 2 * time.Minute

// options are the flags of proxy alone.
type options struct {
	upstream     string
	paths        []string
	preserveHost bool
	timeout      time.Duration
}

// Command returns "imgvet proxy", which exports what it does by what open makes.
func Command(open telemetry.Open) *cobra.Command {
	var (
		o      options
		up     uploads.Flags
		server listen.Flags
	)
	cmd := &cobra.Command{
		Use:   "proxy --upstream URL [flags]",
		Short: "Stand before a service in any language and let only good uploads through",
		Long: `Proxy checks every request that has a body, as "imgvet serve" does, and hands what
passed to the service at the upstream URL. A refused upload gets the canonical error
and never reaches it. A request without a body passes, unless its method needs one.

With --path only requests to these paths are checked, such as /upload, /users/*/photo
or /api/**. All others pass as they are and are not kept: log-in forms, JSON, gRPC (to
the service over HTTP/2), WebSocket. A path that a service may read as one of them is
checked too: other case, escapes, dot segments, parameters. --optional lets requests
without a file pass on checked paths.

The service gets a form in one plain spelling: a fresh boundary, names in quotes, and
the bytes of each file as they were sent. So its parser cannot find another file in
it than was checked, whatever language it is written in. With --rewrite=false it gets
the client's own spelling, byte for byte, which every parser that we know reads as we
do. Other bodies always arrive as they were sent.

The service sees the client in X-Forwarded-For, X-Forwarded-Host and
X-Forwarded-Proto. Whatever the client itself wrote there is dropped, and so are
headers with an underscore in their name, which some services take for these, and on
checked paths requests to switch protocols, which would go past the check. A load
balancer that --trusted-proxy names is believed: the client is the right-most address
that is not of one.
Where the service cannot be reached the client gets 502, and 504 where it does
not begin to answer within --upstream-timeout.`,
		Example: `  imgvet proxy --upstream http://127.0.0.1:9000
  imgvet proxy --upstream http://127.0.0.1:9000 --addr :8080 --field image --token-file tokens
  imgvet proxy --upstream http://app:9000 --path '/photos/**' --trusted-proxy 10.0.0.0/8
  imgvet proxy --config /etc/imgvet.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd, &up, &server, open) },
	}
	f := cmd.Flags()
	f.StringVar(&o.upstream, "upstream", "", "the service's address, such as http://127.0.0.1:9000 (required)")
	f.StringArrayVar(&o.paths, "path", nil, "check requests to this path; may be given more than once (default: all)")
	f.BoolVar(&o.preserveHost, "preserve-host", false, "tell the service the Host that the client asked for, not the service's own")
	f.DurationVar(&o.timeout, "upstream-timeout", defaultTimeout, "how long the service may think before its answer begins")
	up.Add(f, false)
	f.StringArrayVar(&up.Options.Fields, "field", nil, "check this multipart field; may be given more than once (default: every file)")
	f.BoolVar(&up.Options.OtherFiles, "other-files", false, "let files in fields that --field does not name pass unchecked")
	f.BoolVar(&up.Options.Optional, "optional", false, "let requests without a file pass, such as a log-in form")
	f.BoolVar(&up.Options.Rewrite, "rewrite", true, "hand forms on in one plain spelling")
	server.Add(cmd)
	settings.Enable(cmd)
	return cmd
}

// run serves until it is told to end.
func (o *options) run(cmd *cobra.Command, up *uploads.Flags, flags *listen.Flags, open telemetry.Open) error {
	target, err := parseUpstream(o.upstream)
	if err != nil {
		return err
	}
	checked, err := paths.Parse(o.paths, target.EscapedPath())
	if o.timeout <= 0 {
		err = errors.Join(err, errors.New("--upstream-timeout must be more than 0"))
	}
	server, opened := flags.Open(cmd, up.Options.ReceiveTimeout)
	if err := errors.Join(err, opened, up.Finish()); err != nil {
		return err
	}
	up.Options.Logger = server.Log
	up.Options.Client = func(r *http.Request) string { return trust.Of(r.Context()).Share() }
	export, err := open(cmd.Context(), server.Log)
	if err != nil {
		return err
	}
	export.Use(&up.Options)
	p, err := newProxy(service{target, checked, o.preserveHost, o.timeout}, up.Options)
	if err != nil {
		return err
	}
	export.Watch(p.vet)
	return server.Run(cmd.Context(), listen.Site{
		Handler: p, For: target.String(), Export: export, Ready: admin.Dial(hostPort(target)),
	})
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

// hostPort returns where a service listens.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
