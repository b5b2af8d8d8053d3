package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/gcerrors"

	"github.com/imgvet/imgvet/bulk/internal/engine"
	"github.com/imgvet/imgvet/bulk/internal/plan"
	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/bulk/internal/task"
)

// generated is a bucket of any number of keys, all of one picture, and none of them in memory.
type generated struct {
	driver.Bucket // what is not below is not called
	keys          int
	picture       []byte
}

func (g *generated) key(i int) string { return fmt.Sprintf("camera/%09d/photo.png", i) }

func (g *generated) ListPaged(_ context.Context, opts *driver.ListOptions) (*driver.ListPage, error) {
	from, _ := strconv.Atoi(string(opts.PageToken))
	page := &driver.ListPage{}
	for i := from; i < min(from+1000, g.keys); i++ {
		page.Objects = append(page.Objects, &driver.ListObject{Key: g.key(i), Size: int64(len(g.picture)), AsFunc: func(any) bool { return false }})
	}
	if from+1000 < g.keys {
		page.NextPageToken = []byte(strconv.Itoa(from + 1000))
	}
	return page, nil
}

func (g *generated) Attributes(context.Context, string) (*driver.Attributes, error) {
	return &driver.Attributes{Size: int64(len(g.picture)), ETag: `"e"`, AsFunc: func(any) bool { return false }}, nil
}

func (g *generated) NewRangeReader(_ context.Context, _ string, offset, length int64, _ *driver.ReaderOptions) (driver.Reader, error) {
	end := int64(len(g.picture))
	if length >= 0 {
		end = min(end, offset+length)
	}
	return &pictureReader{bytes.NewReader(g.picture[offset:end]), int64(len(g.picture))}, nil
}

func (g *generated) ErrorCode(error) gcerrors.ErrorCode { return gcerrors.Unknown }
func (g *generated) As(any) bool                        { return false }
func (g *generated) ErrorAs(error, any) bool            { return false }
func (g *generated) Close() error                       { return nil }

type pictureReader struct {
	io.Reader
	size int64
}

func (r *pictureReader) Close() error { return nil }
func (r *pictureReader) As(any) bool  { return false }
func (r *pictureReader) Attributes() *driver.ReaderAttributes {
	return &driver.ReaderAttributes{Size: r.size}
}

// peak returns the most memory that is in use at a time while f runs: heap in use, after what is free has
// been given back as often as the collector does.
func peak(t testing.TB, f func()) int64 {
	runtime.GC()
	debug.FreeOSMemory()
	var most atomic.Int64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most.Store(max(most.Load(), int64(m.HeapInuse+m.StackInuse)))
			select {
			case <-time.After(20 * time.Millisecond):
			case <-stop:
				return
			}
		}
	}()
	f()
	close(stop)
	<-stopped
	return most.Load()
}

// TestMillion: memory of plan, work and collect does not grow with the number of keys.
// IMGVET_BULK_MILLION=1 takes 1,000,000 keys.
func TestMillion(t *testing.T) {
	few, many := 4_000, 24_000
	if os.Getenv("IMGVET_BULK_MILLION") != "" {
		few, many = 20_000, 1_000_000
	} else if testing.Short() {
		t.Skip("takes some seconds")
	}
	small, large := peaks(t, few), peaks(t, many)
	for step, before := range small {
		t.Logf("%-8s %9d keys %5.1f MiB, %9d keys %5.1f MiB", step, few, float64(before)/(1<<20), many, float64(large[step])/(1<<20))
		if step == "a.parquet" && few < 20_000 {
			continue // a Parquet file is written 20,000 rows at a time
		}
		require.Less(t, large[step], before+before/2+(24<<20), "%s: memory grows with the keys", step)
	}
}

func peaks(t *testing.T, n int) map[string]int64 {
	png, err := os.ReadFile(goodDir + "/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	bucket := blob.NewBucket(&generated{keys: n, picture: png})
	defer bucket.Close()
	results, err := store.OpenDir(t.TempDir(), false)
	require.NoError(t, err)
	defer results.Close()
	all := map[string]int64{}
	var h plan.Head
	all["plan"] = peak(t, func() {
		h, err = plan.Make(t.Context(), results, plan.Head{Job: "j"}, plan.Limits{}, store.List(t.Context(), bucket, store.ListOptions{}))
		require.NoError(t, err)
	})
	require.Equal(t, int64(n), h.Keys)
	pool, err := (&workFlags{inFlight: 16}).pool(bucket, h.Rules)
	require.NoError(t, err)
	all["work"] = peak(t, func() {
		server, err := engine.Embed(t.TempDir())
		require.NoError(t, err)
		defer server.Close()
		q, err := engine.Open(t.Context(), server.Conn, h.Job, engine.Settings{})
		require.NoError(t, err)
		published, err := q.Publish(t.Context(), task.Missing(t.Context(), results, h))
		require.NoError(t, err)
		require.Equal(t, h.Shards, published)
		w := &engine.Worker{Results: results, Head: h, Pool: pool, Log: slog.New(slog.DiscardHandler)}
		require.NoError(t, w.Work(t.Context(), q, true))
	})
	for _, name := range []string{"a.jsonl", "a.parquet", "a.sqlite"} {
		all[name] = peak(t, func() {
			r, err := collectTo(t.Context(), results, h, filepath.Join(t.TempDir(), name), false, io.Discard, io.Discard)
			require.NoError(t, errors.Join(err, exitOf(r)))
			require.Equal(t, int64(n), r.Good)
		})
	}
	return all
}
