package cursor_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/cursor"
	"github.com/imgvet/imgvet/internal/verify"
)

func TestReads(t *testing.T) {
	c := cursor.New([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21}, 100)
	require.EqualValues(t, 0x01, c.Uint8("a"))
	require.EqualValues(t, 0x0203, c.Uint16BE("b"))
	require.EqualValues(t, 0x04050607, c.Uint32BE("c"))
	require.Equal(t, uint64(0x08090a0b0c0d0e0f), c.Uint64BE("d"))
	require.EqualValues(t, 0x1110, c.Uint16LE("e"))
	require.EqualValues(t, 0x15141312, c.Uint32LE("f"))
	require.NoError(t, c.Err())
	require.Equal(t, 121, c.Offset())
	require.Zero(t, c.Len())
}

func TestErrorIsSticky(t *testing.T) {
	c := cursor.New([]byte{1, 2, 3}, 10)
	c.Skip(2, "head")
	require.Zero(t, c.Uint32BE("size"))
	var fault *verify.Fault
	require.ErrorAs(t, c.Err(), &fault)
	require.Equal(t, verify.Truncated, fault.Reason)
	require.EqualValues(t, 13, fault.Offset, "the end of the bytes")

	require.Zero(t, c.Uint8("the byte that is left"), "nothing is read after an error")
	require.Zero(t, c.Len())
	require.Nil(t, c.Bytes(1, "x"))
	require.Same(t, fault, c.Err())
	c.Fail(errors.New("later"))
	require.Same(t, fault, c.Err(), "the first error stays")
}

func TestNegativeAndHugeCounts(t *testing.T) {
	for _, n := range []int{-1, 4, 1 << 30} {
		c := cursor.New([]byte{1, 2, 3}, 0)
		require.Nil(t, c.Bytes(n, "n"))
		require.Error(t, c.Err())
	}
}

func TestSub(t *testing.T) {
	c := cursor.New([]byte{1, 2, 3, 4}, 50)
	c.Skip(1, "a")
	s := c.Sub(2, "sub")
	require.Equal(t, 51, s.Offset())
	require.Equal(t, []byte{2, 3}, s.Rest())
	require.EqualValues(t, 4, c.Uint8("after"))
	s.Uint8("past the sub")
	require.Error(t, s.Err())
	require.NoError(t, c.Err(), "a short sub does not spoil its parent")

	bad := c.Sub(1, "past the end")
	require.Error(t, bad.Err())
	require.Error(t, c.Err())
}
