package prometheus

import (
	"net/http"
	"strconv"

	client "github.com/prometheus/client_golang/prometheus"

	"github.com/imgvet/imgvet/middleware"
)

// Collector holds the metrics of every Middleware whose Options.Observe is its Observe method.
// It is a prometheus.Collector, and safe for concurrent use.
//
//   - imgvet_files_total{outcome,format,code,reason,status} counts files, and
//     requests that ended before their first file. code, reason and status are
//     those of the answer where outcome is "refused" or "failed", else empty.
//   - imgvet_file_bytes{outcome} is a histogram of the bytes received of each file.
//   - imgvet_verify_seconds{format} is a histogram of the time spent in verification,
//     of the files that got that far.
//   - imgvet_check_seconds{outcome} is a histogram of the time from the headers to the
//     end of the check, once a file, the client's upload included.
type Collector struct {
	files  *client.CounterVec
	bytes  *client.HistogramVec
	verify *client.HistogramVec
	check  *client.HistogramVec
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
		code, status = strconv.Itoa(f.Code()), strconv.Itoa(f.Status)
		if f.Verdict != nil {
			reason = string(f.Verdict.Reason)
			if format == "" {
				format = string(f.Verdict.Format)
			}
		}
	}
	c.files.WithLabelValues(outcome, format, code, reason, status).Inc()
	c.bytes.WithLabelValues(outcome).Observe(float64(o.Size))
	c.check.WithLabelValues(outcome).Observe(o.Duration.Seconds())
	if o.Verify > 0 {
		c.verify.WithLabelValues(format).Observe(o.Verify.Seconds())
	}
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *client.Desc) {
	for _, m := range c.all() {
		m.Describe(ch)
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(ch chan<- client.Metric) {
	for _, m := range c.all() {
		m.Collect(ch)
	}
}

func (c *Collector) all() []client.Collector {
	return []client.Collector{c.files, c.bytes, c.verify, c.check}
}
