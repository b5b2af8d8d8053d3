package trust

import (
	"net/http"
	"strings"
)

// forwarding are the headers that tell a service of the client and of what it asked for. Only a
// trusted proxy's pass. X-Original-Url and X-Rewrite-Url never do: frameworks that believe them
// serve another path than the one that was looked at.
func forwarding(name string) bool {
	return name == "Forwarded" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-")
}

// Forward writes the headers that tell a service who the client is into out, those of a request
// that is made of in.
func (c Client) Forward(out http.Header, in *http.Request) {
	for name := range out {
		// As in nginx no name has an underscore, since CGI and WSGI cannot tell
		// X_Forwarded_For from X-Forwarded-For (RFC 3875, 4.1.18).
		if strings.Contains(name, "_") || forwarding(name) {
			delete(out, name)
		}
	}
	out.Del("X-Original-Url")
	out.Del("X-Rewrite-Url")
	out.Del("Proxy") // HTTP_PROXY to a CGI program
	scheme := "http"
	if in.TLS != nil {
		scheme = "https"
	}
	out.Set("X-Forwarded-Host", in.Host)
	out.Set("X-Forwarded-Proto", scheme)
	if c.Trusted {
		for name, values := range in.Header {
			if forwarding(name) && !strings.Contains(name, "_") && name != "X-Forwarded-For" && name != "Forwarded" {
				out[name] = values
			}
		}
		if len(c.forwarded) > 0 {
			element := "for=" + node(c.peer.String()) + ";host=" + quoted(in.Host) + ";proto=" + scheme
			out.Set("Forwarded", strings.Join(append(c.forwarded[:len(c.forwarded):len(c.forwarded)], element), ", "))
		}
	}
	if c.peer.IsValid() {
		out.Set("X-Forwarded-For", strings.Join(append(c.forwardedFor[:len(c.forwardedFor):len(c.forwardedFor)], c.peer.String()), ", "))
	}
}

// node is an address as Forwarded has it: IPv6 in brackets and quotes.
func node(addr string) string {
	if strings.Contains(addr, ":") {
		return `"[` + addr + `]"`
	}
	return addr
}

// quoted is a quoted string (RFC 9110, 5.6.4).
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
