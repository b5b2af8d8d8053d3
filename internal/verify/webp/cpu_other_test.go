//go:build !unix

package webp

import "time"

var start = time.Now()

func cpuTime() time.Duration { return time.Since(start) }
