// Package verify holds what the format verifiers share: their limits, the facts they learn about
// a picture, and the one type of refusal.
//
// A verifier is a function
//
//	func Verify(b []byte, lim verify.Limits) (verify.Info, error)
//
// that walks the whole of b and returns nil only if b is one well-formed picture. Its error is
// always a [*Fault]; with a Fault, Info holds what was known by then. Verifiers do no I/O, keep
// no reference to b after they return, and are safe for concurrent use.
package verify
