package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/pflag"
	"gocloud.dev/blob"

	"github.com/imgvet/imgvet/bulk/internal/engine"
	"github.com/imgvet/imgvet/bulk/internal/plan"
	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/bulk/internal/verify"
	"github.com/imgvet/imgvet/face"
	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/validate"
)

// maxInFlight bounds --in-flight: each object can take 10 MiB.
const maxInFlight = 4096

// failed makes an error one that is not the command line's fault.
func failed(err error) error {
	var exit cli.ExitError
	if err == nil || errors.As(err, &exit) {
		return err
	}
	return cli.Failure{Err: err}
}

// natsFlags say where the NATS server is.
type natsFlags struct {
	access   engine.Access
	settings engine.Settings
}

func (n *natsFlags) add(f *pflag.FlagSet) {
	f.StringVar(&n.access.URLs, "nats", os.Getenv("NATS_URL"), "URLs of the NATS servers, with commas between them (default: $NATS_URL)")
	f.Lookup("nats").DefValue = "" // $NATS_URL may hold a password, and --help shows defaults
	f.StringVar(&n.access.Creds, "nats-creds", "", "credentials `file` for NATS")
	f.StringVar(&n.access.CA, "nats-ca", "", "`file` of the certificates that the NATS server's must come from")
	f.StringVar(&n.access.Cert, "nats-cert", "", "client certificate `file` for NATS")
	f.StringVar(&n.access.Key, "nats-key", "", "`file` with the key of --nats-cert")
	f.DurationVar(&n.settings.AckWait, "ack-wait", engine.DefaultAckWait, "give a shard to another worker when its own has said nothing for this long; the same for all commands of a job")
	f.IntVar(&n.settings.Replicas, "replicas", 1, "of a cluster: keep the stream on this many servers")
}

func (n *natsFlags) connect(name string) (*nats.Conn, error) {
	n.access.Name = "imgvet-bulk " + name
	return engine.Connect(n.access)
}

func (n *natsFlags) open(ctx context.Context, job, name string) (*nats.Conn, *engine.Queue, error) {
	nc, err := n.connect(name)
	if err != nil {
		return nil, nil, err
	}
	q, err := engine.Open(ctx, nc, job, n.settings)
	if err != nil {
		nc.Close()
		return nil, nil, err
	}
	return nc, q, nil
}

// workFlags say how much a worker does at a time.
type workFlags struct {
	inFlight, verifications, shards int

	given *pflag.FlagSet
	program
}

func (w *workFlags) add(f *pflag.FlagSet) {
	w.given = f
	f.IntVar(&w.inFlight, "in-flight", 0, fmt.Sprintf("read this many objects at a time; each takes up to --max-bytes of memory (default: %d, for a folder twice the processors)", verify.DefaultInFlight))
	f.IntVar(&w.verifications, "verifications", 0, "verify this many objects at a time (default: as many as there are processors)")
	f.IntVar(&w.shards, "shards", 2, "work on this many shards at a time; with --index and --of it is one")
}

func (w *workFlags) problems() error {
	var errs []error
	if w.given.Changed("in-flight") && (w.inFlight < 1 || w.inFlight > maxInFlight) {
		errs = append(errs, fmt.Errorf("--in-flight %d: between 1 and %d can be had", w.inFlight, maxInFlight))
	}
	if w.verifications < 0 {
		errs = append(errs, fmt.Errorf("--verifications %d: it must not be negative", w.verifications))
	}
	if w.shards < 1 || w.shards > 64 {
		errs = append(errs, fmt.Errorf("--shards %d: between 1 and 64 can be had", w.shards))
	}
	return errors.Join(errs...)
}

// pool returns what judges the objects of a bucket by the rules of a plan.
func (w *workFlags) pool(bucket *blob.Bucket, rules plan.Rules) (*verify.Pool, error) {
	opts := rules.Options()
	if rules.Face {
		finder, err := face.New(face.Options{})
		if err != nil {
			return nil, err
		}
		opts.Faces = finder
	}
	limiter, err := validate.NewLimiter(w.verifications, 0)
	if err != nil {
		return nil, err
	}
	opts.Limiter = limiter
	return verify.New(verify.Config{Bucket: bucket, Validate: opts, InFlight: w.inFlight, Hook: w.beforeRead})
}

// logger writes what happens to stderr, a line each.
func logger(stderr io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			a.Value = slog.StringValue(a.Value.Time().UTC().Format(time.RFC3339))
		}
		return a
	}}))
}

// openResults opens the bucket of the results, and loads the plan in it.
func openResults(ctx context.Context, url string) (*blob.Bucket, plan.Head, error) {
	results, err := store.Open(ctx, url, false)
	if err != nil {
		return nil, plan.Head{}, err
	}
	h, err := plan.Load(ctx, results)
	if errors.Is(err, plan.ErrNone) {
		err = fmt.Errorf("%w in %s: \"imgvet-bulk plan\" makes one", err, store.Redacted(url))
	}
	if err != nil {
		return nil, plan.Head{}, errors.Join(err, results.Close())
	}
	return results, h, nil
}
