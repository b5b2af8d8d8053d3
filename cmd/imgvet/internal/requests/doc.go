// Package requests is what happens to every request of a server before it is looked at: who
// sent it, under which id it is known, and the line in the log that tells how it ended.
package requests
