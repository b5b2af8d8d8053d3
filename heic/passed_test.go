package heic_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/verify"
)

func passed(ctx context.Context, b []byte) context.Context {
	return verify.WithPassed(ctx, b, verify.Limits{MaxPixels: heic.DefaultMaxPixels})
}

// Of a file that has passed, the same pixels come out as of one that is verified first.
func TestDecodeOfVerified(t *testing.T) {
	for _, g := range goodFiles(t) {
		for _, scale := range []int{1, 4} {
			want, err := heic.DecodeReduced(t.Context(), g.b, heic.Limits{}, scale)
			require.NoError(t, err, g.name)
			got, err := heic.DecodeReduced(passed(t.Context(), g.b), g.b, heic.Limits{}, scale)
			require.NoError(t, err, g.name)
			require.Equal(t, want, got, g.name)
		}
	}
}

// What is said of one file opens no door to another, or to the same bytes with a lower
// limit; and a file that is changed after it has passed makes an error that is no verdict.
func TestDecodeVerifiesAllOthers(t *testing.T) {
	good := single().bytes()
	cut := bytes.Clone(good)
	at := bytes.Index(cut, []byte("mdat")) + 4
	clear(cut[at+(len(cut)-at)/2:])
	var refusal *heic.Error
	_, err := heic.Decode(passed(t.Context(), good), cut, heic.Limits{})
	require.ErrorAs(t, err, &refusal)
	_, err = heic.Decode(passed(t.Context(), good), good, heic.Limits{MaxPixels: 5})
	require.ErrorAs(t, err, &refusal)
	_, err = heic.Decode(passed(t.Context(), cut), cut, heic.Limits{})
	require.Error(t, err)
	require.NotErrorAs(t, err, &refusal)
}

// No damage that is done after a file has passed makes a decoder panic.
func TestDecodeOfChanged(t *testing.T) {
	for name, b := range mutants(t, mutantCount(t, 1000)) {
		require.NotPanics(t, func() {
			_, _ = heic.DecodeReduced(passed(t.Context(), b), b, heic.Limits{MaxPixels: heic.DefaultMaxPixels}, 8)
		}, name)
	}
}

// BenchmarkDecodeOfVerified is BenchmarkDecode of a file that has passed.
func BenchmarkDecodeOfVerified(b *testing.B) {
	file := gridOfLargeTiles(b, 512)
	ctx := passed(b.Context(), file)
	for b.Loop() {
		_, err := heic.DecodeReduced(ctx, file, heic.Limits{}, 4)
		require.NoError(b, err)
	}
}
