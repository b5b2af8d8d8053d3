//go:build unix

package webp

import (
	"syscall"
	"time"
)

// cpuTime returns what the process has used of the processor: on a busy machine
// the clock on the wall says little.
func cpuTime() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
