package validate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/validate"
)

// onDisk writes files to a folder and returns their names there.
func onDisk(t testing.TB, files map[string][]byte) map[string]string {
	t.Helper()
	dir, names := t.TempDir(), map[string]string{}
	for name, b := range files {
		names[name] = filepath.Join(dir, filepath.Base(filepath.Dir(name))+"-"+filepath.Base(name))
		require.NoError(t, os.WriteFile(names[name], b, 0o600))
	}
	return names
}

// verdict returns everything that a call said, as text.
func line(t testing.TB, res *validate.Result, err error) string {
	t.Helper()
	b, jsonErr := json.Marshal(validate.VerdictOf("f", res, err))
	require.NoError(t, jsonErr)
	return string(b)
}

// TestResultsOutliveTheBytes: the memory of a file is used for the next file, and nothing in an
// earlier Result or error changes.
func TestResultsOutliveTheBytes(t *testing.T) {
	ctx := context.Background()
	files := allGood(t)
	for name, b := range allGood(t) { // each one broken as well
		files[name+".cut"] = b[:len(b)*3/4]
	}
	names := onDisk(t, files)
	junk := filepath.Join(t.TempDir(), "junk")
	// What the buffers hold next: the head of a picture, so that the file is read to its end.
	require.NoError(t, os.WriteFile(junk, append(bytes.Clone(good(t, detect.PNG)), bytes.Repeat([]byte{0xaa}, 3<<20)...), 0o600))
	for name, file := range names {
		res, err := validate.File(ctx, file, validate.Options{})
		before := line(t, res, err)
		for range 2 {
			_, _ = validate.File(ctx, junk, validate.Options{})
		}
		require.Equal(t, before, line(t, res, err), name)
		fresh, freshErr := validate.Bytes(ctx, files[name], validate.Options{})
		require.Equal(t, before, line(t, fresh, freshErr), name)
	}
}

// TestFilesAtOnce judges all files in many goroutines that share buffers, and compares with
// Bytes.
func TestFilesAtOnce(t *testing.T) {
	ctx := context.Background()
	files := allGood(t)
	names, want := onDisk(t, files), map[string]string{}
	for name, b := range files {
		res, err := validate.Bytes(ctx, b, validate.Options{})
		want[name] = line(t, res, err)
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for name, file := range names {
				res, err := validate.File(ctx, file, validate.Options{})
				if got := line(t, res, err); got != want[name] {
					t.Errorf("%s: %s", name, got)
				}
			}
		})
	}
	group.Wait()
}

// TestHookKeepsBytes: a check that keeps the bytes breaks its rule, but it never sees another
// file in them.
func TestHookKeepsBytes(t *testing.T) {
	ctx := context.Background()
	var kept [][]byte
	opts := validate.Options{Checks: []validate.Check{func(_ context.Context, p *validate.Picture) error {
		kept = append(kept, p.Bytes())
		return nil
	}}}
	first, second := good(t, detect.JPEG), good(t, detect.PNG)
	for name, b := range map[string][]byte{"a": first, "b": second} {
		kept = nil
		file := onDisk(t, map[string][]byte{name: b})[name]
		_, err := validate.File(ctx, file, opts)
		require.NoError(t, err)
		for range 3 {
			_, err = validate.Validate(ctx, bytes.NewReader(second), validate.Options{})
			require.NoError(t, err)
			_, err = validate.File(ctx, onDisk(t, map[string][]byte{"c": first})["c"], opts)
			require.NoError(t, err)
		}
		require.True(t, bytes.Equal(b, kept[0]))
	}
}

// TestOpenFileIsAnyReader: a file that is open gives the verdict of a reader that hides its kind,
// and is read no further than that where a limit is passed.
func TestOpenFileIsAnyReader(t *testing.T) {
	ctx := context.Background()
	photo := good(t, detect.PNG)
	for range 2 { // the second time with large buffers at hand
		for _, opts := range []validate.Options{{}, {MaxBytes: 20_000}, {MaxBytes: 4096}, {MaxBytes: 1000}, {MaxBytes: 100_000}} {
			for _, b := range [][]byte{
				photo, photo[:len(photo)-20], nil, []byte("text"), bytes.Repeat([]byte("text "), 3000), bytes.Repeat([]byte("text "), 30_000),
				padded(photo, 4096), padded(photo, 20_000), padded(photo, 19_999), padded(photo, 64<<10), padded(photo, 64<<10+1), padded(photo, 99_999), padded(photo, 300_000),
			} {
				want, wantErr := validate.Validate(ctx, &hidden{bytes.NewReader(b), 0}, opts)
				f, err := os.Open(onDisk(t, map[string][]byte{"f": b})["f"])
				require.NoError(t, err)
				got, gotErr := validate.Validate(ctx, f, opts)
				at, err := f.Seek(0, 1)
				require.NoError(t, err)
				require.NoError(t, f.Close())
				require.Equal(t, line(t, want, wantErr), line(t, got, gotErr), "%d bytes, %+v", len(b), opts)
				limit := opts.MaxBytes
				if limit == 0 {
					limit = validate.MaxBytes
				}
				require.LessOrEqual(t, at, limit)
			}
		}
		_, err := validate.Validate(ctx, bytes.NewReader(padded(photo, 5<<20)), validate.Options{})
		require.NoError(t, err)
	}
	// A file of the system that has bytes, and says that it has none.
	if f, err := os.Open("/proc/self/status"); err == nil {
		defer f.Close()
		res, err := validate.Validate(ctx, f, validate.Options{})
		var refusal *validate.Error
		require.True(t, errors.As(err, &refusal))
		require.Equal(t, validate.UnknownFormat, refusal.Reason)
		require.Positive(t, res.Size)
	}
}

// hidden is a reader of which nobody knows the size. It counts the bytes read.
type hidden struct {
	r *bytes.Reader
	n int
}

func (h *hidden) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	h.n += n
	return n, err
}

// TestFilesAllocateLittle: after the first files the next ones need no memory of their size.
func TestFilesAllocateLittle(t *testing.T) {
	if testenv.Race {
		t.Skip("the race detector empties pools at random")
	}
	ctx := context.Background()
	file := onDisk(t, map[string][]byte{"f": padded(good(t, detect.PNG), 3<<20)})["f"]
	const calls = 20
	var before, after runtime.MemStats
	for i := range calls + 2 {
		if i == 2 {
			runtime.ReadMemStats(&before)
		}
		_, err := validate.File(ctx, file, validate.Options{})
		require.NoError(t, err)
	}
	runtime.ReadMemStats(&after)
	// Collections empty the pool now and then.
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(calls*3<<20*9/10))
}
