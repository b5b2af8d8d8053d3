package validate_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// TestSizeIsTheSame: a file's Result, its Size too, does not depend on how the file comes.
func TestSizeIsTheSame(t *testing.T) {
	ctx := context.Background()
	photo := good(t, "png")
	opts := validate.Options{MaxBytes: 20_000}
	for name, c := range map[string]struct {
		b    []byte
		opts validate.Options
		want int
	}{
		"good":             {photo, opts, len(photo)},
		"cut":              {photo[:len(photo)-30], opts, len(photo) - 30},
		"no picture":       {bytes.Repeat([]byte("text "), 3000), opts, detect.HeadSize},
		"short text":       {[]byte("text"), opts, 4},
		"a byte over head": {bytes.Repeat([]byte{'x'}, detect.HeadSize+1), opts, detect.HeadSize},
		"format not taken": {padded(photo, 9000), validate.Options{MaxBytes: 20_000, Formats: []detect.Format{detect.BMP}}, detect.HeadSize},
		"too large":        {padded(photo, 30_000), opts, 20_000},
		"at the limit":     {padded(photo, 20_000), opts, 20_000},
		"large text":       {bytes.Repeat([]byte{'x'}, 30_000), validate.Options{MaxBytes: 20_000}, -1},
		"empty":            {nil, opts, 0},
	} {
		want, err := validate.Bytes(ctx, c.b, c.opts)
		file := filepath.Join(t.TempDir(), "f")
		require.NoError(t, os.WriteFile(file, c.b, 0o600))
		var refusal *validate.Error
		if errors.As(err, &refusal) && c.want >= 0 {
			require.EqualValues(t, c.want, want.Size, name)
		}
		fromFile, fileErr := validate.File(ctx, file, c.opts)
		require.Equal(t, want, fromFile, name)
		requireSameCode(t, err, fileErr, name)
		if c.want < 0 {
			continue // a stream is refused by its first bytes, before it is known to be too large
		}
		require.EqualValues(t, c.want, want.Size, name)
		for how, r := range map[string]io.Reader{
			"reader": bytes.NewReader(c.b), "stream": io.MultiReader(bytes.NewReader(c.b)),
			"byte by byte": iotest.OneByteReader(bytes.NewReader(c.b)), "with EOF": iotest.DataErrReader(bytes.NewReader(c.b)),
		} {
			got, gotErr := validate.Validate(ctx, r, c.opts)
			if errors.Is(gotErr, validate.ErrTooLarge) {
				got.Format = want.Format // a stream has shown its head by then
			}
			require.Equal(t, want, got, "%s, %s", name, how)
			requireSameCode(t, err, gotErr, name+", "+how)
		}
	}
}

func requireSameCode(t *testing.T, want, got error, name string) {
	t.Helper()
	if want == nil {
		require.NoError(t, got, name)
		return
	}
	var a, b *validate.Error
	require.ErrorAs(t, want, &a, name)
	require.ErrorAs(t, got, &b, name)
	require.Equal(t, []any{a.Code, a.Reason, a.Offset}, []any{b.Code, b.Reason, b.Offset}, name)
}
