// Package icc tells whether a colour profile can be read at all (ICC.1:2022, 7.2). It judges the
// header and no tag: each viewer decides what a broken tag means.
package icc

import "encoding/binary"

const (
	headerSize  = 128
	tagCount    = 4 // bytes after the header
	signatureAt = 36
	signature   = "acsp"
)

// Problem says what is wrong with the profile p, or "".
func Problem(p []byte) string { return HeadProblem(p, len(p)) }

// HeadProblem is Problem for a profile of size bytes that begins with p: its first 132 bytes at
// least, or the whole profile if it is shorter.
func HeadProblem(p []byte, size int) string {
	switch {
	case len(p) == 0:
		return "ICC profile is empty"
	case len(p) < headerSize+tagCount:
		return "ICC profile is cut"
	case string(p[signatureAt:signatureAt+len(signature)]) != signature:
		return "no ICC profile"
	case uint64(binary.BigEndian.Uint32(p)) > uint64(size):
		return "ICC profile is cut"
	}
	return ""
}
