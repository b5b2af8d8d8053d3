//go:build cgo

package main

import (
	"bytes"

	"github.com/jdeng/goheif"
)

// goHEIC decodes as a service does that uses goheif. It is called in a process of its
// own alone: libde265 ends the process on some files.
var goHEIC = func(b []byte) error { _, err := goheif.Decode(bytes.NewReader(b)); return err }
