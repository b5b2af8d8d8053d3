package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/validate"
)

func TestFinder(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/esimov/pigo").Output()
	require.NoError(t, err)
	finder, err := newFinder(filepath.Join(strings.TrimSpace(string(dir)), "cascade", "facefinder"))
	require.NoError(t, err)
	opts := validate.Options{Faces: finder}

	res, err := validate.File(context.Background(), "../../face/testdata/reference/astronaut-half.png", opts)
	require.NoError(t, err)
	require.Len(t, res.Faces, 1)

	_, err = validate.File(context.Background(), "../../testdata/good/png/pngsuite-basn2c08.png", opts)
	require.ErrorIs(t, err, validate.ErrFaceNotFound)
}
