package heic_test

import (
	"bytes"
	"errors"
	"image"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
)

const minSeeds = 60

// addSeeds gives a fuzz target good files, cut ones and hostile ones.
func addSeeds(f *testing.F) {
	f.Helper()
	n := 0
	add := func(b []byte) {
		f.Add(b)
		n++
	}
	for _, g := range goodFiles(f) {
		if len(g.b) > 1<<16 {
			continue
		}
		add(g.b)
		add(g.b[:len(g.b)/2])
		zeroed := bytes.Clone(g.b)
		clear(zeroed[len(zeroed)*2/3:])
		add(zeroed)
	}
	for _, g := range hostileFiles() {
		if len(g.b) < 1<<14 {
			add(g.b)
		}
	}
	if n < minSeeds {
		f.Fatalf("%d seeds, want at least %d", n, minSeeds)
	}
}

func FuzzVerify(f *testing.F) {
	addSeeds(f)
	const limit = 1 << 20
	f.Fuzz(func(t *testing.T, b []byte) {
		info, err := heic.Verify(b, heic.Limits{MaxPixels: limit})
		checkInfo(t, b, info, err)
		if err != nil {
			return
		}
		require.LessOrEqual(t, int64(info.Width)*int64(info.Height), int64(limit))
		looked, err := heic.Inspect(b)
		require.NoError(t, err, "Inspect refuses what Verify accepts")
		require.Equal(t, info.Items, looked.Items)
		_, err = heic.Verify(b, heic.Limits{})
		require.NoError(t, err, "a higher limit refuses what a lower one accepts")
	})
}

func FuzzInspect(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		info, err := heic.Inspect(b)
		checkInfo(t, b, info, err)
	})
}

func checkInfo(t *testing.T, b []byte, info heic.Info, err error) {
	t.Helper()
	if err != nil {
		var f *heic.Error
		require.True(t, errors.As(err, &f), "%v", err)
		require.LessOrEqual(t, f.Offset, int64(len(b)))
		require.GreaterOrEqual(t, f.Offset, int64(-1))
		require.NotEmpty(t, f.Reason)
		return
	}
	require.Positive(t, info.Width)
	require.Positive(t, info.Height)
	require.Contains(t, []int{1, 2, 3, 4, 5, 6, 7, 8}, info.Orientation)
	require.False(t, info.Clap.Empty())
	require.True(t, info.Clap.In(image.Rect(0, 0, info.Width, info.Height)))
	require.LessOrEqual(t, len(info.Warnings), 16)
}
