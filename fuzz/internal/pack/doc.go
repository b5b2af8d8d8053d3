// Package pack has the bytes that every format is written with: integers, strings of bits, and
// filler that is the same everywhere.
package pack
