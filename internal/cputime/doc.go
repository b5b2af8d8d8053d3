// Package cputime tells how much processor time this process has used. Tests and benchmarks
// measure it because a busy machine distorts it less than wall-clock time.
package cputime
