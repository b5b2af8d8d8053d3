//go:build !cgo

package main

// goHEIC is nil: goheif needs cgo.
var goHEIC func([]byte) error
