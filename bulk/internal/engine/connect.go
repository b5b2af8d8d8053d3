package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// Stream is the name of the stream.
	Stream  = "imgvet-bulk"
	subject = "imgvet.bulk."

	// DefaultAckWait is how long a worker may say nothing before its shard goes to another.
	DefaultAckWait = 30 * time.Second

	minAckWait  = 100 * time.Millisecond
	duplicates  = 2 * time.Minute // within which a message that is sent twice is kept once
	maxWaiting  = 4096            // workers that wait for a shard
	maxInFlight = 65536           // shards that are being worked on
)

// Access says how to reach a NATS server.
type Access struct {
	URLs, Creds, CA, Cert, Key string
	Name                       string
	Options                    []nats.Option // further ones
}

// Connect connects to a NATS server. The connection is made again, for ever, when it is lost.
func Connect(a Access) (*nats.Conn, error) {
	opts := []nats.Option{
		nats.Name(a.Name),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(500 * time.Millisecond),
		nats.ReconnectJitter(500*time.Millisecond, time.Second),
		nats.PingInterval(20 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // the default prints to standard error
	}
	if a.Creds != "" {
		opts = append(opts, nats.UserCredentials(a.Creds))
	}
	if a.CA != "" {
		opts = append(opts, nats.RootCAs(a.CA))
	}
	if a.Cert != "" || a.Key != "" {
		opts = append(opts, nats.ClientCert(a.Cert, a.Key))
	}
	nc, err := nats.Connect(a.URLs, append(opts, a.Options...)...)
	if err != nil {
		return nil, fmt.Errorf("nats: %w", err)
	}
	return nc, nil
}

// Queue is the stream and the consumer of one job.
type Queue struct {
	js       jetstream.JetStream
	job      string
	consumer jetstream.Consumer
	settings Settings
}

// Settings are the limits of the stream and the consumer. Zero means the default.
type Settings struct {
	AckWait  time.Duration
	Replicas int
}

// Problem returns what is wrong with the settings, defaults filled in.
func (s Settings) Problem() error {
	var errs []error
	if s.AckWait < minAckWait {
		errs = append(errs, fmt.Errorf("a worker must say within %v that it lives: at least %v are needed", s.AckWait, minAckWait))
	}
	if s.Replicas < 1 {
		errs = append(errs, fmt.Errorf("a stream on %d servers: at least one is needed", s.Replicas))
	}
	return errors.Join(errs...)
}

// Open makes the stream and the consumer of a job, or checks those that are there.
func Open(ctx context.Context, nc *nats.Conn, job string, s Settings) (*Queue, error) {
	if s.AckWait == 0 {
		s.AckWait = DefaultAckWait
	}
	if s.Replicas == 0 {
		s.Replicas = 1
	}
	if err := s.Problem(); err != nil {
		return nil, err
	}
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(1024))
	if err != nil {
		return nil, fmt.Errorf("nats: %w", err)
	}
	q := &Queue{js: js, job: job, settings: s}
	return q, q.ensure(ctx)
}

// ensure makes what is missing of the stream and the consumer.
func (q *Queue) ensure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	want := jetstream.StreamConfig{
		Name: Stream, Description: "shards of imgvet-bulk: references only", Subjects: []string{subject + "*"},
		Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew, Duplicates: duplicates,
		Replicas: q.settings.Replicas, Storage: jetstream.FileStorage,
	}
	stream, err := q.js.Stream(ctx, Stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = q.js.CreateStream(ctx, want)
	}
	if err != nil {
		return fmt.Errorf("nats: stream %s: %w", Stream, err)
	}
	if err := checkStream(stream.CachedInfo().Config, want); err != nil {
		return err
	}
	q.consumer, err = stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: q.job, FilterSubject: subject + q.job, AckPolicy: jetstream.AckExplicitPolicy, AckWait: q.settings.AckWait,
		MaxDeliver: -1, MaxAckPending: maxInFlight, MaxWaiting: maxWaiting, DeliverPolicy: jetstream.DeliverAllPolicy,
	})
	if err != nil {
		return fmt.Errorf("nats: consumer %s: %w", q.job, err)
	}
	return nil
}

// checkStream returns an error if a stream would lose messages, or keep them.
func checkStream(is, want jetstream.StreamConfig) error {
	var errs []error
	if is.Retention != want.Retention {
		errs = append(errs, fmt.Errorf("its retention is %v, not %v", is.Retention, want.Retention))
	}
	if is.MaxAge != 0 {
		errs = append(errs, fmt.Errorf("it forgets messages after %v", is.MaxAge))
	}
	if is.Discard != want.Discard && (is.MaxMsgs > 0 || is.MaxBytes > 0) {
		errs = append(errs, errors.New("it forgets old messages when it is full"))
	}
	covered := false
	for _, s := range is.Subjects {
		covered = covered || s == subject+"*" || s == subject+">"
	}
	if !covered {
		errs = append(errs, fmt.Errorf("its subjects %q lack %q", is.Subjects, subject+"*"))
	}
	if len(errs) > 0 {
		return fmt.Errorf("nats: the stream %s cannot be used: %w", Stream, errors.Join(errs...))
	}
	return nil
}

// Left returns how many messages wait, and how many are being worked on.
func (q *Queue) Left(ctx context.Context) (waiting, taken int64, err error) {
	info, err := q.consumer.Info(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("nats: consumer %s: %w", q.job, err)
	}
	return int64(info.NumPending), int64(info.NumAckPending), nil
}

// Remove deletes the consumer and the messages of the job, when it is done.
func (q *Queue) Remove(ctx context.Context) error {
	stream, err := q.js.Stream(ctx, Stream)
	if err == nil {
		err = stream.Purge(ctx, jetstream.WithPurgeSubject(subject+q.job))
	}
	if err == nil {
		err = stream.DeleteConsumer(ctx, q.job)
	}
	if err != nil {
		return fmt.Errorf("nats: %w", err)
	}
	return nil
}
