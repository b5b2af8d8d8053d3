//go:build (cgo || nodynamic) && !imgvet_nosandbox && !js && !wasip1

package heic_test

import (
	"testing"

	wasmheic "github.com/gen2brain/heic"
	"github.com/stretchr/testify/require"

	_ "github.com/imgvet/imgvet/heic"
)

// TestImageDecodeStaysInTheSandbox: a program that imports imgvet, and gives
// image.Decode a stranger's HEIC, does not run the system's libheif on it.
func TestImageDecodeStaysInTheSandbox(t *testing.T) {
	require.True(t, wasmheic.ForceWasmMode)
}
