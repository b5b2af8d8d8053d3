// Package seeds holds the small pictures whose entropy coding needs an encoder. How they were
// made stands in files/README.md.
package seeds
