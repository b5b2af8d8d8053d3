//go:build cgo

package main

import (
	"bytes"
	"image"

	"github.com/jdeng/goheif"
)

// goHEIC decodes in this process, as a service does that uses goheif.
var goHEIC = func(b []byte) error { _, err := decodeHEIC(b); return err }

var decodeHEIC = func(b []byte) (image.Image, error) { return goheif.Decode(bytes.NewReader(b)) }
