// Command imgvet checks pictures against the rules of an API that takes them:
// files and folders with "imgvet check", uploads with "imgvet serve" and, before a
// service in any language, "imgvet proxy". "imgvet conform" and "imgvet corrupt"
// try how a service fares with bad pictures.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/heic"
)

// Exit codes. The worst of several wins: could not read, then refused.
const (
	exitOK      = 0
	exitRefused = 1 // a file was read and refused
	exitUsage   = 2 // the command line is wrong
	exitFailed  = 3 // a file could not be read, or the server failed
)

func main() {
	heic.ServeWorker() // in a child that decodes one HEIC picture, this is where main ends
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// exitError ends the program with a code; its text, if any, has been printed.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// failure is an error that is not the command line's fault.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

// run is main without the process around it. It returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:           "imgvet",
		Short:         "Tell whole, decodable pictures from everything else",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return errors.New("say what to do: \"imgvet check PATH...\" or \"imgvet serve\" (see \"imgvet --help\")")
		},
	}
	root.AddCommand(checkCommand(), serveCommand(), proxyCommand(), conformCommand(), corruptCommand())
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)

	err := root.ExecuteContext(ctx)
	var (
		exit   exitError
		failed failure
	)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(err, &failed):
		fmt.Fprintln(stderr, "imgvet:", err)
		return exitFailed
	default:
		fmt.Fprintln(stderr, "imgvet:", err)
		return exitUsage
	}
}
