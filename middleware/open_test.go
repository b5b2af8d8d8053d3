package middleware_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
)

// TestFileOpen checks that Open returns exactly the bytes that were verified: for every kind of
// body, in memory and on disk, as often as asked for, but not after the handler's end.
func TestFileOpen(t *testing.T) {
	small, large := goodPNG(t), bigPNG(t, 2<<20)
	form, formType := formBody(t,
		field{"token", "", []byte("x")}, field{"a", "a.png", small}, field{"note", "", []byte("hello")}, field{"b", "b.png", large})
	object := []byte(`{"a":1,"image":"data:image/png;base64,` + base64.StdEncoding.EncodeToString(large) + `"}`)
	for _, tt := range []struct {
		name, contentType string
		body              []byte
		want              [][]byte
		threshold         int64
	}{
		{"form", formType, form, [][]byte{small, large}, 0},
		{"form on disk", formType, form, [][]byte{small, large}, 1 << 20},
		{"raw", "image/png", small, [][]byte{small}, 0},
		{"raw on disk", "image/png", large, [][]byte{large}, 1 << 20},
		{"JSON", "application/json", object, [][]byte{large}, 0},
		{"JSON on disk", "application/json", object, [][]byte{large}, 1 << 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var kept middleware.File
			var reader io.ReadSeekCloser
			m := newMiddleware(t, middleware.Options{JSONField: "image", MemoryThreshold: tt.threshold})
			h := m.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				files := middleware.Files(r.Context())
				require.Len(t, files, len(tt.want))
				var group sync.WaitGroup
				for i, f := range files {
					require.EqualValues(t, len(tt.want[i]), f.Size)
					require.Equal(t, f.Size, f.Result.Size)
					for range 3 {
						group.Go(func() {
							b, err := f.Open()
							if err != nil {
								t.Error(err)
								return
							}
							got, err := io.ReadAll(b)
							if err != nil || string(got) != string(tt.want[i]) {
								t.Errorf("%d of %d bytes, %v", len(got), len(tt.want[i]), err)
							}
							if n, err := b.Seek(-4, io.SeekEnd); err != nil || n != f.Size-4 {
								t.Errorf("Seek: %d, %v", n, err)
							}
							if end, err := io.ReadAll(b); err != nil || string(end) != string(got[len(got)-4:]) {
								t.Errorf("behind Seek: %q, %v", end, err)
							}
							if b.Close() != nil {
								t.Error("Close")
							}
							if _, err := b.Read(make([]byte, 1)); err == nil {
								t.Error("reads behind Close")
							}
						})
					}
				}
				group.Wait()
				kept = files[0]
				var err error
				reader, err = kept.Open()
				require.NoError(t, err)
			}))
			h.ServeHTTP(httptest.NewRecorder(), post(tt.body, tt.contentType))
			require.NotNil(t, reader, "the handler ran")
			_, err := reader.Read(make([]byte, 1))
			require.ErrorIs(t, err, http.ErrBodyReadAfterClose)
			_, err = reader.Seek(0, io.SeekStart)
			require.ErrorIs(t, err, http.ErrBodyReadAfterClose)
			_, err = kept.Open()
			require.ErrorIs(t, err, http.ErrBodyReadAfterClose)
			stats := m.Stats()
			require.Zero(t, stats.Memory, "everything is given back")
			require.Zero(t, stats.TempBytes)
			require.Zero(t, stats.Clients)
		})
	}
	_, err := middleware.File{}.Open()
	require.Error(t, err)
}

// TestFileOpenWithoutMemory: the picture of a JSON body must be decoded once more, and there may
// be no memory for that.
func TestFileOpenWithoutMemory(t *testing.T) {
	data := bigPNG(t, 2<<20)
	body := []byte(`{"image":"` + base64.StdEncoding.EncodeToString(data) + `"}`)
	opts := middleware.Options{JSONField: "image", MaxVerifications: 1, MemoryThreshold: 1 << 20}
	opts.Validate.MaxBytes = 3 << 20
	opts.MaxMemory = 3<<20 + 1<<20 + 1<<19 // one verification, and less than the picture
	called := false
	newMiddleware(t, opts).Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		called = true
		_, err := middleware.Files(r.Context())[0].Open()
		require.ErrorIs(t, err, middleware.ErrUnavailable)
	})).ServeHTTP(httptest.NewRecorder(), post(body, "application/json"))
	require.True(t, called)
}
