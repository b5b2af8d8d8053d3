// Package peer names the sender of a request by its address, so that what one sender holds can be
// counted.
package peer

import "net/netip"

// Name returns the name of a sender: of an IPv4 address itself, of an IPv6 address its /64, since
// one customer gets a whole /64. What is no address is its own name.
func Name(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.WithZone("").Unmap()
	if ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip, 64).Masked().String()
}
