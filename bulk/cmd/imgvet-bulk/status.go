package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/bulk/internal/task"
	"github.com/imgvet/imgvet/internal/cli"
)

// status is what "status --json" prints.
type status struct {
	Job     string `json:"job"`
	Keys    int64  `json:"keys"`
	Done    int64  `json:"done"`
	Shards  int64  `json:"shards"`
	Ready   int64  `json:"shards_done"`
	Halved  int64  `json:"shards_halved"`
	Waiting *int64 `json:"waiting,omitempty"` // in the queue
	Taken   *int64 `json:"taken,omitempty"`
}

func statusCommand() *cobra.Command {
	var resultsURL string
	var asJSON bool
	var n natsFlags
	cmd := &cobra.Command{
		Use:   "status --results URL",
		Short: "Say how far a job is",
		Long: `Status counts the results that are there against the plan; with --nats it also says
how many shards wait and how many are being worked on. The exit code is 0 if all is
done, and 3 if not.`,
		Example: `  imgvet-bulk status --results s3://verdicts?region=eu-west-1 --nats nats://queue:4222`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := n.settings.Problem(); err != nil {
				return err
			}
			ctx := cmd.Context()
			results, h, err := openResults(ctx, resultsURL)
			if err != nil {
				return failed(err)
			}
			defer store.Close(results)
			p, err := task.Count(ctx, results, h)
			if err != nil {
				return failed(err)
			}
			s := status{Job: h.Job, Keys: p.Keys, Done: p.DoneKeys, Shards: p.Shards, Ready: p.DoneShards, Halved: p.Halved}
			if n.access.URLs != "" {
				nc, q, err := n.open(ctx, h.Job, "status")
				if err != nil {
					return failed(err)
				}
				defer nc.Close()
				waiting, taken, err := q.Left(ctx)
				if err != nil {
					return failed(err)
				}
				s.Waiting, s.Taken = &waiting, &taken
			}
			if err := s.print(cmd, asJSON); err != nil {
				return failed(err)
			}
			if s.Done < s.Keys {
				return cli.ExitError(cli.ExitFailed)
			}
			return nil
		},
	}
	bucketFlags(cmd.Flags(), nil, &resultsURL)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	n.add(cmd.Flags())
	_ = cmd.MarkFlagRequired("results")
	return cmd
}

func (s status) print(cmd *cobra.Command, asJSON bool) error {
	out := cmd.OutOrStdout()
	if asJSON {
		return json.NewEncoder(out).Encode(s)
	}
	_, err := fmt.Fprintf(out, "job %s: %d of %d objects done, %d of %d shards", s.Job, s.Done, s.Keys, s.Ready, s.Shards)
	if s.Halved > 0 {
		fmt.Fprintf(out, ", %d halved", s.Halved)
	}
	if s.Waiting != nil {
		fmt.Fprintf(out, "; %d wait, %d are being worked on", *s.Waiting, *s.Taken)
	}
	fmt.Fprintln(out)
	return err
}
