//go:build !amd64 || purego

package cpu

// Vector tells whether packages may use their vector code.
func Vector() bool { return false }
