// Package admin answers whoever looks after a server: is it alive, is it ready, and what has
// it done.
package admin
