package middleware_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

func TestOptionsProblems(t *testing.T) {
	require.NoError(t, middleware.Options{}.Problems())
	m, err := middleware.New(middleware.Options{
		Validate:         validate.Options{MaxBytes: -1, MaxPixels: -1},
		Fields:           []string{"a", "", "a", "token"},
		JSONField:        "token",
		MaxRequestBytes:  -1,
		MemoryThreshold:  -1,
		MaxMemory:        -1,
		MaxTempBytes:     -1,
		MaxVerifications: -1,
		MaxWait:          -1,
		IdleTimeout:      -1,
		MinRate:          -1,
		MaxDrainBytes:    -1,
		MaxDrainTime:     -1,
		RetryAfter:       -1,
		TempDir:          "/nonexistent/directory",
		Status:           func(validate.Code) int { return 200 },
	})
	require.Nil(t, m)
	for _, name := range []string{
		"MaxBytes", "MaxPixels", "Fields[1]", "Fields[2]", "Fields[3]", "JSONField", "MaxRequestBytes", "MemoryThreshold",
		"MaxMemory", "MaxTempBytes", "MaxVerifications", "MaxWait", "IdleTimeout", "MinRate", "MaxDrainBytes", "MaxDrainTime",
		"RetryAfter", "TempDir", "Status",
	} {
		require.ErrorContains(t, err, name)
	}
	for name, opts := range map[string]middleware.Options{
		"Fields":          {Fields: []string{}},
		"MaxRequestBytes": {MaxRequestBytes: 1000},
		"MaxMemory":       {MaxMemory: 1000},
	} {
		require.ErrorContains(t, opts.Problems(), name)
	}
}

// TestDefaults checks that zero means what the fields' comments say.
func TestDefaults(t *testing.T) {
	zero := middleware.Defaults(middleware.Options{})
	require.Equal(t, int64(10<<20), zero.Validate.MaxBytes)
	require.Equal(t, int64(32<<20), zero.MaxRequestBytes)
	require.Equal(t, int64(32<<20), zero.MemoryThreshold)
	tight := middleware.Options{MaxVerifications: 1, MaxMemory: 12 << 20}
	require.Equal(t, int64(1<<20), middleware.Defaults(tight).MemoryThreshold)
	require.NoError(t, tight.Problems())
	require.Equal(t, int64(128<<20)+int64(zero.MaxVerifications)*10<<20, zero.MaxMemory)
	require.Equal(t, int64(2<<30), zero.MaxTempBytes)
	require.Positive(t, zero.MaxVerifications)
	require.Equal(t, 10*time.Second, zero.MaxWait)
	require.Equal(t, 20*time.Second, zero.IdleTimeout)
	require.Equal(t, int64(1024), zero.MinRate)
	require.Equal(t, int64(64<<20), zero.MaxDrainBytes)
	require.Equal(t, 2*time.Second, zero.MaxDrainTime)
	require.Equal(t, 2*time.Second, zero.RetryAfter)
	large := middleware.Defaults(middleware.Options{Validate: validate.Options{MaxBytes: 100 << 20}})
	require.Equal(t, int64(200<<20), large.MaxRequestBytes)
}

func TestOptionsAreCopied(t *testing.T) {
	fields := []string{"f"}
	m := newMiddleware(t, middleware.Options{Fields: fields})
	fields[0] = "changed"
	body, contentType := formBody(t, field{name: "f", file: "f.png", data: goodPNG(t)})
	called := false
	m.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true })).ServeHTTP(nil, post(body, contentType))
	require.True(t, called)
}
