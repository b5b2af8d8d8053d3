// Package flags holds the flags that check, serve and proxy share: what a file must
// satisfy, and how sizes, ratios and lists of formats are written.
package flags
