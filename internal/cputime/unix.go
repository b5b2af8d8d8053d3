//go:build unix

package cputime

import (
	"syscall"
	"time"
)

// Used returns the processor time, user and system, since the process began; 0 if the system
// does not report it.
func Used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
