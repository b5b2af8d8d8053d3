// Package cputime tells how much processor time this process has used. Tests and
// benchmarks measure with it: a busy neighbour lengthens that less than the time on
// the wall.
package cputime
