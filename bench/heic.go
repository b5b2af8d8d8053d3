//go:build cgo

package main

import (
	"bytes"

	"github.com/jdeng/goheif"
)

// goHEIC decodes in this process, as a service does that uses goheif.
var goHEIC = func(b []byte) error { _, err := goheif.Decode(bytes.NewReader(b)); return err }
