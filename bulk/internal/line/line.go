// Package line has the line of one object: a verdict, and what identifies the object.
package line

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/imgvet/imgvet/validate"
)

// Line is the verdict of one object, as one line of JSON: that of "imgvet check --json" with members
// added. File is the key; of a folder it is the file's name below the folder.
type Line struct {
	validate.Verdict
	Key     string `json:"key"`
	ETag    string `json:"etag,omitempty"`    // of the bytes that were judged
	Version string `json:"version,omitempty"` // S3's version, GCS's generation, if there is one
}

// Append appends the line, with its line feed, to b.
func (l Line) Append(b []byte) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false) // as imgvet check writes it
	if err := enc.Encode(l); err != nil {
		return b, err
	}
	return append(b, out.Bytes()...), nil
}

// Parse reads one line, and holds it to what every line has: a key, and exactly one of a
// verdict, a refusal and a failure.
func Parse(b []byte) (Line, error) {
	var l Line
	if err := json.Unmarshal(b, &l); err != nil {
		return Line{}, fmt.Errorf("line: %w", err)
	}
	outcomes := 0
	for _, is := range []bool{l.OK, l.Error != nil, l.Failure != ""} {
		if is {
			outcomes++
		}
	}
	if l.Key == "" || outcomes != 1 {
		return Line{}, fmt.Errorf("line: no line of a verdict: %.200q", b)
	}
	return l, nil
}
