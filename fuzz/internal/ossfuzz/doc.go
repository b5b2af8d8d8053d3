// Package ossfuzz has the fuzz targets that OSS-Fuzz runs: a function for each format, and one for
// requests, that take bytes and panic where a property does not hold.
//
// The targets of "go test -fuzz" are not used there. OSS-Fuzz turns such a target into one of
// libFuzzer by a copy of its file in the package under test; most of ours stand outside that
// package, and share helpers with other tests. The properties are the same: each input gets a
// verdict, however it is read; Strict refuses exactly what Normal warns of; what is accepted has
// pixels; and what passes the middleware is what was verified.
//
// They return 1 for an input that was accepted, which go-fuzz prefers to mutate, and 0 else.
package ossfuzz
