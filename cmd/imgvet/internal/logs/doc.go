// Package logs writes the log of a server: text or JSON, from a level on, with the id of the
// request that a line is about. Of failures that come in floods it writes some and counts
// the rest.
package logs
