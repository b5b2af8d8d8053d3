package icc_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/icc"
)

func profile(n int) []byte {
	p := make([]byte, n)
	binary.BigEndian.PutUint32(p, uint32(n))
	copy(p[36:], "acsp")
	return p
}

func TestProblem(t *testing.T) {
	require.Empty(t, icc.Problem(profile(132)))
	require.Empty(t, icc.Problem(append(profile(400), 0, 0)), "padded")
	require.NotEmpty(t, icc.Problem(nil))
	require.NotEmpty(t, icc.Problem(profile(400)[:399]), "cut by a byte")
	require.NotEmpty(t, icc.Problem(profile(131)))
	p := profile(400)
	p[36] = 'A'
	require.NotEmpty(t, icc.Problem(p), "no signature")
}
