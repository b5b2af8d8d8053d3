package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"

	"github.com/imgvet/imgvet/bulk/internal/line"
	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/internal/cli"
)

// fakeS3 returns the URL of a bucket named uploads.
func fakeS3(t testing.TB) string {
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("uploads"))
	s := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(s.Close)
	return "s3://uploads?region=us-east-1&use_path_style=true&endpoint=" + s.URL
}

func open(t testing.TB, url string) *blob.Bucket {
	b, err := store.Open(t.Context(), url, false)
	require.NoError(t, err)
	t.Cleanup(func() { b.Close() })
	return b
}

// event returns a recorded event of another key and, if it has one, another ETag.
func event(t testing.TB, name, key, etag string) string {
	b, err := os.ReadFile(filepath.Join("../../internal/events/testdata", name))
	require.NoError(t, err)
	text := strings.ReplaceAll(string(b), "d41d8cd98f00b204e9800998ecf8427e", strings.Trim(etag, `"`))
	text = strings.ReplaceAll(text, "096fKKXTRTtl3on89fVO.nfljtsv6qko", "null")
	for _, form := range []string{"holiday/a+b%2Bc+%C3%A9.jpg", "holiday%2Fa+b%2Bc+%C3%A9.jpg"} {
		text = strings.ReplaceAll(text, form, url.QueryEscape(key))
	}
	return strings.ReplaceAll(text, "holiday/a b+c é.jpg", key)
}

// buffer is what a command that runs prints.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// watching runs the command until the test ends, and returns what it prints.
func watching(t testing.TB, args ...string) (out, errs *buffer, end func() int) {
	out, errs = &buffer{}, &buffer{}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(t.Context()))
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, program{}, append([]string{"watch"}, args...), strings.NewReader(""), out, errs)
	}()
	end = sync.OnceValue(func() int {
		cancel(cli.Interrupted{Signal: os.Interrupt})
		return <-code
	})
	t.Cleanup(func() { end() })
	return out, errs, end
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 600 {
		if ok() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal(what)
}

// TestWatchHTTP: events of all stores, forged ones, and ones that come twice, late or of a key that
// is gone.
func TestWatchHTTP(t *testing.T) {
	s3 := fakeS3(t)
	bucket := open(t, s3)
	png, err := os.ReadFile(goodDir + "/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	put := func(key string, b []byte) string {
		require.NoError(t, bucket.WriteAll(t.Context(), key, b, nil))
		attrs, err := bucket.Attributes(t.Context(), key)
		require.NoError(t, err)
		return attrs.ETag
	}
	token := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(token, []byte("se+cret\n"), 0o600))
	out, errs, end := watching(t, "--bucket", s3, "--listen", "127.0.0.1:0", "--token-file", token, "--refused", "move")
	address := regexp.MustCompile(`listening on (\S+)`)
	eventually(t, "it listens", func() bool { return address.MatchString(errs.String()) })
	at := address.FindStringSubmatch(errs.String())[1]
	send := func(event, path, header string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at+path, strings.NewReader(event))
		require.NoError(t, err)
		if header != "" {
			req.Header.Set("Authorization", header)
		}
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	post := func(event string) int { return send(event, "/events", "Bearer se+cret") }
	got := func() []line.Line { return lines(t, []byte(out.String())) }

	for i, name := range []string{"s3.json", "sns.json", "eventbridge.json", "minio.json", "pubsub.json", "gcs.json"} {
		key := fmt.Sprintf("ü %d+.png", i)
		etag := put(key, png)
		require.Equal(t, 204, post(event(t, name, key, etag)), name)
		require.Len(t, got(), i+1, name)
		require.Equal(t, key, got()[i].Key)
		require.True(t, got()[i].OK)
		for range 2 {
			require.Equal(t, 204, post(event(t, name, key, etag)), "an event twice")
		}
		require.Len(t, got(), i+1, "has one line")
	}
	n := len(got())

	// Forged, or of somebody else.
	good := event(t, "minio.json", "ü 0+.png", "x")
	require.Equal(t, 401, send(good, "/", ""))
	require.Equal(t, 401, send(good, "/", "Bearer wrong"))
	require.Equal(t, 401, send(good, "/?token=wrong", ""))
	require.Equal(t, 204, send(event(t, "s3-test.json", "", ""), "/?token=se%2Bcret", ""))
	require.Equal(t, 403, post(strings.ReplaceAll(good, "uploads", "others")))
	require.Equal(t, 400, post("hello"))
	require.Equal(t, 400, post(strings.Repeat("a", 2<<20)))
	require.Len(t, got(), n)
	require.Equal(t, 204, post(event(t, "minio.json", "ü 0+.png", "0123456789abcdef0123456789abcdef")))
	require.Len(t, got(), n, "an ETag that never was leads to the object as it is, which has its line")
	require.Equal(t, 204, post(event(t, "minio.json", "../../etc/passwd", "x")))
	require.Contains(t, got()[n].Failure, "not there")
	n++

	// Of a key that is gone.
	require.Equal(t, 204, post(event(t, "s3.json", "gone.png", "x")))
	require.Contains(t, got()[n].Failure, "not there")
	n++

	// Out of order: two states, and the event of the newer comes first.
	older := put("twice.png", png[:50])
	newer := put("twice.png", png)
	require.Equal(t, 204, post(event(t, "s3.json", "twice.png", newer)))
	require.Equal(t, 204, post(event(t, "s3.json", "twice.png", older)))
	require.Len(t, got(), n+1, "one line, of the object as it is")
	require.True(t, got()[n].OK)
	require.Equal(t, newer, got()[n].ETag)
	n++

	// Refused: moved, and what is in quarantine is not judged again.
	etag := put("bad.png", png[:50])
	require.Equal(t, 204, post(event(t, "s3.json", "bad.png", etag)))
	require.False(t, got()[n].OK)
	n++
	moved, err := bucket.ReadAll(t.Context(), "quarantine/bad.png")
	require.NoError(t, err)
	require.Equal(t, png[:50], moved)
	there, err := bucket.Exists(t.Context(), "bad.png")
	require.NoError(t, err)
	require.False(t, there)
	require.Equal(t, 204, post(event(t, "s3.json", "bad.png", etag)), "again")
	require.Equal(t, 204, post(event(t, "s3.json", "quarantine/bad.png", etag)))
	require.Len(t, got(), n)
	require.Equal(t, 130, end())
}

// TestWatchNATS: events of a subject, and the lines on another; what is no event is dropped, and a
// watcher that is started later gets what came meanwhile.
func TestWatchNATS(t *testing.T) {
	photos := tree(t)
	s := startServer(t)
	args := []string{"--bucket", "file://" + photos, "--bucket-name", "uploads", "--nats", s.url(), "--subject", "minio.uploads", "--out-subject", "verdicts"}
	_, _, end := watching(t, args...)
	nc, err := nats.Connect(s.url())
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	eventually(t, "the stream is made", func() bool {
		_, err := js.Consumer(t.Context(), "imgvet-bulk-events", "imgvet-bulk-watch")
		return err == nil
	})
	verdicts, err := nc.SubscribeSync("verdicts")
	require.NoError(t, err)
	next := func() line.Line {
		m, err := verdicts.NextMsg(20 * time.Second)
		require.NoError(t, err)
		l, err := line.Parse(m.Data)
		require.NoError(t, err)
		return l
	}
	send := func(event string) {
		_, err := js.Publish(t.Context(), "minio.uploads", []byte(event))
		require.NoError(t, err)
	}
	send("hello")
	send(strings.ReplaceAll(event(t, "minio.json", "a.png", "x"), "uploads", "others"))
	send(event(t, "minio.json", "a.png", "x"))
	l := next()
	require.Equal(t, "a.png", l.Key)
	require.True(t, l.OK)
	require.Equal(t, 130, end())

	eventually(t, "the server knows that the watcher is gone, and gives it no event", func() bool {
		c, err := js.Consumer(t.Context(), "imgvet-bulk-events", "imgvet-bulk-watch")
		return err == nil && c.CachedInfo().NumWaiting == 0
	})
	send(event(t, "minio.json", "b.png", "x"))
	watching(t, args...)
	require.Equal(t, "b.png", next().Key)
	info, err := js.Consumer(t.Context(), "imgvet-bulk-events", "imgvet-bulk-watch")
	require.NoError(t, err)
	eventually(t, "nothing waits", func() bool {
		i, err := info.Info(t.Context())
		return err == nil && i.NumPending == 0 && i.NumAckPending == 0
	})

	// What is lost is made again, the stream or the consumer alone.
	lost := func() error { return js.DeleteStream(t.Context(), "imgvet-bulk-events") }
	for _, key := range []string{"c.png", "d.png"} {
		require.NoError(t, lost())
		eventually(t, "the consumer is made again", func() bool {
			_, err := js.Consumer(t.Context(), "imgvet-bulk-events", "imgvet-bulk-watch")
			return err == nil
		})
		send(event(t, "minio.json", key, "x"))
		for next().Key != key { // a new consumer has the events of the stream again
		}
		lost = func() error { return js.DeleteConsumer(t.Context(), "imgvet-bulk-events", "imgvet-bulk-watch") }
	}
}
