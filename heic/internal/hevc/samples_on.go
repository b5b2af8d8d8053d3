//go:build !imgvet_verdictonly

package hevc

// sampling tells whether samples are made.
func (d *decoder) sampling() bool { return d.rec != nil }
