// Command imgvet checks pictures against the rules of an API that takes them:
// files and folders with "imgvet check", uploads with "imgvet serve" and, before a
// service in any language, "imgvet proxy". "imgvet conform" and "imgvet corrupt"
// try how a service fares with bad pictures; "imgvet explain" tells what its codes
// mean.
//
// "imgvet check" is package internal/check, and so with every command that is named
// above. What they are made of are packages beside these: internal/walk finds files,
// internal/report writes reports (text, JSON Lines, SARIF, JUnit, HTML), internal/thumb
// makes the thumbnails in them, internal/listen is what the servers share, and
// internal/cli what all commands say alike. Here are the root, the exit code and the
// manual page, which know all commands.
package main

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

	"github.com/imgvet/imgvet/cmd/imgvet/internal/check"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/cli"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/conform"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/corrupt"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/explain"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/proxy"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/serve"
)

func main() {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		s := <-signals
		signal.Stop(signals) // a second one ends the program at once
		cancel(cli.Interrupted{Signal: s})
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main without the process around it. It returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)

	err := root.ExecuteContext(ctx)
	var (
		exit   cli.ExitError
		failed cli.Failure
		signal cli.Interrupted
	)
	switch {
	case err == nil:
		return cli.ExitOK
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(context.Cause(ctx), &signal):
		fmt.Fprintln(stderr, "imgvet:", signal)
		return signal.Code()
	case errors.As(err, &failed):
		complain(stderr, err)
		return cli.ExitFailed
	default:
		complain(stderr, err)
		return cli.ExitUsage
	}
}

// complain prints an error, each line of it quoted if a name in it could steer a
// terminal: where a shell expands "*", a stranger's file may stand for a flag.
func complain(w io.Writer, err error) {
	var text []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		text = append(text, cli.Plain(errors.New(line)))
	}
	fmt.Fprintln(w, "imgvet:", strings.Join(text, "\n"))
}

// newRoot returns the command with all its commands.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "imgvet",
		Short: "Tell whole, decodable pictures from everything else",
		Long: `Imgvet tells whether a file is one whole, decodable picture (PNG, JPEG, HEIC, BMP
or WebP of less than 10 MB), without decoding it, and answers uploads that are not
with the API's documented errors.`,
		Example: `  imgvet check photos/
  imgvet serve
  imgvet explain 5`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cli.KnownCommand,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("say what to do: \"imgvet check PATH...\" or \"imgvet serve\" (see \"imgvet --help\")")
		},
	}
	root.SetFlagErrorFunc(cli.FlagError)
	root.AddCommand(check.Command(), serve.Command(), proxy.Command(), conform.Command(), corrupt.Command(),
		explain.Command(), manCommand())
	return root
}
