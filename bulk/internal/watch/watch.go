// Package watch judges objects when a store says that they were written, and moves or tags what is
// refused.
//
// The verdict is that of the object as it is when it is read, whatever the event says of it. So an
// event that comes twice or late changes nothing: the state of the object that it leads to has
// had its line, and gets no second one while it is remembered. An event of another bucket is refused;
// one of a key that is not there gets a line with a failure.
package watch

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"gocloud.dev/blob"

	"github.com/imgvet/imgvet/bulk/internal/events"
	"github.com/imgvet/imgvet/bulk/internal/line"
	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/bulk/internal/verify"
)

// remembered is how many states of objects are known to have had their line.
const remembered = 1 << 16

// Watcher judges what events name.
type Watcher struct {
	Bucket     *blob.Bucket
	Name       string // of the bucket, as events say it
	Prefix     string // of keys in events, which Bucket does not have
	Pool       *verify.Pool
	Log        *slog.Logger
	Refused    Action // what becomes of refused objects
	Quarantine string // prefix that refused objects are moved to; what is there is not judged
	// Emit writes a line; one call at a time.
	Emit func(line.Line) error

	emit sync.Mutex
	seen recent
}

// BucketError is the error of an event that is not of the bucket that is watched.
type BucketError struct{ Bucket string }

func (e *BucketError) Error() string { return fmt.Sprintf("an event of the bucket %.100q", e.Bucket) }

// Handle judges all objects of an event. After an error the event should come again, unless it is
// events.ErrNone or a BucketError.
func (w *Watcher) Handle(ctx context.Context, event []byte) error {
	all, err := events.Parse(event)
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.Bucket != w.Name {
			return &BucketError{e.Bucket}
		}
	}
	for _, e := range all {
		if err := w.one(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// Unread writes a line for each object of an event that ends those who handle it.
func (w *Watcher) Unread(event []byte, why error) error {
	all, err := events.Parse(event)
	if err != nil {
		return err
	}
	for _, e := range all {
		if key, ok := w.key(e); ok && e.Bucket == w.Name {
			for l, err := range lines(w.Pool.Failures([]store.Object{{Key: key}}, why)) {
				if err == nil {
					err = w.write(l)
				}
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// key returns the key of an event in Bucket, if it is to be judged: what lies in quarantine has been,
// and folders have no bytes.
func (w *Watcher) key(e events.Event) (string, bool) {
	key, ok := strings.CutPrefix(e.Key, w.Prefix)
	if !ok || key == "" || strings.HasSuffix(key, "/") || w.Quarantine != "" && strings.HasPrefix(key, w.Quarantine) {
		return "", false
	}
	return key, true
}

func (w *Watcher) one(ctx context.Context, e events.Event) error {
	key, ok := w.key(e)
	if !ok || w.seen.has(state(key, e.ETag, e.Version)) {
		return nil
	}
	l, err := w.Pool.One(ctx, store.Object{Key: key, Size: max(e.Size, 1)})
	if err != nil {
		return err
	}
	at := state(key, l.ETag, l.Version)
	known := l.ETag+l.Version != ""
	if known && w.seen.has(at) {
		return nil
	}
	if l.Error != nil {
		if err := w.act(ctx, l); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	if err := w.write(l); err != nil {
		return err
	}
	if known {
		w.seen.add(at)
	}
	return nil
}

// state names one state of an object. It is "" if the event does not say which.
func state(key, etag, version string) string {
	etag = strings.Trim(etag, `"`)
	if etag+version == "" {
		return ""
	}
	return key + "\x00" + etag + "\x00" + version
}

func (w *Watcher) write(l line.Line) error {
	w.emit.Lock()
	defer w.emit.Unlock()
	return w.Emit(l)
}

// recent remembers the last strings of two generations.
type recent struct {
	mu       sync.Mutex
	now, old map[string]struct{}
}

func (r *recent) has(s string) bool {
	if s == "" {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	_, now := r.now[s]
	_, old := r.old[s]
	return now || old
}

func (r *recent) add(s string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now == nil || len(r.now) >= remembered/2 {
		r.now, r.old = map[string]struct{}{}, r.now
	}
	r.now[s] = struct{}{}
}
