package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/spf13/cobra"
	"gocloud.dev/blob"

	"github.com/imgvet/imgvet/bulk/internal/collect"
	"github.com/imgvet/imgvet/bulk/internal/plan"
	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/bulk/internal/task"
	"github.com/imgvet/imgvet/internal/cli"
)

func collectCommand() *cobra.Command {
	var resultsURL, out string
	var partial bool
	var n natsFlags
	cmd := &cobra.Command{
		Use:   "collect --results URL --out FILE.jsonl|FILE.parquet|FILE.sqlite|-",
		Short: "Join the results into one file, and count them against the plan",
		Long: `Collect joins the lines of all objects in the order of the plan, and writes the numbers
to manifest.json beside the results. If results are missing, there is no file unless
--partial is set; with --nats, and if no shard of the job waits or is being worked on,
the missing ones are published again.

The exit code is 0 if all objects are good, 1 if some were refused, 3 if some could not
be judged or results are missing.`,
		Example: `  imgvet-bulk collect --results file:///verdicts --out verdicts.parquet
  imgvet-bulk collect --results s3://verdicts?region=eu-west-1 --out - | jq -r 'select(.ok | not) | .key'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(collect.Problem(out), n.settings.Problem()); err != nil {
				return err
			}
			ctx := cmd.Context()
			results, h, err := openResults(ctx, resultsURL)
			if err != nil {
				return failed(err)
			}
			defer store.Close(results)
			r, err := collectTo(ctx, results, h, out, partial, cmd.OutOrStdout(), cmd.ErrOrStderr())
			if err != nil {
				return failed(err)
			}
			if len(r.Missing) > 0 && n.access.URLs != "" {
				if err := republish(ctx, &n, h, r.Missing, cmd.ErrOrStderr()); err != nil {
					return failed(err)
				}
			}
			return exitOf(r)
		},
	}
	bucketFlags(cmd.Flags(), nil, &resultsURL)
	cmd.Flags().StringVar(&out, "out", "", "the `file` to write: .jsonl, .parquet or .sqlite, or \"-\" for JSON Lines on standard output")
	cmd.Flags().BoolVar(&partial, "partial", false, "write what is there, even if results are missing")
	n.add(cmd.Flags())
	_ = cmd.MarkFlagRequired("results")
	_ = cmd.MarkFlagRequired("out")
	return cmd
}

// collectTo writes the lines to a file, and the numbers to the manifest and to stderr.
func collectTo(ctx context.Context, results *blob.Bucket, h plan.Head, out string, partial bool, stdout, stderr io.Writer) (collect.Result, error) {
	output, err := collect.Create(out, stdout)
	if err != nil {
		return collect.Result{}, err
	}
	r, err := collect.Run(ctx, results, h, output)
	whole := r.Manifest.Missing == 0
	err = errors.Join(err, output.Finish(err == nil && (whole || partial)))
	if err == nil {
		err = r.Put(ctx, results)
	}
	if err != nil {
		return r, err
	}
	fmt.Fprintf(stderr, "%d objects: %d good, %d refused, %d could not be judged", r.Keys, r.Good, r.Refused, r.Failed)
	if !whole {
		fmt.Fprintf(stderr, ", %d missing", r.Manifest.Missing)
	}
	if r.Broken > 0 {
		fmt.Fprintf(stderr, " (%d parts are broken)", r.Broken)
	}
	fmt.Fprintln(stderr)
	return r, nil
}

// republish publishes what is missing, unless the queue has shards of the job: they may be the
// missing ones.
func republish(ctx context.Context, n *natsFlags, h plan.Head, missing []task.Message, stderr io.Writer) error {
	nc, q, err := n.open(ctx, h.Job, "collect")
	if err != nil {
		return err
	}
	defer nc.Close()
	waiting, taken, err := q.Left(ctx)
	if err != nil {
		return err
	}
	if waiting+taken > 0 {
		fmt.Fprintf(stderr, "%d shards wait and %d are being worked on: nothing is published again\n", waiting, taken)
		return nil
	}
	published, err := q.Publish(ctx, each(missing))
	fmt.Fprintf(stderr, "%d shards published again\n", published)
	return err
}

func each(messages []task.Message) iter.Seq2[task.Message, error] {
	return func(yield func(task.Message, error) bool) {
		for _, m := range messages {
			if !yield(m, nil) {
				return
			}
		}
	}
}

// exitOf returns the worst that happened, as "imgvet check" does.
func exitOf(r collect.Result) error {
	switch {
	case r.Manifest.Missing > 0 || r.Failed > 0:
		return cli.ExitError(cli.ExitFailed)
	case r.Refused > 0:
		return cli.ExitError(cli.ExitRefused)
	}
	return nil
}
