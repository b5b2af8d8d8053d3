package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"
	"github.com/tus/tusd/v2/pkg/filestore"
	tusd "github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/s3store"

	"github.com/imgvet/imgvet/validate"
)

// backend is a store, and what lies in it.
type backend struct {
	store
	names func(t *testing.T) []string
	fail  *atomic.Bool // the store gives no file while it is set
}

// failing is a file store that cannot be read while fail is set.
type failing struct {
	filestore.FileStore
	fail *atomic.Bool
}

func (f failing) GetUpload(ctx context.Context, id string) (tusd.Upload, error) {
	u, err := f.FileStore.GetUpload(ctx, id)
	return unreadable{u, f.fail}, err
}

func (f failing) AsTerminatableUpload(u tusd.Upload) tusd.TerminatableUpload {
	return f.FileStore.AsTerminatableUpload(u.(unreadable).Upload)
}

type unreadable struct {
	tusd.Upload
	fail *atomic.Bool
}

func (u unreadable) GetReader(ctx context.Context) (io.ReadCloser, error) {
	if u.fail.Load() {
		return nil, errors.New("the disk's secret")
	}
	return u.Upload.GetReader(ctx)
}

func files(t *testing.T) backend {
	dir := t.TempDir()
	fail := new(atomic.Bool)
	return backend{failing{filestore.New(dir), fail}, func(t *testing.T) []string {
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}, fail}
}

func bucket(t *testing.T) backend {
	mem := s3mem.New()
	require.NoError(t, mem.CreateBucket("photos"))
	fail := new(atomic.Bool)
	inner := gofakes3.New(mem).Server()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fail.Load() && r.Method == http.MethodGet && !strings.HasSuffix(r.URL.Path, ".info") && r.URL.Query().Get("uploadId") == "" {
			http.Error(w, "", http.StatusForbidden)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	client := s3.New(s3.Options{
		BaseEndpoint: aws.String(srv.URL), UsePathStyle: true, Region: "us-east-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	return backend{s3store.New("photos", client), func(t *testing.T) []string {
		list, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("photos")})
		require.NoError(t, err)
		var names []string
		for _, o := range list.Contents {
			names = append(names, *o.Key)
		}
		return names
	}, fail}
}

// each runs a test with each kind of store.
func each(t *testing.T, test func(t *testing.T, b backend)) {
	t.Run("files", func(t *testing.T) { test(t, files(t)) })
	t.Run("S3", func(t *testing.T) { test(t, bucket(t)) })
}

// send makes a request of tus, and returns the answer with its body.
func send(t *testing.T, method, url string, header map[string]string, body []byte) (*http.Response, string) {
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Tus-Resumable", "1.0.0")
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(text)
}

// create makes an upload of that length.
func create(t *testing.T, url string, size int) (*http.Response, string) {
	return send(t, http.MethodPost, url+"/files/", map[string]string{"Upload-Length": strconv.Itoa(size)}, nil)
}

// patch sends a part of an upload.
func patch(t *testing.T, location string, offset int, part []byte) (*http.Response, string) {
	return send(t, http.MethodPatch, location, map[string]string{
		"Content-Type": "application/offset+octet-stream", "Upload-Offset": strconv.Itoa(offset)}, part)
}

func picture(t *testing.T) []byte {
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "good", "jpeg", "video-001.jpeg"))
	require.NoError(t, err)
	return b
}

// serve starts a server over a store. What it publishes is in the map.
func serve(t *testing.T, s store, fail error) (string, map[string]*validate.Result) {
	published := map[string]*validate.Result{}
	handler, err := newHandler(s, func(_ context.Context, upload tusd.FileInfo, res *validate.Result) error {
		if fail == nil {
			published[upload.ID] = res
		}
		return fail
	})
	require.NoError(t, err)
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv.URL, published
}

// TestGood: a picture that arrives in pieces is published once, and is in the store as it was sent.
func TestGood(t *testing.T) {
	each(t, func(t *testing.T, b backend) {
		url, published := serve(t, b.store, nil)
		file := append(picture(t), make([]byte, 6<<20)...) // on S3 one whole part, and a rest
		resp, _ := create(t, url, len(file))
		require.Equal(t, http.StatusCreated, resp.StatusCode)
		location := resp.Header.Get("Location")
		resp, _ = patch(t, location, 0, file[:1000])
		require.Equal(t, http.StatusNoContent, resp.StatusCode)
		require.Empty(t, published)
		resp, body := patch(t, location, 1000, file[1000:])
		require.Equal(t, http.StatusNoContent, resp.StatusCode, body)
		require.Len(t, published, 1)
		for id, res := range published {
			require.EqualValues(t, "jpeg", res.Format)
			upload, err := b.GetUpload(t.Context(), id)
			require.NoError(t, err)
			r, err := upload.GetReader(t.Context())
			require.NoError(t, err)
			defer r.Close()
			got, err := io.ReadAll(r)
			require.NoError(t, err)
			require.True(t, bytes.Equal(file, got))
		}
		// It is nobody's to fetch or to delete by its address.
		for _, method := range []string{http.MethodGet, http.MethodDelete} {
			resp, _ = send(t, method, location, nil, nil)
			require.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode)
		}
		require.NotEmpty(t, b.names(t))
	})
}

// TestRefused: a refusal is the canonical one, and nothing of the upload is left.
func TestRefused(t *testing.T) {
	each(t, func(t *testing.T, b backend) {
		url, published := serve(t, b.store, nil)
		good := picture(t)
		for name, file := range map[string][]byte{"cut": good[:len(good)-100], "text": []byte("hello")} {
			resp, _ := create(t, url, len(file))
			require.Equal(t, http.StatusCreated, resp.StatusCode)
			location := resp.Header.Get("Location")
			resp, body := patch(t, location, 0, file)
			require.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode, name)
			require.Equal(t, "application/json; charset=utf-8", resp.Header.Get("Content-Type"))
			require.Equal(t, `{"error":{"code":5,"message":"file corrupted"}}`, body)
			require.Empty(t, b.names(t))
			resp, _ = send(t, http.MethodHead, location, nil, nil)
			require.Equal(t, http.StatusNotFound, resp.StatusCode, "no client takes it for complete")
		}
		// In one request, which tus calls creation-with-upload.
		resp, body := send(t, http.MethodPost, url+"/files/", map[string]string{
			"Upload-Length": "5", "Content-Type": "application/offset+octet-stream"}, []byte("hello"))
		require.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode, body)
		require.Empty(t, b.names(t))
		require.Empty(t, published)
	})
}

// TestLength: what is too large or empty is refused before it is sent, and so is a length that is
// told later.
func TestLength(t *testing.T) {
	each(t, func(t *testing.T, b backend) {
		url, _ := serve(t, b.store, nil)
		resp, body := create(t, url, validate.MaxBytes)
		require.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)
		require.Equal(t, `{"error":{"code":3,"message":"file must be less than 10mb"}}`, body)
		resp, body = create(t, url, 0)
		require.Equal(t, http.StatusBadRequest, resp.StatusCode)
		require.Equal(t, `{"error":{"code":6,"message":"empty input image"}}`, body)
		for name, value := range map[string]string{"Upload-Defer-Length": "1", "Upload-Concat": "partial"} {
			resp, body = send(t, http.MethodPost, url+"/files/", map[string]string{name: value}, nil)
			require.GreaterOrEqual(t, resp.StatusCode, 400, body)
		}
		require.Empty(t, b.names(t))
		resp, _ = create(t, url, validate.MaxBytes-1)
		require.Equal(t, http.StatusCreated, resp.StatusCode)
	})
}

// TestFailed: without a verdict nothing is published, the client sends the file again, and is told
// nothing of what failed.
func TestFailed(t *testing.T) {
	each(t, func(t *testing.T, b backend) {
		for name, unread := range map[string]bool{"unread": true, "unpublished": false} {
			var fault error
			if !unread {
				fault = errors.New("the database's secret")
			}
			url, published := serve(t, b.store, fault)
			file := picture(t)
			resp, _ := create(t, url, len(file))
			location := resp.Header.Get("Location")
			b.fail.Store(unread)
			resp, body := patch(t, location, 0, file)
			b.fail.Store(false)
			require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode, name)
			require.NotContains(t, body, "secret")
			require.Empty(t, published)
			require.Empty(t, b.names(t))
			resp, _ = send(t, http.MethodHead, location, nil, nil)
			require.Equal(t, http.StatusNotFound, resp.StatusCode)
		}
	})
}

// TestGone: a client that has gone after its last byte has its picture all the same.
func TestGone(t *testing.T) {
	b := files(t)
	file := picture(t)
	upload, err := b.NewUpload(t.Context(), tusd.FileInfo{ID: "x", Size: int64(len(file))})
	require.NoError(t, err)
	_, err = upload.WriteChunk(t.Context(), 0, bytes.NewReader(file))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n := 0
	u := uploads{b.store, validate.Options{}, func(ctx context.Context, _ tusd.FileInfo, _ *validate.Result) error {
		n++
		return ctx.Err()
	}}
	_, err = u.finish(tusd.HookEvent{Context: ctx, Upload: tusd.FileInfo{ID: "x"}})
	require.NoError(t, err)
	require.Equal(t, 1, n)
}
