// Package listen is what "imgvet serve" and "imgvet proxy" share as servers: their flags,
// how long a client may take, and how a server begins and ends.
package listen
