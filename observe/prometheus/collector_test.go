package prometheus_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	client "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/observe/prometheus"
)

// TestCollector sends one request of each kind through the middleware.
func TestCollector(t *testing.T) {
	png := readPNG(t)
	metrics := prometheus.New()
	registry := client.NewPedanticRegistry()
	require.NoError(t, registry.Register(metrics))
	mw, err := middleware.New(middleware.Options{Observe: metrics.Observe, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	metrics.Watch(mw)
	handler := mw.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))

	form := func(files ...[]byte) []byte {
		var b bytes.Buffer
		for _, f := range files {
			b.WriteString("--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"client's word\"\r\n\r\n")
			b.Write(f)
			b.WriteString("\r\n")
		}
		b.WriteString("--x--\r\n")
		return b.Bytes()
	}
	for _, r := range []struct {
		contentType, coding string
		body                []byte
	}{
		{"image/png", "", png},
		{"image/png", "", png},
		{"image/png", "", png[:len(png)-8]},
		{"image/png", "", []byte("client's bytes")},
		{"image/png", "br", png},
		{"multipart/form-data; boundary=x", "", form(png, png[:len(png)-8], png)},
		{"text/plain", "", png},
	} {
		req := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(r.body))
		req.Header.Set("Content-Type", r.contentType)
		if r.coding != "" {
			req.Header.Set("Content-Encoding", r.coding)
		}
		handler.ServeHTTP(httptest.NewRecorder(), req)
	}

	const want = `# HELP imgvet_files_total Files by what became of them.
# TYPE imgvet_files_total counter
imgvet_files_total{code="",format="",outcome="unjudged",reason="",status=""} 1
imgvet_files_total{code="",format="png",outcome="passed",reason="",status=""} 3
imgvet_files_total{code="-1",format="",outcome="failed",reason="unsupported_content_encoding",status="415"} 1
imgvet_files_total{code="5",format="",outcome="refused",reason="unknown_format",status="422"} 1
imgvet_files_total{code="5",format="png",outcome="refused",reason="truncated",status="422"} 2
imgvet_files_total{code="6",format="",outcome="refused",reason="empty",status="400"} 1
`
	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(want), "imgvet_files_total"))

	families, err := registry.Gather()
	require.NoError(t, err)
	seen := map[string]uint64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			seen[f.GetName()] += m.GetHistogram().GetSampleCount()
			for _, l := range m.GetLabel() {
				require.NotContains(t, l.GetValue(), "client", "no label is made of what a client sent")
			}
		}
	}
	require.EqualValues(t, 7, seen["imgvet_file_bytes"], "not of requests that had no file")
	require.EqualValues(t, 7, seen["imgvet_check_seconds"])
	require.EqualValues(t, 5, seen["imgvet_verify_seconds"], "what came to verification")
	require.EqualValues(t, 5, seen["imgvet_wait_seconds"])
	problems, err := testutil.GatherAndLint(registry)
	require.NoError(t, err)
	require.Empty(t, problems)
}

// TestGauges: they say what is in use while it is, and are there only for what is watched.
func TestGauges(t *testing.T) {
	metrics := prometheus.New()
	registry := client.NewPedanticRegistry()
	require.NoError(t, registry.Register(metrics))
	gauge := func(name string) float64 {
		families, err := registry.Gather()
		require.NoError(t, err)
		for _, f := range families {
			if f.GetName() == name {
				return f.GetMetric()[0].GetGauge().GetValue()
			}
		}
		return -1
	}
	require.EqualValues(t, -1, gauge("imgvet_temp_limit_bytes"))

	opts := middleware.Options{MaxTempBytes: 64 << 20, MaxVerifications: 3, Logger: slog.New(slog.DiscardHandler)}
	for range 2 {
		mw, err := middleware.New(opts)
		require.NoError(t, err)
		metrics.Watch(mw)
		mw.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			require.Positive(t, gauge("imgvet_memory_bytes"))
			require.EqualValues(t, 1, gauge("imgvet_clients"))
		})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(readPNG(t))))
	}
	require.EqualValues(t, 128<<20, gauge("imgvet_temp_limit_bytes"), "they add up")
	require.EqualValues(t, 6, gauge("imgvet_verifications_limit"))
	require.Zero(t, gauge("imgvet_memory_bytes"))
	require.Zero(t, gauge("imgvet_verifications_waiting"))
}

func readPNG(t *testing.T) []byte {
	png, err := os.ReadFile("../../testdata/good/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	return png
}
