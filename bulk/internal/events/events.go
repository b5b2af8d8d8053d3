// Package events reads what S3, MinIO and Google Cloud Storage send when an object is written.
//
// An event is a hint and nothing more. It comes twice, out of order, late, or from somebody who
// forged it, so nothing in it is believed but that a key may be worth a look.
package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// MaxBytes bounds an event.
	MaxBytes = 1 << 20

	maxNested  = 3    // envelopes around an event
	maxRecords = 1000 // objects of one event
	maxKey     = 1024 // bytes: the limit of S3 and GCS
)

// Event says that an object was written.
type Event struct {
	Bucket, Key   string
	Size          int64  // 0 if not said
	ETag, Version string // without quotes; "" if not said
}

// ErrNone is the error of bytes that are no event of a store.
var ErrNone = errors.New("no event of S3, MinIO or GCS")

// Parse returns the objects that an event says were written. Events of other kinds (something was
// deleted, a test) have none. It knows the events of S3, also inside those of SNS and
// EventBridge, of MinIO, and of GCS, through Pub/Sub or as they are.
func Parse(b []byte) ([]Event, error) { return parse(b, 0) }

// envelope has the members by which the kinds of events are told apart.
type envelope struct {
	Records []record        `json:"Records"` // S3, MinIO
	Event   string          `json:"Event"`   // S3's test
	Type    string          `json:"Type"`    // SNS
	Message json.RawMessage `json:"Message"` // SNS; in lower case, Pub/Sub

	DetailType string          `json:"detail-type"` // EventBridge
	Source     string          `json:"source"`
	Detail     json.RawMessage `json:"detail"`

	Kind string `json:"kind"` // GCS
}

type record struct {
	EventName string `json:"eventName"`
	S3        *struct {
		Bucket struct{ Name string }
		Object struct {
			Key       string
			Size      int64
			ETag      string `json:"eTag"`
			VersionID string `json:"versionId"`
		}
	}
}

func parse(b []byte, depth int) ([]Event, error) {
	if len(b) > MaxBytes || depth > maxNested {
		return nil, fmt.Errorf("%w: too large", ErrNone)
	}
	var e envelope
	if err := json.Unmarshal(b, &e); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	switch {
	case e.Records != nil:
		return fromRecords(e.Records)
	case e.Event == "s3:TestEvent":
		return nil, nil
	case e.Type == "Notification":
		var inner string
		if err := json.Unmarshal(e.Message, &inner); err != nil {
			return nil, fmt.Errorf("%w: SNS: %w", ErrNone, err)
		}
		return parse([]byte(inner), depth+1)
	case e.Source == "aws.s3":
		return fromEventBridge(e)
	case e.Kind == "storage#object":
		return fromGCS(b)
	case len(e.Message) > 0:
		return fromPubSub(e.Message)
	}
	return nil, ErrNone
}

func fromRecords(records []record) ([]Event, error) {
	if len(records) > maxRecords {
		return nil, fmt.Errorf("%w: %d records", ErrNone, len(records))
	}
	var all []Event
	for _, r := range records {
		name := strings.TrimPrefix(r.EventName, "s3:") // MinIO has it
		if r.S3 == nil || name == "" {
			return nil, fmt.Errorf("%w: a record without an object", ErrNone)
		}
		if !strings.HasPrefix(name, "ObjectCreated:") {
			continue
		}
		key, err := url.QueryUnescape(r.S3.Object.Key) // a space is a plus
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNone, err)
		}
		o := r.S3.Object
		e, err := checked(Event{r.S3.Bucket.Name, key, o.Size, o.ETag, o.VersionID})
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

func fromEventBridge(e envelope) ([]Event, error) {
	if e.DetailType != "Object Created" {
		return nil, nil
	}
	var d struct {
		Bucket struct{ Name string }
		Object struct {
			Key       string
			Size      int64
			ETag      string
			VersionID string `json:"version-id"`
		}
	}
	if err := json.Unmarshal(e.Detail, &d); err != nil {
		return nil, fmt.Errorf("%w: EventBridge: %w", ErrNone, err)
	}
	return one(Event{d.Bucket.Name, d.Object.Key, d.Object.Size, d.Object.ETag, d.Object.VersionID})
}

// fromPubSub reads a message that Pub/Sub pushes: its attributes, which are there whatever the
// payload's format is.
func fromPubSub(message json.RawMessage) ([]Event, error) {
	var m struct {
		Attributes struct {
			EventType  string `json:"eventType"`
			Bucket     string `json:"bucketId"`
			Object     string `json:"objectId"`
			Generation string `json:"objectGeneration"`
		} `json:"attributes"`
	}
	if err := json.Unmarshal(message, &m); err != nil {
		return nil, fmt.Errorf("%w: Pub/Sub: %w", ErrNone, err)
	}
	switch m.Attributes.EventType {
	case "":
		return nil, fmt.Errorf("%w: Pub/Sub without an eventType", ErrNone)
	case "OBJECT_FINALIZE":
		return one(Event{Bucket: m.Attributes.Bucket, Key: m.Attributes.Object, Version: m.Attributes.Generation})
	}
	return nil, nil
}

// fromGCS reads the metadata of an object, as Eventarc sends it.
func fromGCS(b []byte) ([]Event, error) {
	var o struct {
		Bucket, Name, Size, Generation string
	}
	if err := json.Unmarshal(b, &o); err != nil {
		return nil, fmt.Errorf("%w: GCS: %w", ErrNone, err)
	}
	size, _ := strconv.ParseInt(o.Size, 10, 64)
	return one(Event{Bucket: o.Bucket, Key: o.Name, Size: size, Version: o.Generation})
}

func one(e Event) ([]Event, error) {
	e, err := checked(e)
	if err != nil {
		return nil, err
	}
	return []Event{e}, nil
}

// checked returns e if it can be an object's.
func checked(e Event) (Event, error) {
	if e.Bucket == "" || e.Key == "" || len(e.Key) > maxKey || !utf8.ValidString(e.Key) || e.Size < 0 {
		return Event{}, fmt.Errorf("%w: no bucket and key that can be", ErrNone)
	}
	e.ETag = strings.Trim(e.ETag, `"`)
	if e.Version == "null" {
		e.Version = ""
	}
	return e, nil
}
