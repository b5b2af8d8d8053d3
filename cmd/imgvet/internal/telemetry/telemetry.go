package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"

	"github.com/VictoriaMetrics/metrics"

	"github.com/imgvet/imgvet/middleware"
)

// Exporter takes what the middleware tells, and hands it on.
type Exporter interface {
	// Use sets Observe and Trace.
	Use(opts *middleware.Options)
	// Watch exports what m holds.
	Watch(m *middleware.Middleware)
	// Wrap returns next with a span for each request, where spans are exported.
	Wrap(next http.Handler) http.Handler
	// Metrics answers a scrape by Prometheus.
	Metrics() http.Handler
	// Shutdown sends what has not been sent.
	Shutdown(ctx context.Context) error
}

// Open makes an Exporter. log gets what goes wrong later.
type Open func(ctx context.Context, log *slog.Logger) (Exporter, error)

// exporter is the Exporter of every build.
type exporter struct {
	set   *metrics.Set
	wait  *metrics.PrometheusHistogram
	mu    sync.Mutex
	vets  []*middleware.Middleware
	watch sync.Once
}

// Prometheus is an Open for metrics alone.
func Prometheus(context.Context, *slog.Logger) (Exporter, error) {
	e := &exporter{set: metrics.NewSet()}
	e.wait = e.set.NewPrometheusHistogramExt("imgvet_wait_seconds", exponential(0.0005, 15))
	return e, nil
}

// exponential returns n bounds of buckets, each twice the one before.
func exponential(first float64, n int) []float64 {
	bounds := make([]float64, n)
	for i := range bounds {
		bounds[i], first = first, first*2
	}
	return bounds
}

func (e *exporter) Use(opts *middleware.Options) { opts.Observe = e.observe }

// observe counts a file. No label comes from a client's bytes.
func (e *exporter) observe(_ *http.Request, o middleware.Observation) {
	outcome, format := string(o.Outcome), string(o.Result.Format)
	var code, reason, status string
	// Another file's code and status must not be counted for an unjudged file.
	if f := o.Refusal; f != nil && (o.Outcome == middleware.Refused || o.Outcome == middleware.Failed) {
		code, reason, status = strconv.Itoa(f.Code()), f.Reason(), strconv.Itoa(f.Status)
		if f.Verdict != nil && format == "" {
			format = string(f.Verdict.Format)
		}
	}
	e.set.GetOrCreateCounter(fmt.Sprintf("imgvet_files_total{outcome=%q,format=%q,code=%q,reason=%q,status=%q}",
		outcome, format, code, reason, status)).Inc()
	if o.NoFile {
		return
	}
	histogram := func(name, label, value string, bounds []float64) *metrics.PrometheusHistogram {
		return e.set.GetOrCreatePrometheusHistogramExt(fmt.Sprintf("%s{%s=%q}", name, label, value), bounds)
	}
	histogram("imgvet_file_bytes", "outcome", outcome, exponential(16<<10, 11)).Update(float64(o.Size))
	histogram("imgvet_check_seconds", "outcome", outcome, exponential(0.002, 16)).Update(o.Duration.Seconds())
	if o.Wait > 0 || o.Verify > 0 {
		e.wait.Update(o.Wait.Seconds())
	}
	if o.Verify > 0 {
		histogram("imgvet_verify_seconds", "format", format, exponential(0.0005, 14)).Update(o.Verify.Seconds())
	}
}

func (e *exporter) Watch(m *middleware.Middleware) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.vets = append(e.vets, m)
	e.watch.Do(func() {
		for name, of := range gauges() {
			e.set.NewGauge("imgvet_"+name, func() float64 { return e.sum(of) })
		}
	})
}

// gauges returns numbers of middleware.Stats by name.
func gauges() map[string]func(middleware.Stats) int64 {
	return map[string]func(middleware.Stats) int64{
		"memory_bytes":          func(s middleware.Stats) int64 { return s.Memory },
		"memory_limit_bytes":    func(s middleware.Stats) int64 { return s.MaxMemory },
		"memory_kept_bytes":     func(s middleware.Stats) int64 { return s.Kept },
		"temp_bytes":            func(s middleware.Stats) int64 { return s.TempBytes },
		"temp_limit_bytes":      func(s middleware.Stats) int64 { return s.MaxTempBytes },
		"verifications":         func(s middleware.Stats) int64 { return int64(s.Verifying) },
		"verifications_limit":   func(s middleware.Stats) int64 { return int64(s.MaxVerifications) },
		"verifications_waiting": func(s middleware.Stats) int64 { return int64(s.Waiting) },
		"clients":               func(s middleware.Stats) int64 { return int64(s.Clients) },
	}
}

// sum adds a number up over all that is watched.
func (e *exporter) sum(of func(middleware.Stats) int64) float64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	var n int64
	for _, m := range e.vets {
		n += of(m.Stats())
	}
	return float64(n)
}

func (e *exporter) Wrap(next http.Handler) http.Handler { return next }

func (e *exporter) Metrics() http.Handler {
	metrics.ExposeMetadata(true)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		e.set.WritePrometheus(w)
		metrics.WriteProcessMetrics(w)
	})
}

func (e *exporter) Shutdown(context.Context) error { return nil }
