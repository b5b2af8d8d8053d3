package validate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
)

// TestReasonsAgree checks that the verifiers' reasons equal the public ones.
func TestReasonsAgree(t *testing.T) {
	for public, internal := range map[Reason]verify.Reason{
		Malformed:       verify.Malformed,
		Truncated:       verify.Truncated,
		Unsupported:     verify.Unsupported,
		TooManyPixels:   verify.TooManyPixels,
		TooMuchWork:     verify.TooMuchWork,
		TrailingData:    verify.TrailingData,
		FillBytes:       verify.FillBytes,
		MissingPadding:  verify.MissingPadding,
		BadChecksum:     verify.BadChecksum,
		BadMetadata:     verify.BadMetadata,
		BadAuxiliary:    verify.BadAuxiliary,
		SizeDisagrees:   verify.SizeDisagrees,
		ReservedValue:   verify.ReservedValue,
		PaletteIndex:    verify.PaletteIndex,
		MisplacedChunk:  verify.MisplacedChunk,
		UnknownMetadata: verify.UnknownMetadata,
		DefaultTables:   verify.DefaultTables,
		IncompleteScans: verify.IncompleteScans,
		MissingEnd:      verify.MissingEnd,
	} {
		require.Equal(t, string(internal), string(public))
	}
}
