// Command imgvet checks pictures against the rules of an API that takes them:
// files and folders with "imgvet check", uploads with "imgvet serve" and, before a
// service in any language, "imgvet proxy". "imgvet conform" and "imgvet corrupt"
// try how a service fares with bad pictures; "imgvet explain" tells what its codes
// mean.
//
// "imgvet check" is package internal/check, and so with every command that is named
// above. What they are made of are packages beside these: internal/walk finds files,
// internal/report writes reports (text, JSON Lines, SARIF, JUnit, HTML), internal/thumb
// makes the thumbnails in them, and internal/listen is what the servers share. What
// all commands say alike is internal/cli of the module. Here are the root and the
// manual page, which know all commands.
package main

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
	"github.com/imgvet/imgvet/cmd/imgvet/internal/proxy"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/serve"
	"github.com/imgvet/imgvet/internal/cli"
)

func main() {
	os.Exit(run(cli.Signals(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main without the process around it. It returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return cli.Run(ctx, newRoot(), args, stdin, stdout, stderr)
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
		Args:          cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("say what to do: \"imgvet check PATH...\" or \"imgvet serve\" (see \"imgvet --help\")")
		},
	}
	root.AddCommand(check.Command(), serve.Command(), proxy.Command(), conform.Command(), corrupt.Command(),
		explain.Command(), manCommand())
	return root
}
