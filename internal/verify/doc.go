// Package verify holds what the format verifiers share: the limits they work
// under, the facts they learn about a picture, and the one shape in which they
// refuse a file.
//
// A verifier is a function
//
//	func Verify(b []byte, lim verify.Limits) (verify.Info, error)
//
// that walks the whole of b and returns nil only if b is one well-formed
// picture. Its error is always a [*Fault]. Info is filled as far as it is known
// when a Fault is returned. Verifiers do no I/O, keep no reference to b after
// they return, and are safe for concurrent use.
package verify
