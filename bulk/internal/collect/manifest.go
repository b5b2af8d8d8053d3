package collect

import (
	"context"
	"encoding/json"
	"strconv"

	"gocloud.dev/blob"

	"github.com/imgvet/imgvet/bulk/internal/line"
	"github.com/imgvet/imgvet/bulk/internal/plan"
	"github.com/imgvet/imgvet/bulk/internal/store"
)

const (
	manifestKey = "manifest.json"
	maxNamed    = 1000
)

// Manifest is the outcome of a job in numbers. It lies beside the parts as manifest.json.
type Manifest struct {
	Job      string           `json:"job"`
	Bucket   string           `json:"bucket"`
	Keys     int64            `json:"keys"` // of the plan
	Lines    int64            `json:"lines"`
	Good     int64            `json:"good"`
	Refused  int64            `json:"refused"`
	Failed   int64            `json:"failed"`
	Missing  int64            `json:"missing"`
	Codes    map[string]int64 `json:"codes,omitempty"`    // refusals by code
	Reasons  map[string]int64 `json:"reasons,omitempty"`  // and by reason
	Failures []Failed         `json:"failures,omitempty"` // the first 1000 objects that were not judged
}

// Failed is an object that was not judged.
type Failed struct {
	Key     string `json:"key"`
	Failure string `json:"failure"`
}

func newManifest(h plan.Head) Manifest {
	return Manifest{Job: h.Job, Bucket: h.Bucket, Keys: h.Keys, Codes: map[string]int64{}, Reasons: map[string]int64{}}
}

func (m *Manifest) add(l line.Line) {
	m.Lines++
	switch {
	case l.OK:
		m.Good++
	case l.Error != nil:
		m.Refused++
		m.Codes[strconv.Itoa(int(l.Error.Code))]++
		if _, known := m.Reasons[string(l.Reason)]; known || len(m.Reasons) < maxNamed {
			m.Reasons[string(l.Reason)]++
		}
	default:
		m.Failed++
		if len(m.Failures) < maxNamed {
			m.Failures = append(m.Failures, Failed{l.Key, l.Failure})
		}
	}
}

// Put writes the manifest beside the parts.
func (m Manifest) Put(ctx context.Context, results *blob.Bucket) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return store.Put(ctx, results, manifestKey, append(b, '\n'))
}
