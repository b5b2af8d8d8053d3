package root

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
	"github.com/imgvet/imgvet/cmd/imgvet/internal/health"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/proxy"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/serve"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/telemetry"
)

// Main is the program: it ends with the exit code. open makes what the servers export.
func Main(open telemetry.Open) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		s := <-signals
		signal.Stop(signals) // a second one ends the program at once
		cancel(cli.Interrupted{Signal: s})
	}()
	os.Exit(Run(ctx, open, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Run is Main without the process around it. It returns the exit code.
func Run(ctx context.Context, open telemetry.Open, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := New(open)
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

// New returns the command with all its commands.
func New(open telemetry.Open) *cobra.Command {
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
	root.AddCommand(check.Command(), serve.Command(open), proxy.Command(open), conform.Command(), corrupt.Command(),
		explain.Command(), health.Command(), manCommand())
	return root
}
