package root

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/check"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/conform"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/corrupt"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/explain"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/health"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/proxy"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/serve"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/telemetry"
	"github.com/imgvet/imgvet/internal/cli"
)

// Main runs the command and ends the process. open opens what metrics and spans are exported to.
func Main(open telemetry.Open) {
	os.Exit(Run(cli.Signals(), open, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Run is Main without the process around it. It returns the exit code.
func Run(ctx context.Context, open telemetry.Open, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return cli.Run(ctx, New(open), args, stdin, stdout, stderr)
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
		Version:       cli.Build(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cli.KnownCommand,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("say what to do: \"imgvet check PATH...\" or \"imgvet serve\" (see \"imgvet --help\")")
		},
	}
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.SetFlagErrorFunc(cli.FlagError)
	root.AddCommand(check.Command(), serve.Command(open), proxy.Command(open), conform.Command(), corrupt.Command(),
		explain.Command(), health.Command(), manCommand())
	return root
}
