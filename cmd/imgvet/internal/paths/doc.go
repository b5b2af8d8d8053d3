// Package paths decides which requests "imgvet proxy" checks, by their path. Services read
// one path in many ways, and whoever finds a way that we do not know brings a file past
// the check. So a path is checked if any reading of it that a service may have matches a
// pattern, and if it is of a kind that nobody can foresee.
package paths
