package flags

import (
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

func parse(t *testing.T, args ...string) (Verdict, error) {
	var v Verdict
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	v.Add(f, false)
	return v, f.Parse(args)
}

func TestVerdict(t *testing.T) {
	v, err := parse(t)
	require.NoError(t, err)
	require.NoError(t, v.Finish())
	require.Equal(t, validate.Options{MaxBytes: validate.MaxBytes, MaxPixels: validate.DefaultMaxPixels}, v.Options)

	v, err = parse(t, "--formats", "png, JPG", "--max-bytes", "5MiB", "--max-pixels", "9", "--max-work", "8", "--lenient", "--min-aspect", "3:4", "--face")
	require.NoError(t, err)
	require.NoError(t, v.Finish())
	require.NotNil(t, v.Options.Faces)
	v.Options.Faces = nil
	require.Equal(t, validate.Options{
		MaxBytes: 5 << 20, MaxPixels: 9, MaxWork: 8, Formats: []detect.Format{detect.PNG, detect.JPEG},
		Tolerance: validate.Lenient, Rules: validate.Rules{MinAspect: 0.75},
	}, v.Options)
	for _, bad := range []string{"gif", "", "png,"} {
		_, err = parse(t, "--formats", bad)
		require.Error(t, err, bad)
	}
}

func TestBytes(t *testing.T) {
	for s, want := range map[string]Bytes{"0": 0, "17": 17, "10MiB": 10 << 20, "10 mib": 10 << 20, "10MB": 10_000_000, "1KiB": 1024, "2GiB": 2 << 30} {
		var b Bytes
		require.NoError(t, b.Set(s), s)
		require.Equal(t, want, b, s)
		var again Bytes
		require.NoError(t, again.Set(b.String()))
		require.Equal(t, b, again)
	}
	for _, s := range []string{"", "x", "-1", "1.5MiB", "9999999999GiB", "MiB", "1 M"} {
		require.Error(t, new(Bytes).Set(s), s)
	}
	mib := Bytes(10 << 20)
	require.Equal(t, "10MiB", mib.String())
}
