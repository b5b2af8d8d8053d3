// Package limits has the cases at the bounds of all formats: bytes, pixels, rules, and bombs.
package limits
