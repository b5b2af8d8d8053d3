// Package detect tells which of the five formats the first bytes of a file
// claim to be, by content alone.
package detect
