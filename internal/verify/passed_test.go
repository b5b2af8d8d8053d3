package verify

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// What was said of some bytes holds for no others, and for no other limits.
func TestPassed(t *testing.T) {
	b := []byte("picture")
	lim := Limits{MaxPixels: 10}
	require.False(t, HasPassed(context.Background(), b, lim))
	ctx := WithPassed(context.Background(), b, lim)
	require.True(t, HasPassed(ctx, b, lim))
	require.False(t, HasPassed(ctx, bytes.Clone(b), lim))
	require.False(t, HasPassed(ctx, b[:6], lim))
	require.False(t, HasPassed(ctx, b[1:], lim))
	require.False(t, HasPassed(ctx, b, Limits{MaxPixels: 9}))
	require.False(t, HasPassed(ctx, nil, lim))
}
