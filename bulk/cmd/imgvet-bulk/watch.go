package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/bulk/internal/line"
	"github.com/imgvet/imgvet/bulk/internal/plan"
	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/bulk/internal/watch"
	"github.com/imgvet/imgvet/internal/flags"
)

type watchFlags struct {
	bucket, name        string
	subject, durable    string
	listen, tokenFile   string
	outSubject          string
	refused, quarantine string
	rules               flags.Verdict
	work                workFlags
	nats                natsFlags
}

func (p program) watchCommand() *cobra.Command {
	w := watchFlags{work: workFlags{program: p}}
	cmd := &cobra.Command{
		Use:   "watch --bucket URL --nats URL --subject SUBJECT | watch --bucket URL --listen ADDR",
		Short: "Judge objects as they are uploaded",
		Long: `Watch takes the events of S3 (also inside those of SNS and EventBridge), MinIO and GCS
(through Pub/Sub or Eventarc), from a NATS subject or as HTTP POST requests, and prints
the line of each object that was written, or publishes it on --out-subject.

An event is only a hint: the verdict is that of the object as it is. One that comes
twice gives no second line, one of another bucket is refused, and one of a key that is
not there gives a line with a failure. A line can come twice after a restart.

--refused move moves refused objects below --quarantine, and --refused tag gives them
tags (s3:// only). An object that was written again meanwhile is left alone.`,
		Example: `  imgvet-bulk watch --bucket s3://uploads?region=eu-west-1 --nats nats://queue:4222 --subject minio.uploads --refused move
  imgvet-bulk watch --bucket s3://uploads?region=eu-west-1 --listen :8080 --token-file token --refused tag`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := w.problems(); err != nil {
				return err
			}
			return failed(w.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr()))
		},
	}
	f := cmd.Flags()
	f.StringVar(&w.bucket, "bucket", "", "`URL` of the bucket to watch")
	f.StringVar(&w.name, "bucket-name", "", "name of the bucket in events (default: that in --bucket)")
	f.StringVar(&w.subject, "subject", "", "NATS `subject` of the events")
	f.StringVar(&w.durable, "durable", "imgvet-bulk-watch", "`name` of the consumer, which all watchers of the bucket share")
	f.StringVar(&w.listen, "listen", "", "`address` to take events at by HTTP")
	f.StringVar(&w.tokenFile, "token-file", "", "`file` with the token that requests must have")
	f.StringVar(&w.outSubject, "out-subject", "", "publish the lines on this NATS `subject` instead of standard output")
	f.StringVar(&w.refused, "refused", "keep", "what becomes of refused objects: keep, move or tag")
	f.StringVar(&w.quarantine, "quarantine", "quarantine/", "`prefix` for refused objects")
	w.rules.Add(f, false)
	w.work.add(f)
	_ = f.MarkHidden("shards") // there are none
	w.nats.add(f)
	_ = cmd.MarkFlagRequired("bucket")
	return cmd
}

// problems returns what is wrong with the command line.
func (w *watchFlags) problems() error {
	var errs []error
	if (w.subject == "") == (w.listen == "") {
		errs = append(errs, errors.New("say where events come from: --subject (with --nats) or --listen"))
	}
	if (w.subject != "" || w.outSubject != "") && w.nats.access.URLs == "" {
		errs = append(errs, errors.New("--subject and --out-subject need --nats"))
	}
	if w.listen != "" && w.tokenFile == "" && !isLoopback(w.listen) {
		errs = append(errs, errors.New("--listen on an address that others reach needs --token-file"))
	}
	if w.quarantine == "" || !strings.HasSuffix(w.quarantine, "/") {
		errs = append(errs, errors.New("--quarantine must end in \"/\""))
	}
	if err := watch.Action(w.refused).Problem(); err != nil {
		errs = append(errs, fmt.Errorf("--refused: %w", err))
	}
	_, _, err := w.named()
	return errors.Join(append(errs, err, w.work.problems(), w.nats.settings.Problem(), w.rules.Options.Problems())...)
}

func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// named returns the name and the prefix of the bucket, as events have them.
func (w *watchFlags) named() (name, prefix string, err error) {
	u, err := url.Parse(w.bucket)
	if err != nil {
		return "", "", err
	}
	name = w.name
	if name == "" {
		name = u.Host
	}
	if name == "" || u.Scheme == "file" && w.name == "" {
		return "", "", errors.New("--bucket-name is needed: a folder has no name in events")
	}
	return name, u.Query().Get("prefix"), nil
}

func (w *watchFlags) run(ctx context.Context, stdout, stderr io.Writer) error {
	watcher := &watch.Watcher{Refused: watch.Action(w.refused), Quarantine: w.quarantine, Log: logger(stderr)}
	var err error
	if watcher.Name, watcher.Prefix, err = w.named(); err != nil {
		return err
	}
	if watcher.Bucket, err = store.Open(ctx, w.bucket, false); err != nil {
		return err
	}
	defer store.Close(watcher.Bucket)
	if err := watcher.Refused.ProblemWith(watcher.Bucket); err != nil {
		return fmt.Errorf("--refused: %w", err)
	}
	if watcher.Pool, err = w.work.pool(watcher.Bucket, plan.RulesOf(w.rules.Options, w.rules.Face)); err != nil {
		return err
	}
	var nc *nats.Conn
	if w.nats.access.URLs != "" {
		if nc, err = w.nats.connect("watch"); err != nil {
			return err
		}
		defer nc.Close()
	}
	watcher.Emit = func(l line.Line) error {
		b, err := l.Append(nil)
		if err != nil {
			return err
		}
		if w.outSubject != "" {
			if err := nc.Publish(w.outSubject, bytes.TrimSuffix(b, []byte("\n"))); err != nil {
				return err
			}
			return nc.FlushTimeout(10 * time.Second) // the server has it before the event is done
		}
		_, err = stdout.Write(b)
		return err
	}
	if w.subject != "" {
		return watcher.Consume(ctx, nc, w.subject, w.durable)
	}
	return w.serve(ctx, watcher, stderr)
}

// serve takes events by HTTP until ctx is done; requests that are being handled then are finished.
func (w *watchFlags) serve(ctx context.Context, watcher *watch.Watcher, stderr io.Writer) error {
	token := ""
	if w.tokenFile != "" {
		b, err := os.ReadFile(w.tokenFile)
		if err != nil {
			return err
		}
		if token = strings.TrimSpace(string(b)); token == "" {
			return fmt.Errorf("%s is empty", w.tokenFile)
		}
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", w.listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "listening on http://%s\n", l.Addr())
	server := &http.Server{
		Handler: watcher.Handler(token), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10,
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	return errors.Join(ctx.Err(), server.Shutdown(ending))
}
