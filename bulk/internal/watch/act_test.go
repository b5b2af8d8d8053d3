package watch

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"

	"github.com/imgvet/imgvet/bulk/internal/line"
	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/validate"
)

// uploads returns the bucket uploads of an S3 server.
func uploads(t *testing.T) *blob.Bucket {
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("uploads"))
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	b, err := store.Open(t.Context(), "s3://uploads?region=us-east-1&use_path_style=true&endpoint="+server.URL, false)
	require.NoError(t, err)
	t.Cleanup(func() { b.Close() })
	return b
}

func refused(key, etag, version string) line.Line {
	err := &validate.Error{Code: validate.CodeCorrupted, Reason: validate.Truncated, Offset: -1}
	return line.Line{Verdict: validate.VerdictOf(key, nil, err), Key: key, ETag: etag, Version: version}
}

func tags(t *testing.T, b *blob.Bucket, key string) map[string]string {
	var client *s3.Client
	require.True(t, b.As(&client))
	out, err := client.GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{Bucket: aws.String("uploads"), Key: &key})
	require.NoError(t, err)
	all := map[string]string{}
	for _, tag := range out.TagSet {
		all[*tag.Key] = *tag.Value
	}
	return all
}

// TestActLeavesOthersAlone: what was written again after the verdict is not what was refused.
func TestActLeavesOthersAlone(t *testing.T) {
	b := uploads(t)
	put := func(key, content string) (etag string) {
		require.NoError(t, b.WriteAll(t.Context(), key, []byte(content), nil))
		attrs, err := b.Attributes(t.Context(), key)
		require.NoError(t, err)
		return attrs.ETag
	}
	for _, action := range []Action{Tag, Move} {
		w := &Watcher{Bucket: b, Name: "uploads", Refused: action, Quarantine: "quarantine/", Log: slog.New(slog.DiscardHandler)}
		key := string(action) + ".png"
		old := put(key, "old")
		put(key, "new")
		require.NoError(t, w.act(t.Context(), refused(key, old, "")))
		require.Empty(t, tags(t, b, key), "the new object has the tags of the old one")
		got, err := b.ReadAll(t.Context(), key)
		require.NoError(t, err)
		require.Equal(t, "new", string(got))

		require.NoError(t, w.act(t.Context(), refused("gone.png", old, "")))
		old = put(key, "old")
		require.NoError(t, w.act(t.Context(), refused(key, old, "")))
		if action == Tag {
			require.Equal(t, map[string]string{"imgvet": "refused", "imgvet-code": "5", "imgvet-reason": "truncated"}, tags(t, b, key))
			continue
		}
		got, err = b.ReadAll(t.Context(), "quarantine/"+key)
		require.NoError(t, err)
		require.Equal(t, "old", string(got))
		there, err := b.Exists(t.Context(), key)
		require.NoError(t, err)
		require.False(t, there)
	}
}
