package plan

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

const (
	// DefaultKeys is how many objects a shard has at most, by default.
	DefaultKeys = 200
	// DefaultBytes is how many bytes its objects have at most, by default, unless it has one alone.
	DefaultBytes = 256 << 20

	// MaxKeys bounds what a plan may ask for, so that a shard fits in memory.
	MaxKeys = 10_000

	headKey       = "plan.json"
	format        = 1
	segmentShards = 64
	segmentBytes  = 4 << 20
	maxSegment    = 64 << 20 // read: a segment is closed behind the shard that fills it
	maxHead       = 1 << 20
)

// ErrNone means that there is no plan.
var ErrNone = errors.New("there is no plan")

// Rules are the options of the verdict that a plan fixes for all workers.
type Rules struct {
	MaxBytes  int64              `json:"max_bytes,omitempty"`
	MaxPixels int64              `json:"max_pixels,omitempty"`
	MaxWork   int64              `json:"max_work,omitempty"`
	Formats   []detect.Format    `json:"formats,omitempty"` // sorted
	Tolerance validate.Tolerance `json:"tolerance"`
	Picture   validate.Rules     `json:"picture"`
	Face      bool               `json:"face,omitempty"`
}

// RulesOf returns the rules that o and face stand for.
func RulesOf(o validate.Options, face bool) Rules {
	r := Rules{o.MaxBytes, o.MaxPixels, o.MaxWork, slices.Clone(o.Formats), o.Tolerance, o.Rules, face}
	slices.Sort(r.Formats)
	r.Formats = slices.Compact(r.Formats)
	return r
}

// Options returns the options that stand for r, without a face finder.
func (r Rules) Options() validate.Options {
	return validate.Options{
		MaxBytes: r.MaxBytes, MaxPixels: r.MaxPixels, MaxWork: r.MaxWork, Formats: r.Formats, Tolerance: r.Tolerance, Rules: r.Picture,
	}
}

// Head is what a plan says of itself.
type Head struct {
	Format   int       `json:"imgvet_bulk"`
	Job      string    `json:"job"`
	Draft    string    `json:"draft"`  // the folder of its segments: planners of one job at once have one each
	Bucket   string    `json:"bucket"` // without credentials: to recognize it by
	Created  time.Time `json:"created"`
	Keys     int64     `json:"keys"`
	Bytes    int64     `json:"bytes"`
	Shards   int64     `json:"shards"`
	Segments int64     `json:"segments"`
	Rules    Rules     `json:"rules"`
}

// Shard is a line of a segment.
type Shard struct {
	Shard   int64    `json:"shard"`
	Objects []object `json:"objects"`

	// Where the line is.
	Segment        int64 `json:"-"`
	Offset, Length int64 `json:"-"`
}

type object struct {
	Key  string `json:"k"`
	Size int64  `json:"s"`
}

// Refs returns the shard's objects.
func (s Shard) Refs() []store.Object {
	refs := make([]store.Object, len(s.Objects))
	for i, o := range s.Objects {
		refs[i] = store.Object(o)
	}
	return refs
}

var jobName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

var draftName = regexp.MustCompile(`^[A-Z0-9]{1,64}$`)

// CheckJob returns an error if name cannot name a job: it becomes part of object keys, subjects and
// names of consumers.
func CheckJob(name string) error {
	if !jobName.MatchString(name) {
		return fmt.Errorf("%q cannot name a job: letters, digits, \"-\" and \"_\" can, up to 64", name)
	}
	return nil
}

// Load reads the head of the plan in results, or returns ErrNone.
func Load(ctx context.Context, results *blob.Bucket) (Head, error) {
	b, err := store.Get(ctx, results, headKey, maxHead)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return Head{}, ErrNone
	}
	if err != nil {
		return Head{}, fmt.Errorf("plan: %w", err)
	}
	return ParseHead(b)
}

// ParseHead reads the head of a plan.
func ParseHead(b []byte) (Head, error) {
	var h Head
	if err := json.Unmarshal(b, &h); err != nil {
		return Head{}, fmt.Errorf("plan: %w", err)
	}
	if h.Format != format {
		return Head{}, fmt.Errorf("plan: format %d; this program reads format %d", h.Format, format)
	}
	if err := CheckJob(h.Job); err != nil {
		return Head{}, fmt.Errorf("plan: %w", err)
	}
	if !draftName.MatchString(h.Draft) {
		return Head{}, fmt.Errorf("plan: %q cannot name a draft", h.Draft)
	}
	if h.Keys < 0 || h.Bytes < 0 || h.Shards < 0 || h.Shards > h.Keys || h.Segments < 0 || h.Segments > h.Shards {
		return Head{}, errors.New("plan: impossible counts")
	}
	if err := h.Rules.Options().Problems(); err != nil {
		return Head{}, fmt.Errorf("plan: %w", err)
	}
	return h, nil
}

// ParseShard reads a line of a segment.
func ParseShard(b []byte) (Shard, error) {
	var s Shard
	dec := json.NewDecoder(bytes.NewReader(b))
	if err := dec.Decode(&s); err != nil {
		return Shard{}, fmt.Errorf("plan: shard: %w", err)
	}
	if dec.More() {
		return Shard{}, errors.New("plan: more than one shard in a line")
	}
	if s.Shard < 0 || len(s.Objects) == 0 || len(s.Objects) > MaxKeys {
		return Shard{}, fmt.Errorf("plan: shard %d of %d objects", s.Shard, len(s.Objects))
	}
	for _, o := range s.Objects {
		if o.Key == "" || o.Size < 0 {
			return Shard{}, fmt.Errorf("plan: shard %d has an object without a key, or of a negative size", s.Shard)
		}
	}
	return s, nil
}

func (h Head) segmentKey(segment int64) string {
	return fmt.Sprintf("plan/%s/%s/%08d.jsonl", h.Job, h.Draft, segment)
}
