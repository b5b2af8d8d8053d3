package trust

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/imgvet/imgvet/internal/peer"
)

// Proxies are the load balancers whose X-Forwarded-* and Forwarded headers are believed. The
// zero value believes nobody.
type Proxies []netip.Prefix

// Parse reads networks such as 10.0.0.0/8, and addresses.
func Parse(networks []string) (Proxies, error) {
	var p Proxies
	var errs []error
	for _, s := range networks {
		prefix, err := netip.ParsePrefix(s)
		if err != nil {
			var addr netip.Addr
			if addr, err = netip.ParseAddr(s); err == nil {
				prefix, err = addr.WithZone("").Unmap().Prefix(addr.Unmap().BitLen())
			}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("--trusted-proxy %q is no network such as 10.0.0.0/8, and no address", s))
			continue
		}
		p = append(p, prefix.Masked())
	}
	return p, errors.Join(errs...)
}

// trusts reports whether a is one of them.
func (p Proxies) trusts(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(network netip.Prefix) bool { return network.Contains(a) })
}

// Client is who sends a request.
type Client struct {
	Addr netip.Addr // not valid where a connection has no address
	// Trusted says that the request came from a load balancer that is trusted: what it says
	// in other headers counts too.
	Trusted bool

	forwardedFor []string // from Addr on, nearest last, without the sender of the connection
	forwarded    []string // the elements of Forwarded, alike
	peer         netip.Addr
}

// Client finds out who sent r: the right-most address that is not of a trusted proxy, in the
// row that X-Forwarded-For (or else Forwarded) and the connection make. Whatever is left of it
// was written by somebody whom nobody vouches for.
//
// Where no address is left of the trusted ones, it is the left-most; where a trusted proxy
// wrote something that is no address, it is that proxy's.
func (p Proxies) Client(r *http.Request) Client {
	direct := address(r.RemoteAddr)
	c := Client{Addr: direct, peer: direct}
	if !direct.IsValid() || !p.trusts(direct) {
		return c
	}
	c.Trusted = true
	byFor, hopsFor := p.walk(direct, list(r.Header.Values("X-Forwarded-For")), address)
	byForwarded, hops := p.walk(direct, list(r.Header.Values("Forwarded")), forwardedFor)
	switch {
	case len(hopsFor) > 0:
		c.Addr, c.forwardedFor = byFor, addresses(hopsFor, address)
		if byForwarded == byFor {
			c.forwarded = hops
		} // else one of them is the client's own, which the proxy let through
	case len(hops) > 0 && len(r.Header.Values("X-Forwarded-For")) == 0:
		c.Addr, c.forwarded = byForwarded, hops
		c.forwardedFor = addresses(hops, forwardedFor)
	}
	return c
}

// addresses returns the addresses of hops, which all have one, without ports.
func addresses(hops []string, addressOf func(string) netip.Addr) []string {
	var all []string
	for _, h := range hops {
		all = append(all, addressOf(h).String())
	}
	return all
}

// walk goes through hops from right to left, up to the first address that is not trusted, and
// returns it with the hops that it went through.
func (p Proxies) walk(direct netip.Addr, hops []string, addressOf func(string) netip.Addr) (netip.Addr, []string) {
	client := direct
	for i := len(hops) - 1; i >= 0; i-- {
		a := addressOf(hops[i])
		if !a.IsValid() {
			return client, hops[i+1:]
		}
		if client = a; !p.trusts(a) {
			return client, hops[i:]
		}
	}
	return client, hops
}

// list returns the elements of headers that are lists, in order. A comma inside quotes parts
// nothing.
func list(values []string) []string {
	var all []string
	for _, v := range values {
		for _, e := range splitQuoted(v, ',') {
			if e = strings.TrimSpace(e); e != "" {
				all = append(all, e)
			}
		}
	}
	return all
}

// splitQuoted splits s at sep, except inside quoted strings (RFC 9110, 5.6.4).
func splitQuoted(s string, sep byte) []string {
	var all []string
	quoted, start := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			all = append(all, s[start:i])
			start = i + 1
		}
	}
	return append(all, s[start:])
}

// forwardedFor returns the address in an element of Forwarded (RFC 7239, 4), which is not valid
// where it has none, an obfuscated one, or two.
func forwardedFor(element string) netip.Addr {
	var found netip.Addr
	seen := false
	for _, pair := range splitQuoted(element, ';') {
		name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok || !strings.EqualFold(name, "for") {
			continue
		}
		if seen {
			return netip.Addr{}
		}
		seen = true
		found = address(strings.Trim(value, `"`))
	}
	return found
}

// address reads "192.0.2.1", "192.0.2.1:80", "2001:db8::1" and "[2001:db8::1]:80".
func address(s string) netip.Addr {
	s = strings.TrimSpace(s)
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return a.WithZone("").Unmap()
}

// Share names whose share of the budgets a request uses, as [peer.Name] names a sender.
func (c Client) Share() string { return peer.Name(c.String()) }

// String is the address for logs.
func (c Client) String() string {
	if !c.Addr.IsValid() {
		return ""
	}
	return c.Addr.String()
}

type clientKey struct{}

// With returns ctx with who sent the request.
func With(ctx context.Context, c Client) context.Context {
	return context.WithValue(ctx, clientKey{}, c)
}

// Of returns who sent the request with this context; no address, if nobody has asked.
func Of(ctx context.Context) Client {
	c, _ := ctx.Value(clientKey{}).(Client)
	return c
}
