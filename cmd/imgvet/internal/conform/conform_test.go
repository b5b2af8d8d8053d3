package conform

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNeedLoopback: what it takes. What it refuses is in TestConformUsage of the command.
func TestNeedLoopback(t *testing.T) {
	for _, url := range []string{"http://localhost:1", "http://LOCALHOST", "https://127.0.0.1", "http://127.9.9.9", "http://[::1]:1"} {
		require.NoError(t, needLoopback(url))
	}
}
