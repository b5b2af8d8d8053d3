package flags

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Bytes is a number of bytes as a flag.
type Bytes int64

// units are what a number of bytes may end with, longest first.
var units = []struct {
	name string
	size int64
}{{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"kb", 1000}, {"mb", 1000_000}, {"gb", 1000_000_000}}

// Set reads "1048576", "10MiB" (of 1024) or "10MB" (of 1000).
func (b *Bytes) Set(s string) error {
	number, size := strings.ToLower(strings.TrimSpace(s)), int64(1)
	for _, u := range units {
		if n, ok := strings.CutSuffix(number, u.name); ok {
			number, size = strings.TrimSpace(n), u.size
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/size {
		return fmt.Errorf("%q is no size such as 1048576, 10MiB or 10MB", s)
	}
	*b = Bytes(n * size)
	return nil
}

func (b *Bytes) String() string {
	for _, u := range []struct {
		name string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n := int64(*b); n >= u.size && n%u.size == 0 {
			return strconv.FormatInt(n/u.size, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(*b), 10)
}

// Type names the value in the help.
func (b *Bytes) Type() string { return "size" }
