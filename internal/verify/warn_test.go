package verify_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
)

// TestNotesLeaveRoom: harmless warnings, however many, do not crowd out one that counts.
func TestNotesLeaveRoom(t *testing.T) {
	var info verify.Info
	for range 100 {
		info.Note(verify.MissingPadding, 1, "harmless")
	}
	n := len(info.Warnings)
	info.Warn(verify.TrailingData, 2, "counts")
	require.Len(t, info.Warnings, n+1)
	require.True(t, info.Harmless(0))
	require.True(t, info.Harmless(n-1))
	require.False(t, info.Harmless(n))
}
