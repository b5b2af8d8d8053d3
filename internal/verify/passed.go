package verify

import (
	"context"
	"unsafe"
)

// passed names a file that was verified: the place of its bytes and the limits.
type passed struct {
	at     *byte
	size   int
	limits Limits
}

type passedKey struct{}

// WithPassed returns a context that says that b has passed verification inside lim, and
// has not been changed since. A decoder that gets it together with b need not verify b
// again. Programs that import this module cannot make one: the key is internal.
func WithPassed(ctx context.Context, b []byte, lim Limits) context.Context {
	return context.WithValue(ctx, passedKey{}, passed{unsafe.SliceData(b), len(b), lim})
}

// HasPassed tells whether [WithPassed] says so of these very bytes and limits; not of a copy.
func HasPassed(ctx context.Context, b []byte, lim Limits) bool {
	p, ok := ctx.Value(passedKey{}).(passed)
	return ok && p == passed{unsafe.SliceData(b), len(b), lim}
}
