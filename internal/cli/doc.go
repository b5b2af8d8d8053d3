// Package cli holds what the commands imgvet and imgvet-bulk say alike: exit codes and the
// errors that stand for them, signals, the flags of the tolerance and of the rules, the name
// of standard input, and how text that a stranger chose is printed on a terminal.
package cli
