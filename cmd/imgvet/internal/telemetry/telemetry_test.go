package telemetry

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
)

// TestPrometheus: what is counted. That names, labels and buckets are those of
// observe/prometheus is tested in cmd/imgvet/otlp, which has both.
func TestPrometheus(t *testing.T) {
	png, err := os.ReadFile("../../../../testdata/good/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	e, err := Prometheus(t.Context(), nil)
	require.NoError(t, err)
	opts := middleware.Options{Logger: slog.New(slog.DiscardHandler), MaxVerifications: 3}
	e.Use(&opts)
	m, err := middleware.New(opts)
	require.NoError(t, err)
	e.Watch(m)
	scrape := func() string {
		w := httptest.NewRecorder()
		e.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		return w.Body.String()
	}
	during := ""
	for body, kind := range map[string]string{string(png): "image/png", string(png[:100]): "image/png", "text": "text/plain"} {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader([]byte(body)))
		r.Header.Set("Content-Type", kind)
		m.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { during = scrape() })).ServeHTTP(httptest.NewRecorder(), r)
	}
	require.Contains(t, during, "imgvet_clients 1\n")
	got := scrape()
	for _, line := range []string{
		`imgvet_files_total{outcome="passed",format="png",code="",reason="",status=""} 1`,
		`imgvet_files_total{outcome="refused",format="png",code="5",reason="truncated",status="422"} 1`,
		`imgvet_files_total{outcome="refused",format="",code="6",reason="empty",status="400"} 1`,
		`imgvet_file_bytes_count{outcome="refused"} 1`,
		`imgvet_wait_seconds_count 2`,
		`imgvet_verifications_limit 3`, `imgvet_clients 0`, `imgvet_verifications_waiting 0`,
		"# TYPE imgvet_file_bytes histogram", "# TYPE imgvet_files_total counter", "# TYPE imgvet_memory_bytes gauge",
	} {
		require.Contains(t, got, line+"\n")
	}
	require.True(t, strings.Contains(got, "\ngo_goroutines ") && strings.Contains(got, "\nprocess_resident_memory_bytes "), "of the process too")
}
