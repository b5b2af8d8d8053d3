//go:build unix

package png

import (
	"syscall"
	"time"
)

// cpuTime is what the process has used: the wall clock also counts the
// neighbours on a busy machine.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
