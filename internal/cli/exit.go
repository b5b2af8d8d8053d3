package cli

import (
	"context"
	"fmt"
	"os"
	"syscall"
)

// Exit codes. The worst of several wins: could not read, then refused. After a
// signal it is 128 and the signal's number, as shells have it.
const (
	ExitOK      = 0
	ExitRefused = 1 // a file was read and refused
	ExitUsage   = 2 // the command line is wrong
	ExitFailed  = 3 // a file could not be read, or the server failed
	exitSignal  = 128
)

// Interrupted is the cause of a context that a signal cancelled.
type Interrupted struct{ Signal os.Signal }

func (i Interrupted) Error() string { return i.Signal.String() }

// Is reports that Interrupted counts as context.Canceled.
func (i Interrupted) Is(target error) bool { return target == context.Canceled }

// Code returns the exit code that tells of the signal.
func (i Interrupted) Code() int {
	if n, ok := i.Signal.(syscall.Signal); ok {
		return exitSignal + int(n)
	}
	return ExitFailed
}

// ExitError ends the program with a code; its text, if any, has been printed.
type ExitError int

func (e ExitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// Failure is an error that is not the command line's fault.
type Failure struct{ Err error }

func (f Failure) Error() string { return f.Err.Error() }

func (f Failure) Unwrap() error { return f.Err }
