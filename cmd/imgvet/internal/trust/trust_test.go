package trust

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func proxies(t *testing.T) Proxies {
	p, err := Parse([]string{"10.0.0.0/8", "192.0.2.7", "fd00::/8", "::ffff:172.16.0.1"})
	require.NoError(t, err)
	return p
}

// TestClient: the right-most address that no trusted proxy has.
func TestClient(t *testing.T) {
	type h = map[string][]string
	for _, tt := range []struct {
		name, peer string
		headers    h
		want       string
		chain      string // X-Forwarded-For to the service
		forwarded  string
	}{
		{"nobody is trusted", "203.0.113.9:1", h{"X-Forwarded-For": {"1.1.1.1"}, "Forwarded": {"for=1.1.1.1"}}, "203.0.113.9", "203.0.113.9", ""},
		{"one proxy", "10.0.0.1:1", h{"X-Forwarded-For": {"203.0.113.5"}}, "203.0.113.5", "203.0.113.5, 10.0.0.1", ""},
		{"what the client wrote is dropped", "10.0.0.1:1", h{"X-Forwarded-For": {"1.1.1.1, 203.0.113.5"}}, "203.0.113.5", "203.0.113.5, 10.0.0.1", ""},
		{"even a trusted address", "10.0.0.1:1", h{"X-Forwarded-For": {"10.9.9.9, 203.0.113.5"}}, "203.0.113.5", "203.0.113.5, 10.0.0.1", ""},
		{"two proxies, two headers", "10.0.0.1:1", h{"X-Forwarded-For": {"1.1.1.1, 203.0.113.5", "10.0.0.2"}}, "203.0.113.5", "203.0.113.5, 10.0.0.2, 10.0.0.1", ""},
		{"all inside", "10.0.0.1:1", h{"X-Forwarded-For": {"10.0.0.3, 10.0.0.2"}}, "10.0.0.3", "10.0.0.3, 10.0.0.2, 10.0.0.1", ""},
		{"no header", "10.0.0.1:1", nil, "10.0.0.1", "10.0.0.1", ""},
		{"no address", "10.0.0.1:1", h{"X-Forwarded-For": {"203.0.113.5, unknown, 10.0.0.2"}}, "10.0.0.2", "10.0.0.2, 10.0.0.1", ""},
		{"with a port", "10.0.0.1:1", h{"X-Forwarded-For": {"203.0.113.5:4711"}}, "203.0.113.5", "203.0.113.5, 10.0.0.1", ""},
		{"IPv6", "[fd00::1]:1", h{"X-Forwarded-For": {"2001:db8::1"}}, "2001:db8::1", "2001:db8::1, fd00::1", ""},
		{"mapped", "[::ffff:10.0.0.1]:1", h{"X-Forwarded-For": {"::ffff:203.0.113.5"}}, "203.0.113.5", "203.0.113.5, 10.0.0.1", ""},
		{"mapped proxy", "172.16.0.1:1", h{"X-Forwarded-For": {"203.0.113.5"}}, "203.0.113.5", "203.0.113.5, 172.16.0.1", ""},
		{"Forwarded alone", "10.0.0.1:1", h{"Forwarded": {`for=1.1.1.1, for="[2001:db8::1]:80";proto=https`}}, "2001:db8::1", "2001:db8::1, 10.0.0.1",
			`for="[2001:db8::1]:80";proto=https, for=10.0.0.1;host="a.example";proto=http`},
		{"Forwarded and X-Forwarded-For", "10.0.0.1:1", h{"Forwarded": {"for=203.0.113.5"}, "X-Forwarded-For": {"203.0.113.5"}}, "203.0.113.5", "203.0.113.5, 10.0.0.1",
			`for=203.0.113.5, for=10.0.0.1;host="a.example";proto=http`},
		{"they differ", "10.0.0.1:1", h{"Forwarded": {"for=1.1.1.1"}, "X-Forwarded-For": {"203.0.113.5"}}, "203.0.113.5", "203.0.113.5, 10.0.0.1", ""},
		{"quoted comma", "10.0.0.1:1", h{"Forwarded": {`for=1.1.1.1;by="a, for=2.2.2.2"`}}, "1.1.1.1", "1.1.1.1, 10.0.0.1",
			`for=1.1.1.1;by="a, for=2.2.2.2", for=10.0.0.1;host="a.example";proto=http`},
		{"two for", "10.0.0.1:1", h{"Forwarded": {"for=1.1.1.1;for=2.2.2.2"}}, "10.0.0.1", "10.0.0.1", ""},
		{"hidden", "10.0.0.1:1", h{"Forwarded": {"for=_gazonk"}}, "10.0.0.1", "10.0.0.1", ""},
		{"broken X-Forwarded-For does not make room for Forwarded", "10.0.0.1:1", h{"X-Forwarded-For": {"-"}, "Forwarded": {"for=1.1.1.1"}}, "10.0.0.1", "10.0.0.1", ""},
		{"no address of the connection", "@", h{"X-Forwarded-For": {"1.1.1.1"}}, "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "http://a.example/", nil)
			r.RemoteAddr = tt.peer
			for name, values := range tt.headers {
				r.Header[name] = values
			}
			c := proxies(t).Client(r)
			require.Equal(t, tt.want, c.String())
			out := r.Header.Clone()
			c.Forward(out, r)
			require.Equal(t, tt.chain, out.Get("X-Forwarded-For"))
			require.Equal(t, tt.forwarded, out.Get("Forwarded"))
			require.Equal(t, c, Of(With(t.Context(), c)))
		})
	}
}

// TestForward: a trusted proxy's word on scheme and host stays, anybody else's is replaced.
func TestForward(t *testing.T) {
	headers := map[string]string{
		"X-Forwarded-Proto": "https", "X-Forwarded-Host": "shop.example", "X-Forwarded-Port": "443", "X-Real-Ip": "203.0.113.5",
		"X-Original-Url": "/upload", "X-Rewrite-Url": "/upload", "X_Forwarded_For": "1.1.1.1", "X-Forwarded-_x": "1", "Proxy": "evil", "X-Custom": "stays",
	}
	forward := func(peer string, secure bool) http.Header {
		r := httptest.NewRequest(http.MethodGet, "http://a.example/", nil)
		r.RemoteAddr = peer
		if secure {
			r.TLS = &tls.ConnectionState{}
		}
		for name, value := range headers {
			r.Header[name] = []string{value}
		}
		out := r.Header.Clone()
		proxies(t).Client(r).Forward(out, r)
		return out
	}
	require.Equal(t, http.Header{
		"X-Custom": {"stays"}, "X-Forwarded-For": {"10.1.1.1"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"shop.example"},
		"X-Forwarded-Port": {"443"}, "X-Real-Ip": {"203.0.113.5"},
	}, forward("10.1.1.1:5", false))
	require.Equal(t, http.Header{
		"X-Custom": {"stays"}, "X-Forwarded-For": {"203.0.113.1"}, "X-Forwarded-Proto": {"http"}, "X-Forwarded-Host": {"a.example"},
	}, forward("203.0.113.1:5", false))
	require.Equal(t, "https", forward("203.0.113.1:5", true).Get("X-Forwarded-Proto"))
}

func TestShare(t *testing.T) {
	for peer, want := range map[string]string{
		"203.0.113.9:1": "203.0.113.9", "[2001:db8:1:2:3::4]:1": "2001:db8:1:2::/64", "[::ffff:203.0.113.9]:1": "203.0.113.9", "@": "",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = peer
		require.Equal(t, want, Proxies(nil).Client(r).Share())
	}
}

func TestParse(t *testing.T) {
	_, err := Parse([]string{"10.0.0.0/33", "x", "10.0.0.1"})
	require.ErrorContains(t, err, "/33")
	require.ErrorContains(t, err, `"x"`)
	require.NotContains(t, err.Error(), "10.0.0.1")
}
