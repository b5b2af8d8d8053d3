// Package cli holds what every command of imgvet says alike: exit codes and the
// errors that stand for them, the name of standard input, and how text that a stranger
// chose is printed on a terminal.
package cli
