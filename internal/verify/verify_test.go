package verify_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/verify"
)

func TestCheckSize(t *testing.T) {
	lim := verify.Limits{MaxPixels: 100}
	require.NoError(t, verify.CheckSize(10, 10, lim, 0))
	require.NoError(t, verify.CheckSize(1, 100, lim, 0))
	for name, size := range map[string][2]int64{
		"one row more": {10, 11},
		"one too wide": {101, 1},
		"wraps":        {math.MaxUint32, math.MaxUint32},
		"wraps more":   {math.MaxInt64, math.MaxInt64},
	} {
		var fault *verify.Fault
		require.ErrorAs(t, verify.CheckSize(size[0], size[1], lim, 7), &fault, name)
		require.Equal(t, verify.TooManyPixels, fault.Reason, name)
		require.EqualValues(t, 100, fault.Limit, name)
		require.Greater(t, fault.Got, fault.Limit, name)
		require.EqualValues(t, 7, fault.Offset, name)
	}
	for _, size := range [][2]int64{{0, 1}, {1, 0}, {-1, 5}, {5, -1}, {0, 0}} {
		var fault *verify.Fault
		require.ErrorAs(t, verify.CheckSize(size[0], size[1], lim, 0), &fault)
		require.Equal(t, verify.Malformed, fault.Reason)
	}
}

func TestWarningsAreBounded(t *testing.T) {
	var info verify.Info
	for i := range 1_000_000 {
		info.Warn(verify.FillBytes, int64(i), "fill")
	}
	require.Less(t, len(info.Warnings), 100)
}

func TestFaultKeepsItsCause(t *testing.T) {
	cause := errors.New("cause")
	f := &verify.Fault{Reason: verify.Malformed, Offset: 3, Text: "text", Cause: cause}
	require.ErrorIs(t, f, cause)
	require.Equal(t, "text at byte 3: cause", f.Error())
}
