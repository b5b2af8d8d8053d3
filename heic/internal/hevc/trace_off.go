//go:build !hevctrace

package hevc

const tracing = false

func (d *decoder) trace() {}
