// Command imgvet-bulk judges the pictures of a bucket: on a laptop with "imgvet-bulk run", on any
// number of machines with "plan", "work" and "collect" and a NATS server between them or none,
// and as they are uploaded with "watch". docs/bulk.md in the repository is its guide.
package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/internal/cli"
)

func main() {
	os.Exit(run(cli.Signals(), program{}, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// program is what tests put in the way of the commands. Zero means nothing.
type program struct {
	beforeRead func(key string) // called before an object is read
}

// run is main without the process around it. It returns the exit code.
func run(ctx context.Context, p program, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return cli.Run(ctx, p.root(), args, stdin, stdout, stderr)
}

func (p program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "imgvet-bulk",
		Short: "Judge the pictures of a bucket, on any number of machines",
		Long: `Imgvet-bulk gives every object of a bucket the verdict of "imgvet check": one line of
JSON each. Buckets are file:///folder, s3://name?region=..., and, with the build tags
gcs and azure, gs://name and azblob://container.

The results are objects too. What is there is done: any command can be ended, or
killed, and started again.`,
		Example: `  imgvet-bulk run --bucket file:///photos --results file:///verdicts
  imgvet-bulk collect --results file:///verdicts --out verdicts.parquet`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("say what to do: run, plan, work, status, collect or watch (see \"imgvet-bulk --help\")")
		},
	}
	root.AddCommand(p.runCommand(), planCommand(), p.workCommand(), statusCommand(), collectCommand(), p.watchCommand())
	return root
}
