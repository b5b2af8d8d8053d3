package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metricspb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/root"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/telemetry"
	"github.com/imgvet/imgvet/middleware"
)

const good = "../../../testdata/good/png/pngsuite-basn2c08.png"

// TestSameMetrics: the command that every build has and this one export the same metrics, with
// the same labels and buckets.
func TestSameMetrics(t *testing.T) {
	t.Setenv("OTEL_SDK_DISABLED", "true")
	png, err := os.ReadFile(good)
	require.NoError(t, err)
	scrape := func(open telemetry.Open) []string {
		e, err := open(t.Context(), slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		opts := middleware.Options{Logger: slog.New(slog.DiscardHandler)}
		e.Use(&opts)
		m, err := middleware.New(opts)
		require.NoError(t, err)
		e.Watch(m)
		for _, body := range []string{string(png), string(png[:99]), "text", ""} {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
			r.Header.Set("Content-Type", "image/png")
			m.Wrap(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), r)
		}
		w := httptest.NewRecorder()
		e.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		label := regexp.MustCompile(`(\w+)="((?:[^"\\]|\\.)*)"`)
		var series []string
		for line := range strings.Lines(w.Body.String()) {
			if !strings.HasPrefix(line, "imgvet_") && !strings.HasPrefix(line, "# TYPE imgvet_") {
				continue
			}
			name := line[:strings.LastIndexByte(line, ' ')]
			if strings.HasPrefix(line, "#") {
				series = append(series, strings.TrimSpace(line))
				continue
			}
			base, _, _ := strings.Cut(name, "{")
			var labels []string
			for _, l := range label.FindAllStringSubmatch(name, -1) {
				if value := 0.0; l[1] == "le" { // 0.001 and 1e-03 are one number
					if _, err := fmt.Sscan(l[2], &value); err == nil {
						l[2] = fmt.Sprint(value)
					}
				}
				labels = append(labels, l[1]+"="+l[2])
			}
			slices.Sort(labels)
			series = append(series, base+"{"+strings.Join(labels, ",")+"}")
		}
		slices.Sort(series)
		return series
	}
	own, full := scrape(telemetry.Prometheus), scrape(export)
	require.Greater(t, len(own), 100)
	require.Equal(t, full, own)
}

// collector takes what is sent by OTLP over HTTP.
type collector struct {
	*httptest.Server
	mu    sync.Mutex
	spans map[string]string // name of each span to its parent's
	names []string          // of metrics
	about []string          // service.name
}

func newCollector(t *testing.T) *collector {
	c := &collector{spans: map[string]string{}}
	mux := http.NewServeMux()
	handle := func(path string, take func([]byte)) {
		mux.HandleFunc("POST "+path, func(_ http.ResponseWriter, r *http.Request) {
			body := io.Reader(r.Body)
			if r.Header.Get("Content-Encoding") == "gzip" {
				body, _ = gzip.NewReader(r.Body)
			}
			b, _ := io.ReadAll(body)
			c.mu.Lock()
			defer c.mu.Unlock()
			take(b)
		})
	}
	handle("/v1/traces", func(b []byte) {
		var req tracepb.ExportTraceServiceRequest
		require.NoError(t, proto.Unmarshal(b, &req))
		ids := map[string]string{}
		for _, rs := range req.GetResourceSpans() {
			for _, a := range rs.GetResource().GetAttributes() {
				if a.GetKey() == "service.name" {
					c.about = append(c.about, a.GetValue().GetStringValue())
				}
			}
			for _, ss := range rs.GetScopeSpans() {
				for _, s := range ss.GetSpans() {
					ids[string(s.GetSpanId())] = s.GetName()
				}
			}
		}
		for _, rs := range req.GetResourceSpans() {
			for _, ss := range rs.GetScopeSpans() {
				for _, s := range ss.GetSpans() {
					c.spans[s.GetName()] = ids[string(s.GetParentSpanId())]
				}
			}
		}
	})
	handle("/v1/metrics", func(b []byte) {
		var req metricspb.ExportMetricsServiceRequest
		require.NoError(t, proto.Unmarshal(b, &req))
		for _, rm := range req.GetResourceMetrics() {
			for _, sm := range rm.GetScopeMetrics() {
				for _, m := range sm.GetMetrics() {
					c.names = append(c.names, m.GetName())
				}
			}
		}
	})
	c.Server = httptest.NewServer(mux)
	t.Cleanup(c.Close)
	return c
}

// TestOTLP runs "imgvet proxy" with the standard variables: the spans of an upload and the metrics
// arrive by OTLP, and the service gets the request's span as its parent.
func TestOTLP(t *testing.T) {
	c := newCollector(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
	t.Setenv("OTEL_SERVICE_NAME", "uploads")
	parent := ""
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parent = r.Header.Get("Traceparent")
		w.WriteHeader(http.StatusCreated)
	}))
	defer service.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stdout, stdoutWriter := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- root.Run(ctx, export, []string{"proxy", "--upstream", service.URL, "--addr", "127.0.0.1:0"}, nil, stdoutWriter, io.Discard)
	}()
	var address string
	_, err := fmt.Fscanf(stdout, "imgvet: listening on %s for "+service.URL+"\n", &address)
	require.NoError(t, err)
	png, err := os.ReadFile(good)
	require.NoError(t, err)
	req, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(png))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "image/png")
	const client = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	req.Header.Set("Traceparent", client)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	res.Body.Close()
	require.Equal(t, http.StatusCreated, res.StatusCode)
	require.Len(t, parent, len(client))
	require.NotContains(t, parent, "0af7651916cd43dd8448eb211c80319c", "a client that nobody trusts does not name the trace")

	cancel()
	select {
	case code := <-ended:
		require.Zero(t, code)
	case <-time.After(time.Minute):
		t.Fatal("still serving")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	require.Contains(t, c.about, "uploads")
	require.Contains(t, c.names, "imgvet_files_total")
	require.Contains(t, c.names, "imgvet_verifications_limit")
	request := c.spans["imgvet check"]
	require.NotEmpty(t, request)
	require.Contains(t, c.spans, request)
	for _, step := range []string{"receive", "wait", "verify"} {
		require.Equal(t, "imgvet check", c.spans["imgvet "+step])
	}
}
