package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"gocloud.dev/blob"

	"github.com/imgvet/imgvet/bulk/internal/plan"
	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/bulk/internal/task"
	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/internal/flags"
)

// planFlags say what is in a plan.
type planFlags struct {
	bucket, results string
	job, keys       string
	hidden          bool
	limits          plan.Limits
	rules           flags.Verdict
}

func (p *planFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	bucketFlags(f, &p.bucket, &p.results)
	f.StringVar(&p.job, "job", "", "name of the job, for the consumer and the folders (default: a random one)")
	f.StringVar(&p.keys, "keys", "", "plan the keys in this `file` of JSON Lines instead of the whole bucket; \"-\" is standard input")
	f.BoolVar(&p.hidden, "hidden", false, "of a folder, also plan what begins with a dot")
	f.IntVar(&p.limits.Keys, "shard-keys", plan.DefaultKeys, "objects of a shard")
	f.Int64Var(&p.limits.Bytes, "shard-bytes", plan.DefaultBytes, "bytes of a shard")
	p.rules.Add(f, false)
	_ = cmd.MarkFlagRequired("bucket")
	_ = cmd.MarkFlagRequired("results")
}

func bucketFlags(f *pflag.FlagSet, bucket, results *string) {
	if bucket != nil {
		f.StringVar(bucket, "bucket", "", "`URL` of the bucket with the pictures")
	}
	f.StringVar(results, "results", "", "`URL` of the bucket for the results")
}

func planCommand() *cobra.Command {
	var p planFlags
	var n natsFlags
	cmd := &cobra.Command{
		Use:   "plan --bucket URL --results URL",
		Short: "List a bucket into shards, and hand them to the workers",
		Long: `Plan lists the bucket and writes the plan beside the results: shards of 200 objects or
256 MiB, references only, and the rules of the verdict, which all workers take from
there. A plan never changes; if there is one, it is kept. With --nats every shard
that has no result yet is published.

--keys takes the objects from a file instead: JSON Lines with a "key" and, if known, a
"size" in each, as "collect" writes them.`,
		Example: `  imgvet-bulk plan --bucket s3://photos?region=eu-west-1 --results s3://verdicts?region=eu-west-1 --nats nats://queue:4222
  jq -c 'select(.failure)' old.jsonl | imgvet-bulk plan --bucket s3://photos --results s3://again --keys -`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(p.problems(), n.settings.Problem()); err != nil {
				return err
			}
			ctx := cmd.Context()
			results, h, err := p.make(ctx, cmd.InOrStdin(), cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			defer store.Close(results)
			fmt.Fprintf(cmd.OutOrStdout(), "job %s: %d objects, %d bytes, %d shards\n", h.Job, h.Keys, h.Bytes, h.Shards)
			if n.access.URLs == "" {
				return nil
			}
			nc, q, err := n.open(ctx, h.Job, "plan")
			if err != nil {
				return failed(err)
			}
			defer nc.Close()
			if waiting, taken, err := q.Left(ctx); err != nil || waiting+taken > 0 {
				if err == nil {
					fmt.Fprintf(cmd.ErrOrStderr(), "%d shards of the job are published already; nothing is published again\n", waiting+taken)
				}
				return failed(err)
			}
			published, err := q.Publish(ctx, task.Missing(ctx, results, h))
			fmt.Fprintf(cmd.OutOrStdout(), "%d shards published\n", published)
			return failed(err)
		},
	}
	p.add(cmd)
	n.add(cmd.Flags())
	return cmd
}

// problems returns what is wrong with the command line.
func (p *planFlags) problems() error {
	var errs []error
	below, inside := store.Same(p.bucket, p.results)
	switch {
	case inside && strings.Trim(below, "/") == "":
		errs = append(errs, errors.New("the results would lie among the pictures: give them a folder, prefix or bucket of their own"))
	case inside && !strings.HasSuffix(below, "/"):
		errs = append(errs, errors.New("the prefix of results among the pictures must end in \"/\": pictures whose keys begin like it would be left out"))
	}
	if p.job != "" {
		errs = append(errs, plan.CheckJob(p.job))
	}
	return errors.Join(append(errs, p.limits.Problem(), p.rules.Options.Problems())...)
}

// make opens the results and returns their plan: the one that is there, or a new one.
func (p *planFlags) make(ctx context.Context, stdin io.Reader, stderr io.Writer) (*blob.Bucket, plan.Head, error) {
	if p.job == "" {
		p.job = "job-" + strings.ToLower(rand.Text())[:12]
	}
	bucket, err := store.Open(ctx, p.bucket, false)
	if err != nil {
		return nil, plan.Head{}, failed(err)
	}
	defer store.Close(bucket)
	results, err := store.Open(ctx, p.results, true)
	if err != nil {
		return nil, plan.Head{}, failed(err)
	}
	want := plan.Head{Job: p.job, Bucket: absolute(p.bucket), Rules: plan.RulesOf(p.rules.Options, p.rules.Face)}
	below, _ := store.Same(p.bucket, p.results)
	list := store.List(ctx, bucket, store.ListOptions{Hidden: p.hidden, Skip: below})
	if p.keys != "" {
		list = keysIn(p.keys, stdin)
	}
	h, err := plan.Make(ctx, results, want, p.limits, list)
	if errors.Is(err, plan.ErrExists) {
		err = p.check(h, want, stderr)
	}
	if err != nil {
		return nil, plan.Head{}, failed(errors.Join(err, results.Close()))
	}
	return results, h, nil
}

// check returns an error if the plan that is there is another than the one that is wanted.
func (p *planFlags) check(h, want plan.Head, stderr io.Writer) error {
	below, same := store.Same(h.Bucket, want.Bucket)
	switch {
	case !same || below != "":
		return fmt.Errorf("the results are those of another bucket, %s", cli.Printable(h.Bucket))
	case !reflect.DeepEqual(h.Rules, want.Rules):
		return errors.New("the results are planned by other rules (tolerance, formats, limits or faces): give those, or another place for the results")
	}
	fmt.Fprintf(stderr, "the plan of %s stands: %d objects; what came later is not in it\n", h.Created.Format("2006-01-02 15:04:05 UTC"), h.Keys)
	return nil
}

// absolute makes the URL of a folder one that other processes understand, without secrets.
func absolute(url string) string {
	if dir, ok := store.Folder(url); ok {
		return "file://" + filepath.ToSlash(dir)
	}
	return store.Redacted(url)
}

// keysIn yields the objects that a file of JSON Lines names.
func keysIn(name string, stdin io.Reader) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		r := stdin
		if name != cli.Stdin {
			f, err := os.Open(name)
			if err != nil {
				yield(store.Object{}, err)
				return
			}
			defer f.Close()
			r = f
		}
		scanner := bufio.NewScanner(r)
		scanner.Buffer(nil, 4<<20)
		for n := 1; scanner.Scan(); n++ {
			if len(strings.TrimSpace(scanner.Text())) == 0 {
				continue
			}
			var o struct {
				Key  string `json:"key"`
				Size int64  `json:"size"`
			}
			if err := json.Unmarshal(scanner.Bytes(), &o); err != nil || o.Key == "" || o.Size < 0 {
				yield(store.Object{}, fmt.Errorf("%s: line %d names no key", cli.Printable(name), n))
				return
			}
			if !yield(store.Object(o), nil) {
				return
			}
		}
		if err := scanner.Err(); err != nil {
			yield(store.Object{}, fmt.Errorf("%s: %w", cli.Printable(name), err))
		}
	}
}
