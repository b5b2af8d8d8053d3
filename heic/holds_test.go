package heic_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/verify"
)

// holdsWhile returns how many bytes the verification of b says that it keeps, at most, while it
// waits.
func holdsWhile(b []byte) (most int64) {
	at := 0
	in := verify.Arriving(context.Background(), nil, -1, func(_ context.Context, _ int, holds int64) ([]byte, bool, error) {
		most = max(most, holds)
		at = min(at+10_000, len(b))
		return b[:at:at], at == len(b), nil
	})
	_, _, _ = verify.Judge(in, verify.Limits{MaxPixels: heic.DefaultMaxPixels}, verifyInput(2))
	return most - verify.Holds
}

// Whoever waits for a file counts the copies of tiles that lie in pieces, and large tables.
func TestHolds(t *testing.T) {
	const size = 300_000
	f := gridOf(2, 2, 128, 128)
	for i := range 4 {
		f.items[i].data = append(f.items[i].data, make([]byte, size)...)
		f.items[i].extents = 2
	}
	require.Greater(t, holdsWhile(f.bytes()), int64(3*size))

	const tiles, config = 100, 1900
	f = gridOf(10, 10, 640, 640)
	for i := range tiles { // each has a configuration of its own
		f.props = append(f.props, hvcC())
		f.items[i].props = []byte{0x80 | byte(len(f.props)), 2}
	}
	require.Greater(t, holdsWhile(f.bytes()), int64(50*config))
	require.Less(t, holdsWhile(single().bytes()), int64(10_000))
}
