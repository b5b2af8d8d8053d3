// Package cli holds what the commands imgvet and imgvet-bulk say alike: exit codes and the
// errors that stand for them, signals, what is said of a wrong command
// line, the name of standard input, and how text that a stranger chose is printed on a terminal.
package cli
