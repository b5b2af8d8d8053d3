//go:build wasip1 && wasm

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// options are those of validate.Options that a host can set. 0, and what is left out, means the
// same as there.
type options struct {
	MaxBytes  int64              `json:"max_bytes"`
	MaxPixels int64              `json:"max_pixels"`
	MaxWork   int64              `json:"max_work"`
	Formats   []detect.Format    `json:"formats"`
	Tolerance validate.Tolerance `json:"tolerance"` // "strict", "normal" or "lenient"
	MinWidth  int                `json:"min_width"`
	MinHeight int                `json:"min_height"`
	MaxWidth  int                `json:"max_width"`
	MaxHeight int                `json:"max_height"`
	MinAspect float64            `json:"min_aspect"`
	MaxAspect float64            `json:"max_aspect"`
	MaxFrames int                `json:"max_frames"`
}

// parse reads options. An unknown name is an error: a misspelt limit must not be no limit.
func parse(text []byte) (validate.Options, error) {
	var o options
	if len(text) > 0 {
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&o); err != nil {
			return validate.Options{}, fmt.Errorf("options: %w", err)
		}
		if _, err := dec.Token(); !errors.Is(err, io.EOF) {
			return validate.Options{}, errors.New("options: more than one JSON value")
		}
	}
	return validate.Options{
		MaxBytes: o.MaxBytes, MaxPixels: o.MaxPixels, MaxWork: o.MaxWork, Formats: o.Formats, Tolerance: o.Tolerance,
		Rules: validate.Rules{
			MinWidth: o.MinWidth, MinHeight: o.MinHeight, MaxWidth: o.MaxWidth, MaxHeight: o.MaxHeight,
			MinAspect: o.MinAspect, MaxAspect: o.MaxAspect, MaxFrames: o.MaxFrames,
		},
	}, nil
}
