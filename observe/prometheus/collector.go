package prometheus

import (
	"net/http"
	"strconv"
	"sync"

	client "github.com/prometheus/client_golang/prometheus"

	"github.com/imgvet/imgvet/middleware"
)

// Collector holds the metrics of every Middleware whose Options.Observe is its Observe method.
// It is a prometheus.Collector, and safe for concurrent use.
//
//   - imgvet_files_total{outcome,format,code,reason,status} counts files, and
//     requests that were refused before their first file. code, reason and status are
//     those of the answer where outcome is "refused" or "failed", else empty. reason is
//     middleware.Refusal.Reason: for a 503, what ran out.
//   - imgvet_file_bytes{outcome} is a histogram of the bytes received of each file.
//   - imgvet_wait_seconds is a histogram of the time that a file waited for one of
//     Options.MaxVerifications, of the files that got that far.
//   - imgvet_verify_seconds{format} is a histogram of the time spent in verification,
//     of the files that got that far.
//   - imgvet_check_seconds{outcome} is a histogram of the time from the headers to the
//     end of the check, once a file, the client's upload included.
//
// The histograms leave out requests that ended before their first file. After Watch there are
// gauges too, of what is in use and how much of it there is:
//
//   - imgvet_memory_bytes, imgvet_memory_limit_bytes and imgvet_memory_kept_bytes: bodies
//     in memory, and buffers kept for the next;
//   - imgvet_temp_bytes, imgvet_temp_limit_bytes: bodies in temporary files;
//   - imgvet_verifications, imgvet_verifications_limit: at work;
//   - imgvet_verifications_waiting: complete requests in the queue for one;
//   - imgvet_clients: clients with an upload in progress.
type Collector struct {
	files  *client.CounterVec
	bytes  *client.HistogramVec
	wait   client.Histogram
	verify *client.HistogramVec
	check  *client.HistogramVec

	mu      sync.Mutex
	watched []*middleware.Middleware
}

var _ client.Collector = (*Collector)(nil)

// New returns a Collector, ready to be registered.
func New() *Collector {
	return &Collector{
		files: client.NewCounterVec(client.CounterOpts{
			Name: "imgvet_files_total", Help: "Files by what became of them.",
		}, []string{"outcome", "format", "code", "reason", "status"}),
		bytes: client.NewHistogramVec(client.HistogramOpts{
			Name: "imgvet_file_bytes", Help: "Bytes received of a file.",
			Buckets: client.ExponentialBuckets(16<<10, 2, 11), // to 16 MiB
		}, []string{"outcome"}),
		wait: client.NewHistogram(client.HistogramOpts{
			Name: "imgvet_wait_seconds", Help: "Time that a file waited for a verification to become free.",
			Buckets: client.ExponentialBuckets(0.0005, 2, 15), // to 8 s
		}),
		verify: client.NewHistogramVec(client.HistogramOpts{
			Name: "imgvet_verify_seconds", Help: "Time in verification of a file, hooks included.",
			Buckets: client.ExponentialBuckets(0.0005, 2, 14), // to 4 s
		}, []string{"format"}),
		check: client.NewHistogramVec(client.HistogramOpts{
			Name: "imgvet_check_seconds", Help: "Time from a request's headers to the end of its check, upload included.",
			Buckets: client.ExponentialBuckets(0.002, 2, 16), // to 65 s
		}, []string{"outcome"}),
	}
}

// Observe is for middleware.Options.Observe.
func (c *Collector) Observe(_ *http.Request, o middleware.Observation) {
	outcome, format := string(o.Outcome), string(o.Result.Format)
	var code, reason, status string
	// Another file's code and status must not be counted for an unjudged file.
	if f := o.Refusal; f != nil && (o.Outcome == middleware.Refused || o.Outcome == middleware.Failed) {
		code, reason, status = strconv.Itoa(f.Code()), f.Reason(), strconv.Itoa(f.Status)
		if f.Verdict != nil && format == "" {
			format = string(f.Verdict.Format)
		}
	}
	c.files.WithLabelValues(outcome, format, code, reason, status).Inc()
	if o.NoFile {
		return
	}
	c.bytes.WithLabelValues(outcome).Observe(float64(o.Size))
	c.check.WithLabelValues(outcome).Observe(o.Duration.Seconds())
	if o.Wait > 0 || o.Verify > 0 {
		c.wait.Observe(o.Wait.Seconds())
	}
	if o.Verify > 0 {
		c.verify.WithLabelValues(format).Observe(o.Verify.Seconds())
	}
}

// Watch adds what m holds to the gauges. Middlewares that its With made share m's budgets: watch
// one of them.
func (c *Collector) Watch(m *middleware.Middleware) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watched = append(c.watched, m)
}

// gauge is a number of middleware.Stats.
type gauge struct {
	desc *client.Desc
	of   func(middleware.Stats) int64
}

func newGauge(name, help string, of func(middleware.Stats) int64) gauge {
	return gauge{client.NewDesc("imgvet_"+name, help, nil, nil), of}
}

// gauges returns all of them.
func gauges() []gauge {
	type stats = middleware.Stats
	return []gauge{
		newGauge("memory_bytes", "Memory that bodies hold.", func(s stats) int64 { return s.Memory }),
		newGauge("memory_limit_bytes", "Memory that bodies may hold.", func(s stats) int64 { return s.MaxMemory }),
		newGauge("memory_kept_bytes", "Memory of buffers that are kept for the next bodies.", func(s stats) int64 { return s.Kept }),
		newGauge("temp_bytes", "Bytes of bodies in temporary files.", func(s stats) int64 { return s.TempBytes }),
		newGauge("temp_limit_bytes", "Bytes that temporary files may hold.", func(s stats) int64 { return s.MaxTempBytes }),
		newGauge("verifications", "Verifications at work.", func(s stats) int64 { return int64(s.Verifying) }),
		newGauge("verifications_limit", "Verifications that may be at work.", func(s stats) int64 { return int64(s.MaxVerifications) }),
		newGauge("verifications_waiting", "Complete requests that wait for a verification.", func(s stats) int64 { return int64(s.Waiting) }),
		newGauge("clients", "Clients with an upload in progress.", func(s stats) int64 { return int64(s.Clients) }),
	}
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *client.Desc) {
	for _, m := range c.all() {
		m.Describe(ch)
	}
	for _, g := range gauges() {
		ch <- g.desc
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(ch chan<- client.Metric) {
	for _, m := range c.all() {
		m.Collect(ch)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.watched) == 0 {
		return
	}
	var all []middleware.Stats
	for _, m := range c.watched {
		all = append(all, m.Stats())
	}
	for _, g := range gauges() {
		var sum int64
		for _, s := range all {
			sum += g.of(s)
		}
		ch <- client.MustNewConstMetric(g.desc, client.GaugeValue, float64(sum))
	}
}

func (c *Collector) all() []client.Collector {
	return []client.Collector{c.files, c.bytes, c.wait, c.verify, c.check}
}
