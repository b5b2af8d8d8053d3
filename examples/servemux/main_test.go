package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/examples/internal/try"
)

func TestUpload(t *testing.T) {
	handler, err := newHandler()
	require.NoError(t, err)
	try.Handler(t, handler)
}
