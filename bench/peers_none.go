//go:build !cgo || !peers

package main

// peers returns none: they need cgo, the build tag peers, and the libraries.
func peers() []library { return nil }
