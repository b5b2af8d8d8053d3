//go:build !unix

package cputime

import "time"

var started = time.Now()

// Used returns wall-clock time, since this system does not report processor time.
func Used() time.Duration { return time.Since(started) }
