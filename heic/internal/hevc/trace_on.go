//go:build hevctrace

package hevc

import "fmt"

// With the build tag hevctrace, the state of the arithmetic decoder behind each
// coding tree unit is printed, to be compared with another decoder's.
const tracing = true

// trace prints the CTB's address, ivlCurrRange and ivlOffset, and how many bits
// of the NAL unit's slice data the standard's engine has read.
func (d *decoder) trace() {
	e := &d.engine
	fmt.Printf("ctu %d %d range %d offset %d\n", d.at.x, d.at.y, e.rng, e.value>>rangeShift)
}
