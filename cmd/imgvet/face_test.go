package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/validate"
)

// TestCheckFace: a face comes with its place and advice, a picture without one gets
// code 4, and a broken one is refused before anybody looks for faces.
func TestCheckFace(t *testing.T) {
	const faces = "../../face/testdata/reference/"
	dir, _ := folder(t)
	out, errs, code := imgvet("", "check", "--face", "--json",
		faces+"mona-lisa.png", faces+"astronaut-whole.png", dir+"/a.png", dir+"/b-cut.png")
	require.Equal(t, cli.ExitRefused, code, errs)
	var lines []validate.Verdict
	for text := range strings.Lines(out) {
		var l validate.Verdict
		require.NoError(t, json.Unmarshal([]byte(text), &l))
		lines = append(lines, l)
	}
	require.Len(t, lines, 4)
	require.True(t, lines[0].OK)
	require.Len(t, lines[0].Faces, 1)
	box := lines[0].Faces[0]
	middle := box.Bounds.Min.Add(box.Bounds.Max).Div(2)
	require.InDelta(t, 95, middle.X, 12, "the middle of the face")
	require.InDelta(t, 80, middle.Y, 12)
	require.Greater(t, box.Score, 0.8)
	require.Len(t, box.Landmarks, 6)

	require.True(t, lines[1].OK)
	require.Equal(t, "face_too_small", string(lines[1].Warnings[0].Reason))
	require.Equal(t, &validate.VerdictError{Code: 4, Message: "face not found"}, lines[2].Error)
	require.NotEmpty(t, lines[2].Advice)
	require.Equal(t, &validate.VerdictError{Code: 5, Message: "file corrupted"}, lines[3].Error)
	require.Empty(t, lines[3].Failure)

	out, _, code = imgvet("", "check", "--face", "--strict", faces+"astronaut-whole.png")
	require.Equal(t, cli.ExitOK, code, "advice refuses nothing, under --strict neither")
	require.Regexp(t, `\(face \d+,\d+ \d+x\d+ \d+%\) \(warning: face_too_small: `, out)
	out, _, _ = imgvet("", "check", "--face", dir+"/a.png")
	require.Contains(t, out, "face not found (png, no_face). Send a sharp")
}
