package imgvetcaddy

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

const (
	waitFor = time.Minute
	tick    = 5 * time.Millisecond
)

func parse(t *testing.T, block string) (*Handler, error) {
	t.Helper()
	h := new(Handler)
	err := h.UnmarshalCaddyfile(caddyfile.NewTestDispenser(block))
	return h, err
}

// TestDocumented reads the Caddyfile of the package's documentation: it has every subdirective,
// and each says what it says in JSON.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	block := regexp.MustCompile(`(?s)//\t\timgvet /upload\* (\{.*?\n//\t\t\})`).FindStringSubmatch(string(text))
	require.NotNil(t, block)
	h, err := parse(t, "imgvet "+strings.ReplaceAll(block[1], "//\t", ""))
	require.NoError(t, err)

	want := Handler{
		Tolerance: validate.Strict, Formats: []detect.Format{detect.PNG, detect.JPEG}, MaxSize: 10 << 20, MaxPixels: 50_000_000, MaxWork: 40_000_000,
		MinWidth: 64, MinHeight: 64, MaxWidth: 8000, MaxHeight: 8000, MinAspect: 0.5, MaxAspect: 2, MaxFrames: 1, Face: true,
		Fields: []string{"photo", "avatar"}, OtherFiles: true, Optional: true, RefuseTypeMismatch: true, JSONField: "image",
		DecodeContent: true, ProblemJSON: true, NoRewrite: true,
		MaxRequestSize: 32 << 20, MaxMemory: 512 << 20, MaxTempSize: 2 << 30, MaxClientSize: 1 << 30, TempDir: "/var/tmp",
		MaxVerifications: 4, MaxWait: caddy.Duration(10 * time.Second), IdleTimeout: caddy.Duration(20 * time.Second),
		MinRate: 1 << 10, ReceiveTimeout: caddy.Duration(10 * time.Minute),
	}
	require.Equal(t, want, *h)
	b, err := json.Marshal(h)
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(b, &fields))
	require.Len(t, fields, 31, "every setting is in the documentation")
	var again Handler
	require.NoError(t, json.Unmarshal(b, &again))
	require.Equal(t, want, again)
	empty, err := json.Marshal(Handler{})
	require.NoError(t, err)
	require.JSONEq(t, "{}", string(empty))
}

// TestFaults: a fault of the Caddyfile is told with its place.
func TestFaults(t *testing.T) {
	for block, want := range map[string]string{
		"imgvet now":                        "wrong argument count",
		"imgvet {\nstricter\n}":             "imgvet has no subdirective stricter, at Testfile:2",
		"imgvet {\nstrict yes\n}":           "wrong argument count or unexpected line ending after 'yes', at Testfile:2",
		"imgvet {\nstrict\nlenient\n}":      "lenient: the same is set above, at Testfile:3",
		"imgvet {\nface\nface\n}":           "face: the same is set above",
		"imgvet {\nformats\n}":              "wrong argument count",
		"imgvet {\nformats gif\n}":          `formats: "gif" is none of png, jpeg, heic, bmp and webp, at Testfile:2`,
		"imgvet {\nfields\n}":               "wrong argument count",
		"imgvet {\nmax_size big\n}":         `"big" is no size such as 10MiB, at Testfile:2`,
		"imgvet {\nmax_size 0\n}":           "is no size",
		"imgvet {\nmax_size 99999999TiB\n}": "is no size",
		"imgvet {\nmax_size 1 MiB\n}":       "wrong argument count",
		"imgvet {\nmin_width -1\n}":         "is no whole number above 0",
		"imgvet {\nmax_pixels 1e6\n}":       "is no whole number above 0",
		"imgvet {\nmax_wait soon\n}":        "is no time such as 10s",
		"imgvet {\nmax_aspect wide\n}":      "is no ratio such as 16:9",
		"imgvet {\nmax_aspect 1:0\n}":       "is no ratio such as 16:9",
		"imgvet {\nrewrite maybe\n}":        "is neither on nor off",
	} {
		_, err := parse(t, block)
		require.ErrorContains(t, err, want, block)
	}
}

// TestNumbers: budgets may be past 2 GiB, and pixels past 2 billion, where an int has 32 bits too.
func TestNumbers(t *testing.T) {
	h, err := parse(t, "imgvet {\nmax_pixels 3000000000\nmax_work 9000000000\nmax_memory 3GiB\nmin_aspect 3:4\nformats JPG\n}")
	require.NoError(t, err)
	require.Equal(t, Handler{
		MaxPixels: 3_000_000_000, MaxWork: 9_000_000_000, MaxMemory: 3 << 30, MinAspect: 0.75, Formats: []detect.Format{detect.JPEG},
	}, *h)
	for _, line := range []string{"max_pixels 9999999999999999999", "max_aspect 0", "max_aspect -1", "max_aspect inf:1", "max_aspect nan", "max_aspect -1:-1"} {
		_, err := parse(t, "imgvet {\n"+line+"\n}")
		require.ErrorContains(t, err, "is no", line)
	}
	_, ok := number[int]("4294967297")
	require.Equal(t, strconv.IntSize == 64, ok)
}

// TestProvision: what is wrong with the settings together is told before Caddy takes them, and
// leaves nothing behind.
func TestProvision(t *testing.T) {
	for text, wants := range map[string][]string{
		`{"max_size": -1, "max_wait": -1}`:                {"MaxBytes", "MaxWait"},
		`{"temp_dir": "/nowhere/at/all"}`:                 {"TempDir"},
		`{"other_files": true}`:                           {"OtherFiles is set without Fields"},
		`{"formats": ["gif"]}`:                            {"gif"},
		`{"max_size": 1048576, "max_request_size": 1000}`: {"MaxRequestBytes is 1000, less than one file"},
	} {
		config := `{"admin": {"disabled": true}, "apps": {"http": {"servers": {"a": {"routes": [{"handle": [{"handler": "imgvet", ` + text[1:] + `]}]}}}}}`
		err := caddy.Validate(parseConfig(t, config))
		for _, want := range wants {
			require.ErrorContains(t, err, want)
		}
	}
	for _, text := range []string{`{"max_sise": 1}`, `{"tolerance": "sloppy"}`} {
		config := `{"admin": {"disabled": true}, "apps": {"http": {"servers": {"a": {"routes": [{"handle": [{"handler": "imgvet", ` + text[1:] + `]}]}}}}}`
		require.Error(t, caddy.Validate(parseConfig(t, config)), text)
	}
	pool.Range(func(key, _ any) bool {
		t.Errorf("%v is still in use", key)
		return true
	})
}

func parseConfig(t *testing.T, text string) *caddy.Config {
	config := new(caddy.Config)
	require.NoError(t, json.Unmarshal([]byte(text), config))
	return config
}

// TestClient: the client is Caddy's client IP, and for IPv6 its /64.
func TestClient(t *testing.T) {
	for ip, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2:3::4": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "@": "@",
	} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r = r.WithContext(context.WithValue(r.Context(), caddyhttp.VarsCtxKey, map[string]any{caddyhttp.ClientIPVarKey: ip}))
		require.Equal(t, want, client(r))
	}
}

// TestFace: a picture without a face is refused where one is asked for.
func TestFace(t *testing.T) {
	s := start(t, "imgvet {\nface\nformats png jpg\n}\nreverse_proxy APP")
	resp, got := s.upload("/", picture(t, filepath.Join("png", "pngsuite-basn2c08.png")))
	require.Equal(t, `{"error":{"code":4,"message":"face not found"}}`, got)
	require.GreaterOrEqual(t, resp.StatusCode, 400)
}
