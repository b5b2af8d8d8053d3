package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"gocloud.dev/blob"

	"github.com/imgvet/imgvet/bulk/internal/collect"
	"github.com/imgvet/imgvet/bulk/internal/engine"
	"github.com/imgvet/imgvet/bulk/internal/plan"
	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/bulk/internal/task"
	"github.com/imgvet/imgvet/internal/cli"
)

// maxPasses is how often run publishes what is missing. One is the rule; another is for parts that
// somebody removed or broke meanwhile.
const maxPasses = 5

// runAckWait is AckWait where the only worker is this process: after a crash it is how long the next
// run waits for the shards of the last.
const runAckWait = 10 * time.Second

type runFlags struct {
	plan  planFlags
	work  workFlags
	state string
	out   string
}

func (p program) runCommand() *cobra.Command {
	r := runFlags{work: workFlags{program: p}}
	cmd := &cobra.Command{
		Use:   "run --bucket URL --results URL",
		Short: "Judge all objects of a bucket, on this machine",
		Long: `Run is plan, work and collect in one process, the NATS server included. Ended or
killed, and run again, it goes on where it was: what has a result is not judged again.
A plan that is there stands, so objects that came later are not in it.

An object that ends the process (for want of memory, say) is found by running again: the
shard that was being read is halved each time it ends two runs.

The exit code is 0 if all objects are good, 1 if some were refused, 3 if some could not
be judged.`,
		Example: `  imgvet-bulk run --bucket file:///photos --results file:///verdicts
  imgvet-bulk run --bucket s3://photos?region=eu-west-1 --results file:///verdicts --in-flight 64 --out verdicts.parquet`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return r.run(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	r.plan.add(cmd)
	r.work.add(cmd.Flags())
	cmd.Flags().StringVar(&r.state, "state", "", "`folder` for the state of the engine (default: one in the user's cache folder, by the results)")
	cmd.Flags().StringVar(&r.out, "out", "", "also collect the lines into this `file`: .jsonl, .parquet or .sqlite, or \"-\"")
	return cmd
}

func (r *runFlags) run(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) error {
	if err := errors.Join(r.plan.problems(), r.work.problems(), collect.Problem(r.out)); err != nil {
		return err
	}
	results, h, err := r.plan.make(ctx, stdin, stderr)
	if err != nil {
		return err
	}
	defer store.Close(results)
	bucket, err := store.Open(ctx, r.plan.bucket, false)
	if err != nil {
		return failed(err)
	}
	defer store.Close(bucket)
	var again []task.Message
	for pass := 1; ; pass++ {
		if err := r.judge(ctx, bucket, results, h, again, stderr); err != nil {
			return failed(err)
		}
		out := r.out
		if out == cli.Stdin { // what is printed cannot be taken back: count first
			out = ""
		}
		c, err := collectTo(ctx, results, h, out, false, stdout, stderr)
		if err != nil {
			return failed(err)
		}
		if again = c.Missing; len(again) > 0 && pass < maxPasses {
			continue
		}
		if out != r.out {
			_, err = collectTo(ctx, results, h, r.out, false, stdout, io.Discard)
		}
		return failed(errors.Join(err, exitOf(c)))
	}
}

// judge works until nothing is missing, and on what is to be done again: parts that are there, but
// broken.
func (r *runFlags) judge(ctx context.Context, bucket, results *blob.Bucket, h plan.Head, again []task.Message, stderr io.Writer) error {
	state, err := r.stateFolder(h)
	if err != nil {
		return err
	}
	unlock, err := lock(state)
	if err != nil {
		return err
	}
	defer unlock()
	count, err := task.Count(ctx, results, h)
	if err != nil {
		return err
	}
	if count.DoneKeys == h.Keys && len(again) == 0 {
		return os.RemoveAll(filepath.Join(state, "jetstream"))
	}
	if count.DoneKeys > 0 {
		fmt.Fprintf(stderr, "%d of %d objects are done already\n", count.DoneKeys, h.Keys)
	}
	pool, err := r.work.pool(bucket, h.Rules)
	if err != nil {
		return err
	}
	server, err := engine.Embed(state)
	if err != nil {
		return err
	}
	closed := false
	defer func() {
		if !closed {
			server.Close()
		}
	}()
	q, err := engine.Open(ctx, server.Conn, h.Job, engine.Settings{AckWait: runAckWait})
	if err != nil {
		return err
	}
	p := newProgress(stderr, h.Keys, count.DoneKeys)
	showing, stop := context.WithCancel(ctx)
	wait := p.show(showing)
	worker := &engine.Worker{Results: results, Head: h, Pool: pool, Log: logger(stderr), Shards: r.work.shards, Done: p.add}
	err = passes(ctx, q, worker, again)
	stop()
	wait()
	if err == nil {
		err = q.Remove(ctx)
	}
	server.Close()
	closed = true
	if err == nil {
		err = os.RemoveAll(filepath.Join(state, "jetstream"))
	}
	return err
}

// passes publishes what is missing, and works on it, until nothing is.
func passes(ctx context.Context, q *engine.Queue, w *engine.Worker, again []task.Message) error {
	published, err := q.Publish(ctx, each(again))
	if err != nil {
		return err
	}
	for range maxPasses {
		waiting, taken, err := q.Left(ctx)
		if err != nil {
			return err
		}
		if published+waiting+taken == 0 {
			if published, err = q.Publish(ctx, task.Missing(ctx, w.Results, w.Head)); err != nil || published == 0 {
				return err
			}
		}
		if err := w.Work(ctx, q, true); err != nil {
			return err
		}
		published = 0
	}
	return errors.New("results vanish as soon as they are written: does another program write there?")
}

// stateFolder returns where the embedded server keeps its stream: one folder for each place of
// results, on this machine.
func (r *runFlags) stateFolder(h plan.Head) (string, error) {
	state := r.state
	if state == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			cache = os.TempDir() // a container may have no home
		}
		sum := sha256.Sum256([]byte(absolute(r.plan.results) + "\n" + h.Job))
		state = filepath.Join(cache, "imgvet-bulk", hex.EncodeToString(sum[:8]))
	}
	return state, os.MkdirAll(state, 0o700)
}
