//go:build !amd64 || purego

package inflate

// hasFastLoop tells whether this processor can run fastLoop.
const hasFastLoop = false

func (d *Decoder) fastLoop(stop int) { d.loop(stop) }
