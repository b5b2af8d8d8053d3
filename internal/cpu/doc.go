// Package cpu tells which vector instructions this processor has, for packages
// whose hot loops are also written in assembly.
//
// There is nothing to set: under the build tag purego, and on processors other
// than amd64, it knows of none, and such packages use their plain Go.
package cpu
