// Package uploads holds the flags of serve and proxy about uploads: which tokens are taken,
// what an upload may cost, and how it is read.
package uploads
