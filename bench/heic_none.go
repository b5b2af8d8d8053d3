//go:build !cgo

package main

import "image"

// goHEIC and decodeHEIC are nil: goheif needs cgo.
var (
	goHEIC     func([]byte) error
	decodeHEIC func([]byte) (image.Image, error)
)
