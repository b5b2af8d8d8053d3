package peer_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/peer"
)

func TestName(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7":             "192.0.2.7",
		"::ffff:192.0.2.7":      "192.0.2.7",
		"::ffff:192.0.2.7%eth0": "192.0.2.7",
		"2001:db8:1:2:3::4":     "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::4":  "2001:db8:1:2::/64",
		"fe80::1%eth0":          "fe80::/64",
		"":                      "",
		"@":                     "@",
		"192.0.2.7:80":          "192.0.2.7:80",
	} {
		require.Equal(t, want, peer.Name(address), address)
	}
}
