package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/bulk/internal/engine"
	"github.com/imgvet/imgvet/bulk/internal/plan"
	"github.com/imgvet/imgvet/bulk/internal/store"
)

// workCommandFlags are the flags of work.
type workCommandFlags struct {
	bucket, results, plan string
	drain                 bool
	share                 engine.Share
	work                  workFlags
	nats                  natsFlags
}

func (p program) workCommand() *cobra.Command {
	w := workCommandFlags{work: workFlags{program: p}}
	cmd := &cobra.Command{
		Use:   "work --results URL --nats URL | work --plan URL --index N --of M",
		Short: "Judge the objects of shards, and write the results",
		Long: `Work takes shards from NATS, judges their objects by the rules of the plan, and writes
the results. It goes on until it is told to end (Ctrl-C, SIGTERM); then it hands back
what it has begun. With --drain it ends when all shards are done.

With --index and --of there is no broker: each of M workers takes its share of the plan,
and ends. The index is also taken from $JOB_COMPLETION_INDEX (Kubernetes) or
$SLURM_ARRAY_TASK_ID. Started again, it goes on where it was.

Memory is bounded by --in-flight times --max-bytes of the plan.`,
		Example: `  imgvet-bulk work --results s3://verdicts?region=eu-west-1 --nats tls://queue:4222 --nats-creds worker.creds
  imgvet-bulk work --plan s3://verdicts?region=eu-west-1 --index 3 --of 64`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := w.problems(); err != nil {
				return err
			}
			ctx := cmd.Context()
			results, h, err := openResults(ctx, w.results)
			if err != nil {
				return failed(err)
			}
			defer store.Close(results)
			bucket, err := store.Open(ctx, cmp.Or(w.bucket, h.Bucket), false)
			if err != nil {
				return failed(err)
			}
			defer store.Close(bucket)
			pool, err := w.work.pool(bucket, h.Rules)
			if err != nil {
				return failed(err)
			}
			worker := &engine.Worker{Results: results, Head: h, Pool: pool, Log: logger(cmd.ErrOrStderr()), Shards: w.work.shards}
			return failed(w.do(ctx, worker, h))
		},
	}
	f := cmd.Flags()
	bucketFlags(f, &w.bucket, &w.results)
	f.StringVar(&w.plan, "plan", "", "the same as --results: the `URL` where the plan is")
	f.BoolVar(&w.drain, "drain", false, "end when all shards of the job are done")
	f.Int64Var(&w.share.Index, "index", -1, "without NATS: which share of the plan to work on, from 0")
	f.Int64Var(&w.share.Of, "of", 0, "without NATS: how many shares there are")
	w.work.add(f)
	w.nats.add(f)
	return cmd
}

// problems returns what is wrong with the command line.
func (w *workCommandFlags) problems() error {
	if w.results == "" {
		w.results = strings.TrimSuffix(w.plan, "/plan.json")
	}
	if w.results == "" {
		return errors.New("--results or --plan is needed")
	}
	if err := errors.Join(w.work.problems(), w.nats.settings.Problem()); err != nil {
		return err
	}
	if w.share.Of == 0 {
		if w.share.Index >= 0 {
			return errors.New("--index needs --of")
		}
		if w.nats.access.URLs == "" {
			return errors.New("--nats is needed, or --index and --of")
		}
		return nil
	}
	if w.share.Index < 0 {
		for _, name := range []string{"JOB_COMPLETION_INDEX", "SLURM_ARRAY_TASK_ID"} {
			if n, err := strconv.ParseInt(os.Getenv(name), 10, 64); err == nil {
				w.share.Index = n
				break
			}
		}
	}
	return w.share.Problem()
}

func (w *workCommandFlags) do(ctx context.Context, worker *engine.Worker, h plan.Head) error {
	if w.share.Of > 0 {
		return (&engine.Alone{Worker: worker, Share: w.share}).Work(ctx)
	}
	host, _ := os.Hostname()
	nc, q, err := w.nats.open(ctx, h.Job, fmt.Sprintf("worker %s %d", host, os.Getpid()))
	if err != nil {
		return err
	}
	defer nc.Close()
	err = worker.Work(ctx, q, w.drain)
	if flushErr := nc.FlushTimeout(engine.HandWait); flushErr != nil && err == nil {
		err = flushErr
	}
	return err
}
