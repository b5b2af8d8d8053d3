package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/validate"
)

// fakeS3 is gofakes3 with what it lacks of S3: tags, and If-Match on GET and DELETE.
type fakeS3 struct {
	*s3.Client
	inner http.Handler
	tags  map[string]map[string]string // by path, and version if there is one
	fail  int                          // the status of each GET, if not 0
	sent  atomic.Int64                 // bytes of objects
}

type tagging struct {
	XMLName xml.Name                      `xml:"Tagging"`
	Tags    []struct{ Key, Value string } `xml:"TagSet>Tag"`
}

func newS3(t *testing.T) *fakeS3 {
	mem := s3mem.New()
	require.NoError(t, mem.CreateBucket("photos"))
	f := &fakeS3{inner: gofakes3.New(mem).Server(), tags: map[string]map[string]string{}}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	f.Client = s3.New(s3.Options{
		BaseEndpoint: aws.String(srv.URL), UsePathStyle: true, Region: "us-east-1", RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	return f
}

func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := httptest.NewRecorder()
	f.inner.ServeHTTP(head, httptest.NewRequest(http.MethodHead, r.URL.EscapedPath(), nil))
	match := r.Header.Get("If-Match")
	switch {
	case r.Method == http.MethodGet && f.fail != 0:
		w.WriteHeader(f.fail)
	case head.Code == http.StatusOK && match != "" && match != head.Header().Get("ETag"):
		w.WriteHeader(http.StatusPreconditionFailed)
		fmt.Fprint(w, "<Error><Code>PreconditionFailed</Code></Error>")
	case head.Code == http.StatusOK && r.URL.Query().Has("tagging"):
		f.tagging(w, r)
	default:
		r.Header.Del("If-Match")
		f.inner.ServeHTTP(countingWriter{w, f}, r)
	}
}

func (f *fakeS3) tagging(w http.ResponseWriter, r *http.Request) {
	var doc tagging
	at := r.URL.Path + r.URL.Query().Get("versionId")
	if r.Method == http.MethodPut {
		if err := xml.NewDecoder(r.Body).Decode(&doc); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		f.tags[at] = map[string]string{}
		for _, tag := range doc.Tags {
			f.tags[at][tag.Key] = tag.Value
		}
		return
	}
	for key, value := range f.tags[at] {
		doc.Tags = append(doc.Tags, struct{ Key, Value string }{key, value})
	}
	_ = xml.NewEncoder(w).Encode(doc)
}

type countingWriter struct {
	http.ResponseWriter
	s3 *fakeS3
}

func (w countingWriter) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.s3.sent.Add(int64(n))
	return n, err
}

// put writes an object, and returns the event of it as S3 sends it to Lambda.
func (f *fakeS3) put(t *testing.T, key string, content []byte) []byte {
	out, err := f.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("photos"), Key: &key, Body: bytes.NewReader(content)})
	require.NoError(t, err)
	spelled := strings.ReplaceAll(url.QueryEscape(key), "%2F", "/") // S3 writes a space as a plus
	event, err := json.Marshal(map[string]any{"Records": []any{map[string]any{
		"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventTime": "2026-11-30T12:00:00.000Z",
		"eventName": "ObjectCreated:Put",
		"s3": map[string]any{"s3SchemaVersion": "1.0", "bucket": map[string]any{"name": "photos"},
			"object": map[string]any{"key": spelled, "size": len(content), "eTag": strings.Trim(*out.ETag, `"`), "versionId": aws.ToString(out.VersionId), "sequencer": "0A1B2C3D4E5F678901"}},
	}}})
	require.NoError(t, err)
	return event
}

func (f *fakeS3) exists(t *testing.T, key string) bool {
	list, err := f.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("photos"), Prefix: &key})
	require.NoError(t, err)
	return len(list.Contents) > 0
}

// invoke calls the function as the runtime of Lambda does.
func invoke(ctx context.Context, v vetter, event []byte) error {
	_, err := lambda.NewHandler(v.handle).Invoke(ctx, event)
	return err
}

func picture(t *testing.T) []byte {
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "good", "jpeg", "video-001.jpeg"))
	require.NoError(t, err)
	return b
}

type bad struct {
	content      []byte
	code, reason string
}

// refused are objects that are refused.
func refused(t *testing.T) map[string]bad {
	good := picture(t)
	return map[string]bad{
		"cut":   {good[:len(good)-100], "5", "truncated"},
		"large": {append(good, make([]byte, validate.MaxBytes-len(good))...), "3", "too_large"},
		"empty": {nil, "6", "empty"},
		"text":  {[]byte("hello"), "5", "unknown_format"},
	}
}

// TestTag: every object gets its verdict as tags, and keeps the tags of others.
func TestTag(t *testing.T) {
	f := newS3(t)
	v := vetter{client: f.Client}
	key := "ü/a photo + more.jpg"
	event := f.put(t, key, picture(t))
	f.tags["/photos/"+key] = map[string]string{"team": "web", "imgvet": "passed", "imgvet-reason": "old"}
	for range 2 { // Lambda may call twice
		require.NoError(t, invoke(t.Context(), v, event))
		require.Equal(t, map[string]string{"team": "web", "imgvet": "passed", "imgvet-format": "jpeg"}, f.tags["/photos/"+key])
	}
	for name, c := range refused(t) {
		event := f.put(t, name, c.content)
		require.NoError(t, invoke(t.Context(), v, event))
		require.Equal(t, map[string]string{"imgvet": "refused", "imgvet-code": c.code, "imgvet-reason": c.reason}, f.tags["/photos/"+name])
		require.True(t, f.exists(t, name))
	}
}

// TestEarly: an object is read no further than its verdict needs.
func TestEarly(t *testing.T) {
	f := newS3(t)
	event := f.put(t, "video", bytes.Repeat([]byte("text "), 4<<20))
	f.sent.Store(0)
	require.NoError(t, invoke(t.Context(), vetter{client: f.Client}, event))
	require.Less(t, f.sent.Load(), int64(15<<20))
	require.Equal(t, "unknown_format", f.tags["/photos/video"]["imgvet-reason"])
}

// TestDelete: what is refused is deleted, and nothing else.
func TestDelete(t *testing.T) {
	f := newS3(t)
	v := vetter{client: f.Client, remove: true}
	require.NoError(t, invoke(t.Context(), v, f.put(t, "good", picture(t))))
	require.True(t, f.exists(t, "good"))
	for name, c := range refused(t) {
		event := f.put(t, name, c.content)
		for range 2 {
			require.NoError(t, invoke(t.Context(), v, event), name)
			require.False(t, f.exists(t, name))
		}
	}
}

// TestWrittenAgain: the event of what an object was says nothing of what it is.
func TestWrittenAgain(t *testing.T) {
	f := newS3(t)
	v := vetter{client: f.Client, remove: true}
	old := f.put(t, "a", []byte("text"))
	f.put(t, "a", picture(t))
	require.NoError(t, invoke(t.Context(), v, old))
	require.True(t, f.exists(t, "a"))
	require.Empty(t, f.tags)
}

// TestVersions: in a bucket with versions each event is of its own version.
func TestVersions(t *testing.T) {
	f := newS3(t)
	_, err := f.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: aws.String("photos"),
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
	require.NoError(t, err)
	events := [][]byte{f.put(t, "a", []byte("text")), f.put(t, "a", picture(t)), f.put(t, "a", []byte("more text"))}
	for _, remove := range []bool{false, true} {
		for _, event := range events {
			require.NoError(t, invoke(t.Context(), vetter{client: f.Client, remove: remove}, event))
		}
		list, err := f.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String("photos")})
		require.NoError(t, err)
		var verdicts []string
		for _, v := range list.Versions { // the newest first
			verdicts = append(verdicts, f.tags["/photos/a"+*v.VersionId]["imgvet"])
		}
		if remove {
			require.Equal(t, []string{"passed"}, verdicts)
		} else {
			require.Equal(t, []string{"refused", "passed", "refused"}, verdicts)
		}
	}
}

// TestFailed: what could not be read is an error, so that Lambda tries again, and no verdict.
func TestFailed(t *testing.T) {
	f := newS3(t)
	v := vetter{client: f.Client, remove: true}
	event := f.put(t, "a", picture(t))
	for _, status := range []int{http.StatusForbidden, http.StatusInternalServerError} {
		f.fail = status
		require.Error(t, invoke(t.Context(), v, event))
	}
	f.fail = 0
	require.True(t, f.exists(t, "a"))
	require.Empty(t, f.tags)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, invoke(ctx, v, event))
	require.NoError(t, invoke(t.Context(), v, event))
	require.Equal(t, []string{"imgvet", "imgvet-format"}, slices.Sorted(maps.Keys(f.tags["/photos/a"])))
}

// TestManyRecords: a record that fails does not keep the others from their verdict.
func TestManyRecords(t *testing.T) {
	f := newS3(t)
	type records struct{ Records []json.RawMessage }
	var all records
	for _, name := range []string{"a", "b"} {
		var one records
		require.NoError(t, json.Unmarshal(f.put(t, name, picture(t)), &one))
		all.Records = append(all.Records, one.Records...)
	}
	elsewhere := bytes.ReplaceAll(all.Records[0], []byte(`"photos"`), []byte(`"nowhere"`))
	all.Records = append([]json.RawMessage{elsewhere}, all.Records...)
	event, err := json.Marshal(all)
	require.NoError(t, err)
	require.Error(t, invoke(t.Context(), vetter{client: f.Client}, event))
	require.Len(t, f.tags, 2)
}
