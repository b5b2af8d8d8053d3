package middleware_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// twelveMegapixels returns a JPEG of some 4 MB.
func twelveMegapixels(t testing.TB) []byte { return photoLike(t, 4000, 3000, 90) }

// BenchmarkRequest measures what a request costs beside the verification of its file: "bare" is
// the handler alone, "bytes" validate.Bytes alone, "open" and "formfile" the middleware before a
// handler that reads the file with File.Open and with r.FormFile. All four run in turns. "share"
// is what open takes besides the verification, and formfile besides that and the bare handler, as
// a part of the verification's time. All times are processor time.
func BenchmarkRequest(b *testing.B) {
	large, small := twelveMegapixels(b), goodFile(b, "png/magick-palette8-trns.png")
	form := func(file []byte) ([]byte, string) {
		return formBody(b, field{"token", "", []byte("secret")}, field{"image_bytes", "photo", file})
	}
	largeForm, formType := form(large)
	smallForm, _ := form(small)
	for _, c := range []struct {
		name, contentType string
		body, file        []byte
	}{
		{"form of 4MB", formType, largeForm, large},
		{"raw 4MB", "image/jpeg", large, large},
		{"form of 1KB", formType, smallForm, small},
	} {
		b.Run(c.name, func(b *testing.B) { benchmarkRequest(b, c.body, c.contentType, c.file) })
	}
}

func benchmarkRequest(b *testing.B, body []byte, contentType string, file []byte) {
	m := newMiddleware(b, middleware.Options{Authorize: func(*http.Request, string) error { return nil }})
	bare := bareHandler(contentType)
	open := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		f, err := middleware.Files(r.Context())[0].Open()
		if err == nil {
			_, err = io.Copy(io.Discard, f)
		}
		if err != nil {
			b.Error(err)
		}
	})
	serve := func(h http.Handler) func() {
		return func() {
			r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
			r.Header.Set("Content-Type", contentType)
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
	}
	runs := []struct {
		name string
		f    func()
	}{
		{"bare", serve(bare)},
		{"bytes", func() {
			if _, err := validate.Bytes(b.Context(), file, validate.Options{}); err != nil {
				b.Error(err)
			}
		}},
		{"open", serve(m.Wrap(open))},
		{"formfile", serve(m.Wrap(bare))},
	}
	n := max(1, 2<<20/len(body)) // a turn takes milliseconds, so that the clock's grain is small
	spent := map[string]float64{}
	for b.Loop() {
		for _, run := range runs {
			start := cputime.Used()
			for range n {
				run.f()
			}
			spent[run.name] += float64(cputime.Used() - start)
		}
	}
	for name := range spent {
		spent[name] /= float64(b.N * n)
		b.ReportMetric(spent[name], name+"-ns")
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric((spent["open"]-spent["bytes"])/spent["bytes"], "open-share")
	b.ReportMetric((spent["formfile"]-spent["bytes"]-spent["bare"])/spent["bytes"], "formfile-share")
	for _, run := range runs {
		allocs, allocated := allocations(run.f)
		b.ReportMetric(allocs, run.name+"-allocs")
		b.ReportMetric(allocated, run.name+"-B")
	}
}

// bareHandler reads a file as handlers do: by FormFile, or the whole body.
func bareHandler(contentType string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		if contentType == formType {
			file, _, formErr := r.FormFile("image_bytes")
			if err = formErr; err == nil {
				_, err = io.Copy(io.Discard, file)
			}
		} else {
			_, err = io.ReadAll(r.Body)
		}
		if err != nil {
			w.WriteHeader(http.StatusTeapot)
		}
	})
}

// allocations returns how often and how many bytes a call of f allocates, once its pools are
// full.
func allocations(f func()) (times, allocated float64) {
	const calls = 50
	f()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range calls {
		f()
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / calls, float64(after.TotalAlloc-before.TotalAlloc) / calls
}
