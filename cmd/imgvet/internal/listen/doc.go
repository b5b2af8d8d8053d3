// Package listen is what "imgvet serve" and "imgvet proxy" share as servers: how long
// a client may take, how a server ends, and which tokens it takes.
package listen
