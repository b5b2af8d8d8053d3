//go:build gcs

package store

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGenerations: a read of GCS says the generation and no ETag, so an object that was written
// again is known by its generation.
func TestGenerations(t *testing.T) {
	generation := 17
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Goog-Generation", fmt.Sprint(generation))
		if strings.Contains(r.URL.Path, "/b/uploads/o/") && r.URL.Query().Get("alt") != "media" {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"bucket":"uploads","name":"a.png","generation":"%d","etag":"e","size":"1"}`, generation)
			return
		}
		fmt.Fprint(w, "a")
	}))
	defer server.Close()
	t.Setenv("STORAGE_EMULATOR_HOST", strings.TrimPrefix(server.URL, "http://"))
	b, err := Open(t.Context(), "gs://uploads?anonymous=true", false)
	require.NoError(t, err)
	defer b.Close()

	r, err := b.NewReader(t.Context(), "a.png", nil)
	require.NoError(t, err)
	id, err := Identify(t.Context(), b, "a.png", r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.Equal(t, Identity{Version: "17"}, id)
	is := func() bool {
		attrs, err := b.Attributes(t.Context(), "a.png")
		require.NoError(t, err)
		return id.Is(attrs)
	}
	require.True(t, is())
	generation++
	require.False(t, is())
}
