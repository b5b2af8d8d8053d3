package verify

import (
	"context"
	"unsafe"
)

// passed identifies a verified file by the address of its bytes and by the limits.
type passed struct {
	at     *byte
	size   int
	limits Limits
}

type passedKey struct{}

// WithPassed returns a context that says that b has passed verification within lim, and has not
// changed since. A decoder that gets this context together with b need not verify b again.
// Programs that import this module cannot make such a context: the key is internal.
func WithPassed(ctx context.Context, b []byte, lim Limits) context.Context {
	return context.WithValue(ctx, passedKey{}, passed{unsafe.SliceData(b), len(b), lim})
}

// HasPassed reports whether ctx comes from [WithPassed] with these very bytes, not a copy, and
// these limits.
func HasPassed(ctx context.Context, b []byte, lim Limits) bool {
	p, ok := ctx.Value(passedKey{}).(passed)
	return ok && p == passed{unsafe.SliceData(b), len(b), lim}
}
