// Package verify holds what the format verifiers share: the file as it arrives, their limits, the
// facts they learn about a picture, and the one type of refusal.
//
// A verifier is a function
//
//	func VerifyInput(in *verify.Input, lim verify.Limits) (verify.Info, error)
//
// that walks the whole file and returns nil only if it is one well-formed picture. Its error is a
// [*Fault], with which Info holds what was known by then, or the error of in. Verifiers do no
// I/O, keep no reference to the file after they return, and are safe for concurrent use.
//
// What a verifier reads may depend on the file, and never on how much of it has arrived. It waits
// ([Input.Reach]) for the bytes that it needs, and takes the end of what it sees for the end of
// the file only after Reach has said so. [Judge] then makes the verdict that of the whole file.
package verify
