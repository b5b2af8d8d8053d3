package testenv

import (
	"os"
	"slices"
	"testing"
)

// longEnv asks for the long run.
const longEnv = "IMGVET_LONG"

// Long reports whether the long run was asked for, by IMGVET_LONG=1 and not -short: every case,
// every build and every tool. Without it tests take samples, so that "go test ./..." takes
// minutes on a small machine.
func Long() bool { return os.Getenv(longEnv) != "" && !testing.Short() }

// OnlyLong skips a test that has no short form, unless one of its own variables is set.
func OnlyLong(t testing.TB, why string, own ...string) {
	t.Helper()
	if !Long() && !slices.ContainsFunc(own, func(name string) bool { return os.Getenv(name) != "" }) {
		t.Skip("SKIPPED: " + why + "; " + longEnv + "=1 runs it")
	}
}

// Count returns long in the long run, and short in any other.
func Count(long, short int) int {
	if Long() {
		return long
	}
	return short
}
