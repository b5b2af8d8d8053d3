package verify

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"github.com/aws/smithy-go"

	"github.com/imgvet/imgvet/bulk/internal/line"
	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/validate"
)

// ErrStore means that no object of a shard could be read: the store is to blame, and the shard is
// to be tried again.
var ErrStore = errors.New("the store cannot be read")

// DefaultInFlight is how many objects of a bucket behind a network are read at a time by default.
const DefaultInFlight = 16

// inFlight is the default for a bucket. A folder answers at once: what is read long before it is
// verified has left the caches of the processor by then.
func inFlight(b *blob.Bucket) int {
	if store.Streams(b) {
		return 2 * runtime.GOMAXPROCS(0)
	}
	return DefaultInFlight
}

// Pool reads and judges objects, as many at a time as it has slots. It holds at most as many
// objects in memory. It is safe for concurrent use.
type Pool struct {
	bucket  *blob.Bucket
	opts    validate.Options
	slots   chan struct{}
	buffers buffers
	hook    func(key string)

	maxBytes int64
}

// Config makes a [Pool].
type Config struct {
	Bucket   *blob.Bucket
	Validate validate.Options // Limiter bounds the verifications; nil bounds them by the processors
	InFlight int              // 0 means DefaultInFlight, or for a folder twice the processors
	Hook     func(key string) // tests: called before an object is read
}

// New returns a pool.
func New(c Config) (*Pool, error) {
	if c.InFlight == 0 {
		c.InFlight = inFlight(c.Bucket)
	}
	if c.InFlight < 1 {
		return nil, fmt.Errorf("%d objects in flight: at least one is needed", c.InFlight)
	}
	if err := c.Validate.Problems(); err != nil {
		return nil, err
	}
	if c.Validate.Limiter == nil {
		limiter, err := validate.NewLimiter(0, 0)
		if err != nil {
			return nil, err
		}
		c.Validate.Limiter = limiter
	}
	p := &Pool{bucket: c.Bucket, opts: c.Validate, slots: make(chan struct{}, c.InFlight), hook: c.Hook}
	if p.maxBytes = c.Validate.MaxBytes; p.maxBytes == 0 {
		p.maxBytes = validate.MaxBytes
	}
	return p, nil
}

// InFlight returns how many objects are read at a time.
func (p *Pool) InFlight() int { return cap(p.slots) }

// judge is validate.Bytes, of which a panic is an error: a bug of ours must not end the
// program that judges a million other objects.
func (p *Pool) judge(ctx context.Context, b []byte) (res *validate.Result, err error) {
	defer func() {
		if r := recover(); r != nil {
			where, _, _ := strings.Cut(string(debug.Stack()), "\n\n")
			res, err = &validate.Result{}, fmt.Errorf("panic: %v: %.2000s", r, where)
		}
	}()
	return validate.Bytes(ctx, b, p.opts)
}

// state is what became of an object.
type state int

const (
	judged    state = iota
	gone            // not there any more
	unread          // the store failed, again and again
	cancelled       // ctx is done
)

type result struct {
	parsed line.Line
	line   []byte
	state  state
	err    error
}

// Shard returns the lines of the objects, in their order. Its result depends on the objects alone.
// An error is that of ctx, or ErrStore.
func (p *Pool) Shard(ctx context.Context, objects []store.Object) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make([]result, len(objects))
	var wg sync.WaitGroup
	for i, o := range objects {
		if !p.enter(ctx) {
			break
		}
		wg.Go(func() {
			defer func() { <-p.slots }()
			results[i] = p.object(ctx, o)
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return p.part(ctx, results)
}

// enter waits for a slot, unless ctx is done first.
func (p *Pool) enter(ctx context.Context) bool {
	select {
	case p.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// part joins the lines, if the store is not to blame for those that are failures.
func (p *Pool) part(ctx context.Context, results []result) ([]byte, error) {
	count := map[state]int{}
	size := 0
	var first error
	for _, r := range results {
		count[r.state]++
		size += len(r.line)
		if r.state == unread && first == nil {
			first = r.err
		}
	}
	if count[judged] == 0 {
		if count[unread] > 0 {
			return nil, fmt.Errorf("%w: %w", ErrStore, first)
		}
		if count[gone] > 0 { // all of them: is the bucket gone?
			if there, err := store.Accessible(ctx, p.bucket); err != nil || !there {
				return nil, fmt.Errorf("%w: the bucket is not there", ErrStore)
			}
		}
	}
	part := make([]byte, 0, size)
	for _, r := range results {
		part = append(part, r.line...)
	}
	return part, nil
}

// object reads and judges one object, and tries again where that may help.
func (p *Pool) object(ctx context.Context, o store.Object) result {
	if p.hook != nil {
		p.hook(o.Key)
	}
	for n := 1; ; n++ {
		out, err := p.read(ctx, o)
		if err == nil {
			return p.line(o.Key, out.id, out.res, out.err, judged)
		}
		if ctx.Err() != nil {
			return result{state: cancelled, err: ctx.Err()}
		}
		switch p.kind(err) {
		case gone:
			return p.line(o.Key, store.Identity{}, nil, errors.New("the object is not there any more"), gone)
		case judged: // for good
			return p.line(o.Key, store.Identity{}, nil, err, judged)
		}
		if n >= store.DefaultBackoff.Tries {
			r := p.line(o.Key, store.Identity{}, nil, fmt.Errorf("read %d times: %w", n, err), unread)
			r.err = err
			return r
		}
		if err := store.DefaultBackoff.Pause(ctx, n); err != nil {
			return result{state: cancelled, err: err}
		}
	}
}

// kind says of an error of the store what it makes of the object.
func (p *Pool) kind(err error) state {
	var api smithy.APIError
	if p.bucket.ErrorAs(err, &api) && api.ErrorCode() == "InvalidObjectState" { // in an archive
		return judged
	}
	switch gcerrors.Code(err) {
	case gcerrors.NotFound:
		return gone
	case gcerrors.InvalidArgument, gcerrors.Unimplemented:
		return judged
	case gcerrors.PermissionDenied: // of a file it stays; of a bucket, credentials may have expired
		if store.Streams(p.bucket) {
			return judged
		}
	}
	return unread
}

func (p *Pool) line(key string, id store.Identity, res *validate.Result, err error, s state) result {
	l := line.Line{
		Verdict: validate.VerdictOf(store.FileName(p.bucket, key), res, err),
		Key:     key, ETag: id.ETag, Version: id.Version,
	}
	b, err := l.Append(nil)
	if err != nil { // a number that JSON lacks, from a face finder
		l = line.Line{Verdict: validate.VerdictOf(l.FileName(), nil, err), Key: key, ETag: id.ETag, Version: id.Version}
		b, _ = l.Append(nil)
	}
	return result{parsed: l, line: b, state: s}
}

// One judges one object. An error is that of ctx, or ErrStore.
func (p *Pool) One(ctx context.Context, o store.Object) (line.Line, error) {
	if !p.enter(ctx) {
		return line.Line{}, ctx.Err()
	}
	defer func() { <-p.slots }()
	r := p.object(ctx, o)
	switch r.state {
	case cancelled:
		return line.Line{}, r.err
	case unread:
		return line.Line{}, fmt.Errorf("%w: %w", ErrStore, r.err)
	}
	return r.parsed, nil
}

// Failures returns lines that say why objects were not judged.
func (p *Pool) Failures(objects []store.Object, why error) []byte {
	var part []byte
	for _, o := range objects {
		part = append(part, p.line(o.Key, store.Identity{}, nil, why, judged).line...)
	}
	return part
}
