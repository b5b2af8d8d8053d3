// Package conform is "imgvet conform": it tries package fuzz's cases on a running
// service. It decides which services may be tried: those of this machine alone.
package conform
