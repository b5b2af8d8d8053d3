//go:build !unix

package png

import "time"

var started = time.Now()

func cpuTime() time.Duration { return time.Since(started) }
