package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// Signals returns a context that Ctrl-C or SIGTERM cancels, [Interrupted] being its cause. A
// second signal ends the program at once.
func Signals() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		s := <-signals
		signal.Stop(signals)
		cancel(Interrupted{Signal: s})
	}()
	return ctx
}

// Run runs a command with these arguments, prints its error and returns the exit code.
func Run(ctx context.Context, root *cobra.Command, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)

	err := root.ExecuteContext(ctx)
	var (
		exit   ExitError
		failed Failure
		signal Interrupted
	)
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(context.Cause(ctx), &signal):
		fmt.Fprintf(stderr, "%s: %v\n", root.Name(), signal)
		return signal.Code()
	case errors.As(err, &failed):
		complain(stderr, root.Name(), err)
		return ExitFailed
	default:
		complain(stderr, root.Name(), err)
		return ExitUsage
	}
}

// complain prints an error, each line of it quoted if a name in it could steer a
// terminal: where a shell expands "*", a stranger's file may stand for a flag.
func complain(w io.Writer, command string, err error) {
	var text []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		text = append(text, Plain(errors.New(line)))
	}
	fmt.Fprintf(w, "%s: %s\n", command, strings.Join(text, "\n"))
}
