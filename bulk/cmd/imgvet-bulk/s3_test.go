package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/bulk/internal/plan"
	"github.com/imgvet/imgvet/internal/cli"
)

// TestS3: pictures and results below two prefixes of one bucket of an S3 server, through a broker
// in the process and without one.
func TestS3(t *testing.T) {
	s3, dir := fakeS3(t), t.TempDir()
	want := objects(t, dir, 300, 40, 13)
	photos := open(t, s3+"&prefix=photos/")
	for key := range want {
		b, err := os.ReadFile(filepath.Join(dir, key))
		require.NoError(t, err)
		require.NoError(t, photos.WriteAll(t.Context(), key, b, nil))
	}
	require.NoError(t, photos.WriteAll(t.Context(), "folder/", nil, nil))
	file := filepath.Join(dir, "all.jsonl")
	_, errs, code := imgvetBulk(t, "", "run", "--bucket", s3+"&prefix=photos/", "--results", s3+"&prefix=photos/results/", "--shard-keys", "20", "--state", t.TempDir(), "--out", file)
	require.Equal(t, cli.ExitRefused, code, errs)
	checkLines(t, file, want)

	results := s3 + "&prefix=other/"
	_, errs, code = imgvetBulk(t, "", "plan", "--bucket", s3+"&prefix=photos/", "--results", results, "--shard-keys", "20", "--keys", file)
	require.Zero(t, code, errs)
	_, errs, code = imgvetBulk(t, "", "plan", "--bucket", s3+"&prefix=photos/", "--results", s3+"&prefix=photos/0")
	require.Equal(t, cli.ExitUsage, code, "pictures whose keys begin with 0 would be left out")
	require.Contains(t, errs, `must end in "/"`)
	bucket := open(t, results)
	h, err := plan.Load(t.Context(), bucket)
	require.NoError(t, err)
	_, err = h.Fetch(t.Context(), bucket, 0, 0, 1<<40, 10)
	require.ErrorIs(t, err, plan.ErrNoShard, "a forged message is not tried for ever")
	for _, index := range []string{"0", "1"} {
		_, errs, code = imgvetBulk(t, "", "work", "--plan", results, "--index", index, "--of", "2")
		require.Zero(t, code, errs)
	}
	_, errs, code = imgvetBulk(t, "", "collect", "--results", results, "--out", file)
	require.Equal(t, cli.ExitRefused, code, errs)
	checkLines(t, file, want)
}
