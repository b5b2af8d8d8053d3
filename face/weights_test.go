package face

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWeights pins the nets to the ones that the package ships, and the heads to the last fit, as README.md
// describes them.
func TestWeights(t *testing.T) {
	readme, err := os.ReadFile("weights/README.md")
	require.NoError(t, err)
	for want, net := range map[string]string{
		"3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633": shortRange,
		"99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3": fullRange,
		"4a0873a4e3febf72a573c8792bbe8504fcea1058fe01ee22fcd7515f36b6a42d": faceSigns,
	} {
		sum := sha256.Sum256([]byte(net))
		require.Equal(t, want, hex.EncodeToString(sum[:]))
		require.Contains(t, string(readme), want)
	}
}
