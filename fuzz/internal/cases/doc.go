// Package cases says what a case is and how a format's cases are collected. The cases of each
// format stand in the folder of its name below, with those of all formats in limits and foreign.
package cases
