//go:build !unix

package cputime

import "time"

var started = time.Now()

// Used returns the time on the wall, where the processor's is not to be had.
func Used() time.Duration { return time.Since(started) }
